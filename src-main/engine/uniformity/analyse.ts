import {
  type ArchitectureAnalysis,
  type LayerSpecificity,
  withoutUpdates,
} from '../../../src-shared/architecture/architecture';
import { DeltascopeError, throwIfCancelled, told } from '../../../src-shared/errors';
import type {
  ExplanationUnit,
  LayerExplanation,
} from '../../../src-shared/explanation/explanation';
import { storesUpdates } from '../../../src-shared/recipe/optimizer-spec';
import { explain } from '../explanation/explain';
import { type ExplainableRun, isUnrecorded } from '../explanation/explainable-run';
import type { TracedLayer } from '../records';
import { findingsOf } from './findings';
import { sampleByPrediction } from './sample';
import { shareEntropy } from './share-entropy';
import { SpecificityTally } from './specificity-tally';
import { asking, countsOf, type Streaming, type UnitSource, unitsOf } from './units';
import { verdict } from './verdict';

export interface AnalysisOptions {
  readonly split: 'train' | 'test';
  /** What the final network says of the split. */
  readonly predicted: Int32Array;
  /** How many examples to draw and ask about, or which. */
  readonly examples: number | readonly number[];
  /** Of the draw and of the permutations. */
  readonly seed: number;
  readonly permutations?: number;
  /** Is given every example at every layer, a few at a time. */
  readonly onExplained?: (examples: readonly AnalysedExample[]) => void;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: AnalysisProgress) => void;
}

/** Where an analysis stands. Steps are counted once for each layer and pass. */
export interface AnalysisProgress {
  readonly stepsRead: number;
  readonly steps: number;
  /** The layer that is being read. */
  readonly layer: string;
  /**
   * At the beginning, and when a layer is done: the layers that are. Their bands are NaN and nothing is
   * flagged until all are done, as chance is judged over all of them.
   */
  readonly sofar?: ArchitectureAnalysis;
}

/** What is found of one example at one layer. */
export interface AnalysedExample {
  /** Class that the network predicts. */
  readonly predicted: number;
  readonly explained: LayerExplanation;
  /** Null where the run has no specificity. */
  readonly specificity: number | null;
  /** γ of each training example that took part; null where steps are compared. */
  readonly influences: Float64Array | null;
}

/** Permutations of the units' classes behind the null band. */
export const usualPermutations = 499;
/** Memory for the questions of one pass over a layer's trace, bytes. */
const passBytes = 2 ** 30;
/** Bytes that a unit and an example take at a layer while they are explained and ranked. */
const bytesPerProduct = 96;

/**
 * How class-specific each layer's updates are (design: section 2.4), over a sample of examples. Layers
 * are read one after the other, each in as few passes as memory allows, so that the first ones can be
 * shown while the others are still being read.
 *
 * @throws `request-invalid` where there is nothing to ask about, `cancelled`; what reading a layer
 * throws, with the layer's name
 */
export async function analyseArchitecture(
  run: ExplainableRun,
  options: AnalysisOptions,
): Promise<ArchitectureAnalysis> {
  const { source, network } = run;
  const { classes } = network.model;
  const units = unitsOf(run);
  const examples = sampled(run, options);
  const tally = typeof units === 'string' ? null : tallyOf(run, units, options);
  const counts = {
    examples: countsOf(
      Int32Array.from(examples, (index) => options.predicted[index] as number),
      classes,
    ),
    units: typeof units === 'string' ? new Int32Array(classes) : units.counts,
  };
  const entropies: number[] = [];
  const describe = (): ArchitectureAnalysis => {
    const found = tally && findingsOf(tally, entropies.length, classes, counts);
    const output = network.model.nodes.at(-1)?.spec.name;
    const unavailable = typeof units === 'string' ? units : null;
    const recorded = source.layers.map(({ name }) => name);
    const at = entropies.length;
    const whole = at === recorded.length;
    const { maps } = network.model;
    return {
      ...{ run: run.name, split: options.split, examples, seed: options.seed },
      ...{ unit: unitOf(run), over: typeof units === 'string' ? null : units.over },
      ...{ null: found?.null ?? null, unavailable, steps: source.steps.count },
      layers: maps
        // Up to the layer that is read next, so that all stand in the network's order.
        .slice(0, whole ? undefined : maps.findIndex(({ name }) => name === recorded[at]))
        .map((map): LayerSpecificity => {
          const { name, kind } = map;
          if (map.frozen) return withoutUpdates(map, 'frozen');
          if (isUnrecorded(map, run)) return withoutUpdates(map, 'unrecorded');
          const place = recorded.indexOf(name);
          const finding = found?.layers[place];
          const shared = entropies[place] as number;
          const said = finding && whole ? verdict(finding, name !== output) : unsaid(unavailable);
          return {
            ...{ name, kind, whole: finding?.whole ?? null, classes: finding?.classes ?? [] },
            ...{ shareEntropy: Number.isNaN(shared) ? null : shared, ...said },
          };
        }),
    };
  };
  const ways = source.layers.map((layer) => {
    const size = examplesAPass(layer, sum(counts.units) || source.steps.count);
    return { layer, size, passes: Math.ceil(examples.length / size) };
  });
  const steps = sum(ways.map(({ passes }) => passes)) * source.steps.count;
  let before = 0;
  for (const [at, { layer, size, passes }] of ways.entries()) {
    const tell = (stepsRead: number, sofar?: ArchitectureAnalysis): void =>
      options.onProgress?.({ stepsRead, steps, layer: layer.name, ...(sofar ? { sofar } : {}) });
    if (at === 0) tell(0, describe());
    const evenness: number[] = [];
    for (let pass = 0; pass < passes; pass++) {
      const chunk = examples.slice(pass * size, (pass + 1) * size);
      const streaming = {
        ...(options.signal ? { signal: options.signal } : {}),
        onProgress: (read: number) => tell(before + read),
      };
      const asked = { units, tally, at, layer: layer.name, chunk };
      const found = await askedOf(run, asked, options, streaming).catch((error: unknown) => {
        throw told(`Layer ${layer.name} could not be read.`, error);
      });
      options.onExplained?.(found);
      evenness.push(
        ...found.map(({ explained }) => shareEntropy(explained.classes.map(({ share }) => share))),
      );
      before += source.steps.count;
    }
    entropies.push(meanOf(evenness));
    if (at < ways.length - 1) tell(before, describe());
  }
  return describe();
}

