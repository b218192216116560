import { type ResolvedNode, sizeOf } from '../../../src-shared/model/resolved';
import { isFullyConnected } from '../layers/linear';
import type { LayerStorage, RecordSource, StoredPart, TracedLayer } from '../records';
import { CompletedInputs } from './completed-inputs';
import type { Wholes } from './encode-low-rank';
import { rebuildGradient } from './rebuild';
import { copyOf, decode } from './storage';
import { wholeGradients } from './whole-gradients';

/** Steps that errors of a recorded run are measured on, spread over it. */
export const sampledSteps = 24;

/** Numbers of a part of a step. */
export type StepPart = Pick<StoredPart, 'shape' | 'data' | 'encoded'>;

/** What some step holds of a layer. */
export interface StepParts {
  readonly parts: ReadonlyMap<string, StepPart>;
  /** Examples of the batch. */
  readonly batch: number;
}

/** A layer's parts of some steps, evenly spread over the run, in memory of their own; X whole. */
export async function* sampledParts(
  { name }: TracedLayer,
  { parts }: LayerStorage,
  source: RecordSource,
  most: number,
): AsyncGenerator<StepParts> {
  const { count } = source.steps;
  const sizes = Array.from(source.allExamples(), ({ examples }) => examples.length);
  const wanted = Math.min(most, count);
  const completed = new CompletedInputs(source, [name]);
  for (let i = 0; i < wanted; i++) {
    const from = Math.floor((i * count) / wanted);
    const step = new Map<string, StepPart>();
    const query = { layers: [name], parts: parts.map(({ part }) => part), from, to: from + 1 };
    for await (const batch of completed.scan(query)) {
      for (const { part, shape, encoded: read } of batch) {
        const size = sizeOf(shape);
        const encoded = copyOf(read);
        step.set(part, { shape, encoded, data: decode(encoded, size) });
      }
    }
    yield { parts: step, batch: sizes[from] as number };
  }
}

/** The gradient, or the update, that a step's parts tell of, and the ghosts' part; null where of none. */
export function wholesOf(
  layer: TracedLayer,
  node: ResolvedNode,
  { parts, batch }: StepParts,
): Wholes<Float32Array> | null {
  const update = parts.get('update');
  if (update) return { gradient: update.data, ghost: null };
  const [x, d] = [parts.get('inputs'), parts.get('deltas')];
  const isPlain = isFullyConnected(node) || parts.has('gradient');
  if (!x || !d || isPlain) return wholeGradients(layer, parts, batch);
  return { gradient: rebuildGradient(node, x, d), ghost: null };
}
