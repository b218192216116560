import type {
  ArchitectureAnalysis,
  ClassSpecificity,
  LayerSpecificity,
  NullModel,
  Specificity,
} from '../../../src-shared/architecture/architecture';
import { DeltascopeError, throwIfCancelled } from '../../../src-shared/errors';
import type {
  ExampleReference,
  Explanation,
  ExplanationUnit,
} from '../../../src-shared/explanation/explanation';
import type { TracedKind } from '../../../src-shared/model/resolved';
import { storesUpdates } from '../../../src-shared/recipe/optimizer-spec';
import { type ExplainOptions, explain } from '../explanation/explain';
import { type ExplainableRun, isUnrecorded } from '../explanation/explainable-run';
import type { TracedLayer } from '../records';
import { type NullBand, nullBand } from './null-band';
import { sampleByPrediction } from './sample';
import { shareEntropy } from './share-entropy';
import { type Cells, SpecificityTally } from './specificity-tally';
import { unitsOf } from './units';
import { type Finding, verdict } from './verdict';

export interface AnalysisOptions {
  readonly split: 'train' | 'test';
  /** What the final network says of the split. */
  readonly predicted: Int32Array;
  /** How many examples to draw and ask about, or which. */
  readonly examples: number | readonly number[];
  /** Of the draw and of the permutations. */
  readonly seed: number;
  readonly permutations?: number;
  /** Is given every example of the pass, a few at a time. */
  readonly onExplained?: (examples: readonly AnalysedExample[]) => void;
  readonly signal?: AbortSignal;
  readonly onProgress?: (stepsRead: number, steps: number) => void;
}

/** What a pass finds of one example. Layers are the recorded ones, in their order. */
export interface AnalysedExample {
  readonly explanation: Explanation;
  /** Layer by layer; null where the run has no specificity. */
  readonly specificity: readonly number[] | null;
  /** γ of each training example that took part, layer by layer; null where steps are compared. */
  readonly influences: readonly Float64Array[] | null;
}

/** Permutations of the units' classes behind the band. */
export const usualPermutations = 499;
/** Share of the permutations that lie wholly inside the band. */
export const bandLevel = 0.95;
/** Memory for the questions of one pass over the trace, bytes. */
const passBytes = 2 ** 30;
/** Bytes that a unit, a layer and an example take while they are explained and ranked. */
const bytesPerProduct = 96;

/**
 * How class-specific each layer's updates are (design: section 2.4), over a sample of examples that
 * share as few passes over the trace as memory allows.
 *
 * @throws `request-invalid` where there is nothing to ask about, `cancelled`
 */
export async function analyseArchitecture(
  run: ExplainableRun,
  options: AnalysisOptions,
): Promise<ArchitectureAnalysis> {
  const { source, network } = run;
  const { classes } = network.model;
  const { split, seed, signal } = options;
  const units = unitsOf(run);
  const unavailable = typeof units === 'string' ? units : null;
  const counts = typeof units === 'string' ? null : units.counts;
  const examples =
    typeof options.examples === 'number'
      ? sampleByPrediction(options.predicted, options.examples, seed, eligibleClasses(run))
      : options.examples;
  if (examples.length === 0) {
    throw new DeltascopeError(
      'request-invalid',
      'engine',
      options.predicted.length === 0
        ? 'The run has no examples to ask about.'
        : 'The network predicts only classes that had no step yet, so there is nothing to compare; record more steps.',
    );
  }
  const tally =
    typeof units === 'string'
      ? null
      : new SpecificityTally(units.units, {
          layers: source.layers.length,
          classes,
          permutations: options.permutations ?? usualPermutations,
          seed,
          breathe: async () => {
            throwIfCancelled(signal, 'engine');
            await new Promise<void>((resolve) => setImmediate(resolve));
          },
        });
  const entropies = source.layers.map(() => [] as number[]);
  const size = examplesAPass(
    source.layers,
    counts?.reduce((a, b) => a + b, 0) ?? source.steps.count,
  );
  for (let from = 0; from < examples.length; from += size) {
    const references = examples.slice(from, from + size).map((index) => ({ split, index }));
    const streaming = {
      ...(signal ? { signal } : {}),
      onProgress: (read: number, count: number) => {
        const passes = Math.ceil(examples.length / size);
        options.onProgress?.((from / size) * count + read, passes * count);
      },
    };
    const { explanations, asked } =
      typeof units === 'string'
        ? { explanations: await sharesAlone(run, references, streaming), asked: [] }
        : await units.ask(references, streaming);
    for (const { layers } of explanations) {
      for (const [l, layer] of layers.entries()) {
        entropies[l]?.push(shareEntropy(layer.classes.map(({ share }) => share)));
      }
    }
    const specificity = await tally?.take(asked);
    const byExample = typeof units !== 'string' && units.over === 'examples';
    options.onExplained?.(
      explanations.map((explanation, k) => ({
        explanation,
        specificity: specificity?.[k] ?? null,
        influences: byExample ? (asked[k]?.layers.map(({ values }) => values) ?? null) : null,
      })),
    );
  }
  const found = tally && counts ? specificities(tally, classes, counts) : null;
  const output = network.model.nodes.at(-1)?.spec.name;
  return {
    run: run.name,
    split,
    examples,
    seed,
    unit: unitOf(run),
    over: typeof units === 'string' ? null : units.over,
    null: found?.null ?? null,
    unavailable,
    steps: source.steps.count,
    layers: network.model.maps.map((map): LayerSpecificity => {
      const { name, kind } = map;
      if (map.frozen) return withoutUpdates(map, 'frozen');
      if (isUnrecorded(map, run)) return withoutUpdates(map, 'unrecorded');
      const l = source.layers.findIndex((layer) => layer.name === name);
      const finding = found?.layers[l];
      return {
        ...{ name, kind },
        whole: finding?.whole ?? null,
        classes: finding?.classes ?? [],
        shareEntropy: meanOrNull(entropies[l] ?? []),
        ...(finding
          ? verdict(finding, name !== output)
          : { flag: null, reason: unavailable ?? '' }),
      };
    }),
  };
}

