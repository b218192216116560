import type { ArchitectureAnalysis } from '../../../src-shared/architecture/architecture';
import type {
  ExampleReference,
  LayerExplanation,
} from '../../../src-shared/explanation/explanation';
import { storesUpdates } from '../../../src-shared/recipe/optimizer-spec';
import { type ExplainOptions, explain, explainByExample } from '../explanation/explain';
import type { ExplainableRun } from '../explanation/explainable-run';
import { Participants } from '../explanation/participants';
import type { Meeting, Units } from './specificity-tally';

export type Streaming = Pick<ExplainOptions, 'signal' | 'onProgress'>;

/** An example at a layer: what is said of it there, and how it meets the units. */
export interface LayerMeeting {
  readonly explained: LayerExplanation;
  readonly meeting: Meeting;
}

/** What the specificity of a run is over, and how examples are asked about it. */
export interface UnitSource {
  readonly over: NonNullable<ArchitectureAnalysis['over']>;
  readonly units: Units;
  /** Units of each class. */
  readonly counts: Int32Array;
  /** Reads a layer for examples, in one pass over what the trace has of it. */
  ask(
    layer: string,
    examples: readonly ExampleReference[],
    streaming: Streaming,
  ): Promise<readonly LayerMeeting[]>;
}

/**
 * The units of a run: its steps, where each is of one class; else its training examples, where their
 * parts were kept. (The parts that classes have in a step would be no units: they are the less noisy
 * the more examples of a class there are, and those of the same examples come back in every epoch, so
 * that exchanging them is not what chance would do.)
 *
 * @returns a sentence where there is no specificity
 */
export function unitsOf(run: ExplainableRun): UnitSource | string {
  const { steps } = run.source;
  const mixes = steps.label.some((label) => label < 0);
  if (mixes && storesUpdates(run.optimizer)) {
    return 'Steps of this run mix classes, and what Adam and SAM made of them has no parts; record in class batches or by SGD.';
  }
  if (mixes && !run.perExample) {
    return 'Steps of this run mix classes, and the parts of their examples were not kept.';
  }
  const found = mixes ? exampleUnits(run) : stepUnits(run);
  return found.counts.filter((count) => count > 0).length < 2
    ? 'All steps of this run are of one class, so that there is nothing to compare it with.'
    : found;
}

/** Every step, its classes exchanged within an epoch. */
function stepUnits(run: ExplainableRun): UnitSource {
  const { label, epoch } = run.source.steps;
  const unit = storesUpdates(run.optimizer) ? 'update' : 'credit';
  return {
    over: 'steps',
    units: { label, group: epoch },
    counts: countsOf(label, run.network.model.classes),
    async ask(layer, examples, streaming) {
      const explanations = await explain(run, {
        ...asking(layer, examples, streaming),
        unit,
        exampleSplit: 'equal',
      });
      return explanations.map(({ layers: [explained] }) => {
        const { steps } = explained as LayerExplanation;
        return {
          explained: explained as LayerExplanation,
          meeting: { values: steps.cos, weights: steps.norm },
        };
      });
    },
  };
}

/**
 * Every training example that took part, by its influence over all its steps: each has weight 1, and
 * classes are exchanged among all of them. An example keeps its class from epoch to epoch, and so it
 * does in a permutation.
 */
function exampleUnits(run: ExplainableRun): UnitSource {
  const batches = Array.from(run.source.allExamples(), ({ examples }) => examples);
  const { classes } = run.network.model;
  const { labels: label } = new Participants(batches, run.splits.train.labels, classes);
  const ones = new Float64Array(label.length).fill(1);
  return {
    over: 'examples',
    units: { label, group: new Int32Array(label.length) },
    counts: countsOf(label, classes),
    async ask(layer, examples, streaming) {
      const answers = await explainByExample(run, asking(layer, examples, streaming));
      return answers.map(({ explanation: { layers }, influences }) => {
        const values = influences[0] as Float64Array;
        return {
          explained: layers[0] as LayerExplanation,
          meeting: { values, weights: weightsOf(values, ones) },
        };
      });
    },
  };
}

/** A layer that no example moves decides nothing. */
function weightsOf(values: Float64Array, ones: Float64Array): Float64Array {
  return values.some((value) => value !== 0) ? ones : new Float64Array(values.length);
}

/** What is asked of the examples at a layer. */
export function asking(layer: string, examples: readonly ExampleReference[], streaming: Streaming) {
  const target = { kind: 'representation' } as const;
  return { ...streaming, examples, layers: [layer], target, top: 1 };
}

/** How often each class occurs; −1 is none. */
export function countsOf(labels: Int32Array, classes: number): Int32Array {
  const counts = new Int32Array(classes);
  for (const label of labels) if (label >= 0) counts[label] = (counts[label] as number) + 1;
  return counts;
}
