import type {
  ClassShare,
  ExampleInfluence,
  ExampleSplit,
  ExplanationUnit,
} from '../../../src-shared/explanation/explanation';
import { areUpdates, type StepCoefficients } from '../optimizer';
import type { StepTable } from '../records';
import { type Credit, updatesOf } from './credit';
import { isPlain, type LayerProducts } from './layer-query';
import { type Signal, shareOf } from './signal';

/** Which training examples took part, and their classes. */
export interface TrainingExamples {
  /** The batch of each step, ghosts left out. */
  readonly batches: readonly Int32Array[];
  readonly labels: ArrayLike<number>;
  readonly classes: number;
}

/** The parts of a signal: everything in an explanation but the norms. */
export interface Parts {
  readonly gamma: Float64Array;
  readonly initialization: number;
  readonly ghost: number;
  readonly classes: readonly ClassShare[];
  readonly exampleSplit: ExampleSplit;
  /** Every example that took part, of largest γ first. */
  readonly examples: readonly ExampleInfluence[];
}

export interface PartsRequest {
  readonly signal: Signal;
  readonly learned: boolean;
  readonly unit: ExplanationUnit;
  readonly coefficients: readonly StepCoefficients[];
  readonly credit: Credit;
  /** Exact only where rows of an update exist. */
  readonly split: ExampleSplit;
}

/**
 * Books every step's γ to initialization, ghosts, classes and examples so that with the residual
 * they add up to the whole.
 *
 * Rows of an update exist only where Δ_t = −η_t g_t. Under momentum or decay the unit `update`
 * therefore spreads a step's γ, ghosts left out, evenly over the examples of the step that applied
 * it; the unit `credit` books each row by its own gradient. Stored updates (Adam, SAM) belong to the
 * step that applied them, in both units.
 */
export function partsOf(
  products: LayerProducts,
  steps: Pick<StepTable, 'count' | 'label'>,
  examples: TrainingExamples,
  request: PartsRequest,
): Parts {
  const { signal, unit, coefficients, credit } = request;
  const credited = (values: Float64Array): Float64Array =>
    values.map((value, t) => -(credit.gradients[t] as number) * value);
  const [gamma, ghost] =
    unit === 'credit'
      ? [credited(products.gradient), credited(products.ghost)]
      : [
          updatesOf(products.gradient, signal.initial, coefficients),
          updatesOf(products.ghost, 0, coefficients),
        ];
  // One example a step: both splits give it everything.
  const alone = examples.batches.every((batch) => batch.length === 1);
  const rowsExist =
    (alone || products.rows.length > 0) &&
    !coefficients.some(areUpdates) &&
    (unit === 'credit' || coefficients.every(isPlain));
  const split: ExampleSplit = rowsExist ? (alone ? 'exact' : request.split) : 'equal';

  const influence = new Float64Array(examples.labels.length);
  const tookPart = new Uint8Array(examples.labels.length);
  const classSums = new Float64Array(examples.classes);
  const classSteps = new Int32Array(examples.classes);
  for (let t = 0; t < steps.count; t++) {
    const batch = examples.batches[t] as Int32Array;
    const rest = (gamma[t] as number) - (ghost[t] as number);
    const rows = split === 'exact' ? products.rows[t] : undefined;
    const factor = -(credit.gradients[t] as number);
    const present = new Set<number>();
    for (const [i, index] of batch.entries()) {
      const part = rows ? factor * (rows[i] as number) : rest / batch.length;
      const label = Number(examples.labels[index]);
      influence[index] = (influence[index] as number) + part;
      tookPart[index] = 1;
      present.add(label);
      if (steps.label[t] === -1) classSums[label] = (classSums[label] as number) + part;
    }
    const label = steps.label[t] as number;
    if (label >= 0) classSums[label] = (classSums[label] as number) + rest;
    for (const seen of present) classSteps[seen] = (classSteps[seen] as number) + 1;
  }

  const kept = unit === 'credit' ? credit.initialization : 1;
  return {
    gamma,
    initialization: (kept - (request.learned ? 1 : 0)) * signal.initial,
    ghost: ghost.reduce((sum, value) => sum + value, 0),
    classes: Array.from(classSums, (sum, label) => ({
      label,
      share: shareOf(sum, signal.total),
      steps: classSteps[label] as number,
    })),
    exampleSplit: split,
    examples: ranked(influence, tookPart, examples.labels),
  };
}

function ranked(
  influence: Float64Array,
  tookPart: Uint8Array,
  labels: ArrayLike<number>,
): ExampleInfluence[] {
  const list: ExampleInfluence[] = [];
  for (const [index, gamma] of influence.entries()) {
    if (tookPart[index]) list.push({ index, label: Number(labels[index]), gamma });
  }
  return list.sort((a, b) => b.gamma - a.gamma || a.index - b.index);
}
