import { throwIfCancelled } from '../../../src-shared/errors';
import type { LayerSpec } from '../../../src-shared/model/layer-spec';
import { resolveModel } from '../../../src-shared/model/shapes';
import type { RecipeInput } from '../../../src-shared/recipe/recipe';
import { completeRecipe } from '../../../src-shared/recipe/schema';
import type { Examples } from '../examples';
import type { ExplainableRun } from '../explanation/explainable-run';
import { MemoryTrace } from '../memory-trace';
import { Network } from '../network';
import { seededSampler } from '../sampler';
import { Trainer } from '../step';
import { train } from '../training';

/** A split of small data whose classes are at hand. */
export type LabelledExamples = Examples & { readonly labels: Int32Array };

/** Data that fits into memory with all that a training leaves behind. */
export interface SmallData {
  readonly train: LabelledExamples;
  readonly test: LabelledExamples;
  readonly classes: number;
}

/** A training whose trace is in memory. The caller disposes the network. */
export interface SmallRun extends ExplainableRun {
  readonly source: MemoryTrace;
}

/** Trains on small data and keeps the trace in memory. */
export async function smallRun(
  data: SmallData,
  layers: readonly LayerSpec[],
  more: Partial<RecipeInput>,
  signal: AbortSignal,
): Promise<SmallRun> {
  const recipe = completeRecipe({ ...more, data: 'small', model: { layers } });
  const network = new Network(resolveModel(layers, data.train.shape, data.classes), recipe.seed);
  const source = new MemoryTrace(network.model.traced, network.parameters.export());
  await train({
    ...{ trainer: new Trainer(network, recipe), sink: source, committedSteps: 0, signal },
    sampler: seededSampler(recipe, data.train.labels),
    examples: data.train,
    paused: () => false,
    admission: async () => undefined,
    onStep: () => undefined,
  });
  const { optimizer, perExample } = recipe;
  return { name: 'small', source, network, optimizer, splits: data, perExample };
}

/** The examples of `indices` as a split of their own, with other classes where they are given. */
export function subset(
  examples: LabelledExamples,
  indices: ArrayLike<number>,
  labels?: Int32Array,
): LabelledExamples {
  const own = Int32Array.from(indices);
  return {
    count: own.length,
    shape: examples.shape,
    labels: labels ?? own.map((index) => examples.labels[index] as number),
    gather: (asked, into) =>
      examples.gather(
        Int32Array.from(asked, (i) => own[i] as number),
        into,
      ),
  };
}

/** Lets messages in, such as the one that cancels. */
export async function breathe(signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
  throwIfCancelled(signal, 'engine');
}
