import type { LayerExplanation } from '../../src-shared/explanation/explanation';
import { allowedBins } from '../../src-shared/privacy/rules';
import type { Participants } from '../engine/explanation/participants';
import type { AnalysedExample } from '../engine/uniformity/analyse';

/** Who took part in the training. */
export interface TrainingSide {
  readonly participants: Participants;
  /** Class of each step; −1 where it mixes classes. */
  readonly stepLabels: Int32Array;
}

/** What is kept of one explained example in one layer until it goes into a mean. */
export interface ExampleParts {
  readonly initialization: number;
  readonly ghost: number;
  /** Share of each class. */
  readonly shares: Float64Array;
  /** Share reached after each epoch. */
  readonly reached: Float64Array;
  /** Specificity to the predicted class; NaN where the run has none. */
  readonly specificity: number;
  readonly residual: number;
  /** Pairs with a step, one a bin: steps of the predicted class (or all), and others. */
  readonly own: Int32Array;
  readonly other: Int32Array;
}

/** One layer and the examples predicted as one class. */
export interface InfluenceCell {
  readonly predicted: number;
  readonly examples: ExampleParts[];
  /** Σ over the examples of γ_t / ‖z‖², one a step. */
  readonly steps: Float64Array;
  /** The same by training example, one a participant, where their parts are known; else null. */
  readonly trained: Float64Array | null;
  /** Bit b of a step: some example has its cos in bin b. */
  readonly binsOfStep: Uint32Array;
  /** Bins of its histograms; 0: there is none. */
  readonly bins: number;
}

export interface InfluenceLayer {
  readonly name: string;
  readonly errorBound: number;
  readonly cells: ReadonlyMap<number, InfluenceCell>;
}

/**
 * Takes in examples a few at a time and keeps what the aggregates need, by layer and predicted
 * class. What it holds of single examples never leaves it but in means and counts.
 */
export class InfluenceTally {
  readonly #layers = new Map<string, { errorBound: number; cells: Map<number, InfluenceCell> }>();

  /** @param asked examples that will be explained, by predicted class */
  constructor(
    readonly training: TrainingSide,
    readonly asked: ReadonlyMap<number, number>,
  ) {}

  get layers(): InfluenceLayer[] {
    return [...this.#layers].map(([name, layer]) => ({ name, ...layer }));
  }

  take(examples: readonly AnalysedExample[]): void {
    for (const { explained, predicted, specificity, influences } of examples) {
      this.#add(explained, predicted, specificity ?? Number.NaN, influences);
    }
  }

  #add(
    layer: LayerExplanation,
    predicted: number,
    specificity: number,
    influences: Float64Array | null,
  ): void {
    const { name, errorBound, steps } = layer;
    const known = this.#layers.get(name) ?? { errorBound, cells: new Map() };
    this.#layers.set(name, known);
    const cell = known.cells.get(predicted) ?? this.#cell(predicted, influences?.length ?? null);
    known.cells.set(predicted, cell);
    const { own, other } = binned(steps, predicted, cell);
    const total = layer.total ?? layer.normSquared;
    for (let t = 0; t < cell.steps.length; t++) {
      const share = total === 0 ? 0 : (steps.gamma[t] as number) / total;
      cell.steps[t] = (cell.steps[t] as number) + share;
    }
    if (influences && cell.trained) addShares(cell.trained, influences, total);
    cell.examples.push({
      initialization: layer.initializationShare,
      ghost: layer.ghostShare,
      shares: Float64Array.from(layer.classes, ({ share }) => share),
      reached: Float64Array.from(layer.timeline, ({ reached }) => reached),
      specificity,
      residual: layer.residual,
      ...{ own, other },
    });
  }

  #cell(predicted: number, participants: number | null): InfluenceCell {
    const steps = this.training.stepLabels.length;
    const bins = allowedBins(this.asked.get(predicted) ?? 0);
    const binsOfStep = new Uint32Array(steps);
    return {
      ...{ predicted, examples: [], steps: new Float64Array(steps), binsOfStep, bins },
      trained: participants === null ? null : new Float64Array(participants),
    };
  }
}

/** Adds parts of a whole; nothing has no parts. */
function addShares(sums: Float64Array, parts: Float64Array, whole: number): void {
  if (whole === 0) return;
  for (let i = 0; i < sums.length; i++) {
    sums[i] = (sums[i] as number) + (parts[i] as number) / whole;
  }
}

/** Counts the pairs of an example with the steps, and marks the bins that each step falls into. */
function binned(
  { cos, label }: LayerExplanation['steps'],
  predicted: number,
  { bins, binsOfStep }: InfluenceCell,
): { own: Int32Array; other: Int32Array } {
  const own = new Int32Array(bins);
  const other = new Int32Array(bins);
  if (bins === 0) return { own, other };
  for (let t = 0; t < cos.length; t++) {
    const bin = Math.min(bins - 1, Math.max(0, Math.floor((((cos[t] as number) + 1) / 2) * bins)));
    const counts = label[t] === predicted || label[t] === -1 ? own : other;
    counts[bin] = (counts[bin] as number) + 1;
    binsOfStep[t] = (binsOfStep[t] as number) | (1 << bin);
  }
  return { own, other };
}

/** Training examples of each class that took part. */
export function trainedByClass({ labels, classes }: Participants): Int32Array {
  const counts = new Int32Array(classes);
  for (const label of labels) counts[label] = (counts[label] as number) + 1;
  return counts;
}

/**
 * What each training example put into the sum over the examples asked, by class: its own parts where
 * they are known, else a step's part spread evenly over its examples.
 */
export function trainedContributions(
  { labels, batches, classes }: Participants,
  { steps, trained }: Pick<InfluenceCell, 'steps' | 'trained'>,
): number[][] {
  const parts = trained ?? spreadEvenly(batches, steps, labels.length);
  const lists = Array.from({ length: classes }, () => [] as number[]);
  for (const [place, part] of parts.entries()) lists[labels[place] as number]?.push(part);
  return lists;
}

function spreadEvenly(
  batches: Participants['batches'],
  steps: Float64Array,
  count: number,
): Float64Array {
  const parts = new Float64Array(count);
  for (const [t, batch] of batches.entries()) {
    for (const place of batch) {
      parts[place] = (parts[place] as number) + (steps[t] as number) / batch.length;
    }
  }
  return parts;
}

/** Training examples behind each bin of a histogram: those of the steps that fall into it. */
export function trainedByBin(
  { participants, stepLabels }: TrainingSide,
  { binsOfStep, bins, predicted }: InfluenceCell,
  steps: 'own' | 'other',
): Uint32Array {
  const marks = new Uint32Array(participants.labels.length);
  for (const [t, label] of stepLabels.entries()) {
    if ((label === predicted || label === -1) !== (steps === 'own')) continue;
    for (const place of participants.batches[t] ?? []) {
      marks[place] = (marks[place] as number) | (binsOfStep[t] as number);
    }
  }
  return Uint32Array.from({ length: bins }, (_, bin) =>
    marks.reduce((n, m) => n + ((m >>> bin) & 1), 0),
  );
}
