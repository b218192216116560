import type { ArchitectureAnalysis } from '../../../src-shared/architecture/architecture';
import type { ExampleReference, Explanation } from '../../../src-shared/explanation/explanation';
import { storesUpdates } from '../../../src-shared/recipe/optimizer-spec';
import { type ExplainOptions, explain, explainByExample } from '../explanation/explain';
import type { ExplainableRun } from '../explanation/explainable-run';
import { Participants } from '../explanation/participants';
import type { AskedExample, Units } from './specificity-tally';

type Streaming = Pick<ExplainOptions, 'signal' | 'onProgress'>;

/** What the specificity of a run is over, and how examples are asked about it. */
export interface UnitSource {
  readonly over: NonNullable<ArchitectureAnalysis['over']>;
  readonly units: Units;
  /** Units of each class. */
  readonly counts: Int32Array;
  ask(
    examples: readonly ExampleReference[],
    streaming: Streaming,
  ): Promise<{
    readonly explanations: readonly Explanation[];
    readonly asked: readonly AskedExample[];
  }>;
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
    async ask(examples, streaming) {
      const explanations = await explain(run, {
        ...asking(run, examples, streaming),
        unit,
        exampleSplit: 'equal',
      });
      const asked = explanations.map(({ example, layers }) => ({
        predicted: example.predicted,
        layers: layers.map(({ steps }) => ({ values: steps.cos, weights: steps.norm })),
      }));
      return { explanations, asked };
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
    async ask(examples, streaming) {
      const answers = await explainByExample(run, asking(run, examples, streaming));
      const asked = answers.map(({ explanation: { example }, influences }) => ({
        predicted: example.predicted,
        layers: influences.map((values) => ({ values, weights: weightsOf(values, ones) })),
      }));
      return { explanations: answers.map(({ explanation }) => explanation), asked };
    },
  };
}

/** A layer that no example moves decides nothing. */
function weightsOf(values: Float64Array, ones: Float64Array): Float64Array {
  return values.some((value) => value !== 0) ? ones : new Float64Array(values.length);
}

/** Frozen layers are left out: nothing made them what they are. */
function asking(
  { source }: ExplainableRun,
  examples: readonly ExampleReference[],
  streaming: Streaming,
) {
  return {
    ...streaming,
    examples,
    layers: source.layers.map(({ name }) => name),
    target: { kind: 'representation' },
    top: 1,
  } as const;
}

function countsOf(labels: Int32Array, classes: number): Int32Array {
  const counts = new Int32Array(classes);
  for (const label of labels) if (label >= 0) counts[label] = (counts[label] as number) + 1;
  return counts;
}