/** Which predicted classes can be asked about: those that have units, or all without specificity. */
export function eligibleClasses(run: ExplainableRun): (label: number) => boolean {
  const units = unitsOf(run);
  return (label) => typeof units === 'string' || (units.counts[label] ?? 0) > 0;
}

/** The explanations of a run without specificity: its shares have their entropy all the same. */
function sharesAlone(
  run: ExplainableRun,
  examples: readonly ExampleReference[],
  streaming: Pick<ExplainOptions, 'signal' | 'onProgress'>,
): Promise<Explanation[]> {
  return explain(run, {
    ...{ ...streaming, examples, target: { kind: 'representation' }, top: 1 },
    layers: run.source.layers.map(({ name }) => name),
    ...{ unit: unitOf(run), exampleSplit: null },
  });
}

function unitOf({ optimizer }: ExplainableRun): ExplanationUnit {
  return storesUpdates(optimizer) ? 'update' : 'credit';
}

/**
 * How many examples one pass can take: their queries and products have to fit into memory. Queries are
 * as large as the weights where they are formed, which for dense layers they are not.
 */
function examplesAPass(layers: readonly TracedLayer[], units: number): number {
  const weights = layers.reduce(
    (sum, { kind, rows, columns }) => sum + (kind === 'Conv2D' ? rows * columns : rows + columns),
    0,
  );
  const bytes = 8 * weights + bytesPerProduct * units * layers.length;
  return Math.max(1, Math.floor(passBytes / bytes));
}

function specificities(
  tally: SpecificityTally,
  classes: number,
  counts: Int32Array,
): { null: NullModel; layers: Finding[] } {
  const { examples } = tally;
  const present = Array.from(examples.keys()).filter((label) => (examples[label] as number) > 0);
  const layers = tally.alive.length;
  const width = present.length + 1;
  const band = nullBand(
    tally.permuted.map((cells) => withMeans(cells, layers, present, examples)),
    bandLevel,
  );
  const observed = withMeans(tally.observed, layers, present, examples);
  return {
    null: {
      permutations: tally.permuted.length,
      level: bandLevel,
      deviations: band.deviations,
    },
    layers: Array.from({ length: layers }, (_, l) => ({
      alive: tally.alive[l] === 1,
      whole: placed(observed, band, l * width + present.length),
      classes: present.map(
        (label, k): ClassSpecificity => ({
          ...placed(observed, band, l * width + k),
          label,
          examples: examples[label] as number,
          steps: counts[label] as number,
        }),
      ),
    })),
  };

  /** Means over the examples: a layer's present classes, then their mean. */
  function withMeans(
    cells: Cells,
    count: number,
    labels: readonly number[],
    sizes: Int32Array,
  ): Float64Array {
    const rows = Array.from({ length: count }, (_, l) => {
      const row = labels.map(
        (label) => (cells[l * classes + label] as number) / (sizes[label] as number),
      );
      return [...row, row.reduce((sum, value) => sum + value, 0) / row.length];
    });
    return Float64Array.from(rows.flat());
  }
}

function placed(observed: Float64Array, { centre, half }: NullBand, cell: number): Specificity {
  const [value, middle, reach] = [observed, centre, half].map((column) => column[cell] as number);
  const band = [(middle as number) - (reach as number), (middle as number) + (reach as number)];
  return {
    specificity: value as number,
    band: band as [number, number],
    inside: (value as number) >= (band[0] as number) && (value as number) <= (band[1] as number),
  };
}

const reasons = {
  frozen: 'It was not trained: its weights are those it started with, whatever the classes.',
  unrecorded: 'It was not recorded: the recipe traces other layers, so its updates are unknown.',
} as const;

function withoutUpdates(
  { name, kind }: { readonly name: string; readonly kind: TracedKind },
  flag: keyof typeof reasons,
): LayerSpecificity {
  const nothing = { whole: null, classes: [], shareEntropy: null };
  return { ...{ name, kind }, ...nothing, flag, reason: reasons[flag] };
}

function meanOrNull(values: readonly number[]): number | null {
  const finite = values.filter(Number.isFinite);
  return finite.length > 0 ? finite.reduce((sum, value) => sum + value, 0) / finite.length : null;
}
