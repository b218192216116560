import { throwIfCancelled } from '../../../src-shared/errors';
import type { LayerSpec } from '../../../src-shared/model/layer-spec';
import { resolveModel } from '../../../src-shared/model/shapes';
import type { RecipeInput } from '../../../src-shared/recipe/recipe';
import { completeRecipe } from '../../../src-shared/recipe/schema';
import { softmax } from '../evaluation';
import { disposeRows, type Examples, rowsOf } from '../examples';
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

/** A training whose trace is in memory; the caller disposes it. */
export interface SmallRun extends ExplainableRun {
  readonly source: MemoryTrace;
  /** Of the recipe. */
  readonly seed: number;
  /** Frees the network and what its optimizer remembers. */
  readonly dispose: () => void;
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
  const trainer = new Trainer(network, recipe);
  const source = new MemoryTrace(network.model.traced, network.parameters.export());
  await train({
    ...{ trainer, sink: source, committedSteps: 0, signal },
    sampler: seededSampler(recipe, data.train.labels),
    examples: data.train,
    paused: () => false,
    admission: async () => undefined,
    onStep: () => undefined,
  });
  const { optimizer, perExample, seed } = recipe;
  const dispose = (): void => trainer.dispose();
  return { name: 'small', source, network, optimizer, splits: data, perExample, seed, dispose };
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

/** Logits of the examples of `indices`, one row each. */
export function logitsOf(
  network: Network,
  examples: Examples,
  indices: ArrayLike<number>,
): Float32Array[] {
  const rows = rowsOf(examples, indices);
  const logits = network.infer(rows);
  const values = logits.dataSync<'float32'>();
  const [count, classes] = logits.shape;
  logits.dispose();
  disposeRows(rows);
  return Array.from({ length: count }, (_, i) => values.slice(i * classes, (i + 1) * classes));
}

/** The class of the largest logit but `label`. */
export function bestBut(logits: ArrayLike<number>, label: number): number {
  let best = label === 0 ? 1 : 0;
  for (let c = 0; c < logits.length; c++) {
    if (c !== label && (logits[c] as number) > (logits[best] as number)) best = c;
  }
  return best;
}

/** −ln p of the class, from its logits. */
export function lossOf(logits: ArrayLike<number>, label: number): number {
  return -Math.log(Math.max(softmax(logits)[label] as number, 1e-30));
}

export function allIndices({ count }: Examples): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => i);
}
