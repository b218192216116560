import type * as tf from '@tensorflow/tfjs';
import { throwIfCancelled } from '../../src-shared/errors';
import { batchTensor, type Examples } from './examples';
import type { Network } from './network';

/** What the final network says of a range of examples. */
export interface Predictions {
  /** Most probable class, one an example. */
  readonly predicted: Int32Array;
  /** Its probability. */
  readonly confidence: Float32Array;
}

const inferenceBatch = 256;

/** Predicts the first `count` examples in inference mode, letting other work in between batches. */
export async function predict(
  network: Network,
  examples: Examples,
  count: number,
  signal?: AbortSignal,
): Promise<Predictions> {
  const predicted = new Int32Array(count);
  const confidence = new Float32Array(count);
  for (let from = 0; from < count; from += inferenceBatch) {
    throwIfCancelled(signal, 'engine');
    const size = Math.min(inferenceBatch, count - from);
    const indices = Int32Array.from({ length: size }, (_, i) => from + i);
    const rows = probabilitiesOf(network, batchTensor(examples, indices));
    for (const [i, probabilities] of rows.entries()) {
      const best = probabilities.indexOf(Math.max(...probabilities));
      predicted[from + i] = best;
      confidence[from + i] = probabilities[best] as number;
    }
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  return { predicted, confidence };
}

/** Softmax of the logits, one row an example; disposes `batch`. */
function probabilitiesOf(network: Network, batch: tf.Tensor): Float64Array[] {
  const logits = network.infer(batch);
  const values = logits.dataSync<'float32'>();
  const [rows, classes] = logits.shape;
  logits.dispose();
  batch.dispose();
  return Array.from({ length: rows }, (_, row) =>
    softmax(values.subarray(row * classes, (row + 1) * classes)),
  );
}

/** exp(x − max) / Σ, in double precision. */
export function softmax(logits: ArrayLike<number>): Float64Array {
  const values = Float64Array.from(logits);
  const largest = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const e = Math.exp((values[i] as number) - largest);
    values[i] = e;
    sum += e;
  }
  return values.map((e) => e / sum);
}