/** Which predicted classes can be asked about: those that have units, or all without specificity. */
export function eligibleClasses(run: ExplainableRun): (label: number) => boolean {
  const units = unitsOf(run);
  return (label) => typeof units === 'string' || (units.counts[label] ?? 0) > 0;
}

function sampled(
  run: ExplainableRun,
  { examples, predicted, seed }: AnalysisOptions,
): readonly number[] {
  const drawn =
    typeof examples === 'number'
      ? sampleByPrediction(predicted, examples, seed, eligibleClasses(run))
      : examples;
  if (drawn.length > 0) return drawn;
  throw new DeltascopeError(
    'request-invalid',
    'engine',
    predicted.length === 0
      ? 'The run has no examples to ask about.'
      : 'The network predicts only classes that had no step yet, so there is nothing to compare; record more steps.',
  );
}

function tallyOf(
  { source, network }: ExplainableRun,
  { units }: UnitSource,
  { seed, signal, permutations = usualPermutations }: AnalysisOptions,
): SpecificityTally {
  return new SpecificityTally(units, {
    ...{ layers: source.layers.length, classes: network.model.classes, permutations, seed },
    breathe: async () => {
      throwIfCancelled(signal, 'engine');
      await new Promise<void>((resolve) => setImmediate(resolve));
    },
  });
}

/** Some of the examples at a layer. */
interface Asked {
  readonly units: UnitSource | string;
  readonly tally: SpecificityTally | null;
  readonly at: number;
  readonly layer: string;
  readonly chunk: readonly number[];
}

/** One pass over what the trace has of a layer; a run without specificity has its shares all the same. */
async function askedOf(
  run: ExplainableRun,
  { units, tally, at, layer, chunk }: Asked,
  { split, predicted }: AnalysisOptions,
  streaming: Streaming,
): Promise<AnalysedExample[]> {
  const references = chunk.map((index) => ({ split, index }));
  const said = chunk.map((index) => predicted[index] as number);
  if (typeof units === 'string' || !tally) {
    const explanations = await explain(run, {
      ...asking(layer, references, streaming),
      ...{ unit: unitOf(run), exampleSplit: null },
    });
    return explanations.map(({ layers }, k) => ({
      ...{ predicted: said[k] as number, explained: layers[0] as LayerExplanation },
      ...{ specificity: null, influences: null },
    }));
  }
  const met = await units.ask(layer, references, streaming);
  const specificity = await tally.take(
    at,
    met.map(({ meeting }, k) => ({ predicted: said[k] as number, meeting })),
  );
  return met.map(({ explained, meeting }, k) => ({
    ...{ predicted: said[k] as number, explained, specificity: specificity[k] as number },
    influences: units.over === 'examples' ? meeting.values : null,
  }));
}

function unitOf({ optimizer }: ExplainableRun): ExplanationUnit {
  return storesUpdates(optimizer) ? 'update' : 'credit';
}

/**
 * How many examples one pass over a layer can take: their queries and products have to fit into memory.
 * Queries are as large as the weights where they are formed, which for dense layers they are not.
 */
function examplesAPass({ kind, rows, columns }: TracedLayer, units: number): number {
  const weights = kind === 'Conv2D' ? rows * columns : rows + columns;
  return Math.max(1, Math.floor(passBytes / (8 * weights + bytesPerProduct * units)));
}

/** Of a layer whose specificity can't be judged, or not yet. */
function unsaid(unavailable: string | null): Pick<LayerSpecificity, 'flag' | 'reason'> {
  const reason =
    unavailable ?? 'It is judged once all layers are read: chance is that of all of them.';
  return { flag: null, reason };
}

/** NaN where no value is a number. */
function meanOf(values: readonly number[]): number {
  const finite = values.filter(Number.isFinite);
  return sum(finite) / finite.length;
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
