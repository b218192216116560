import { throwIfCancelled } from '../../src-shared/errors';
import { disposeRows, type ExampleRows, type Examples, inferenceBatches, rowsOf } from './examples';
import type { Network } from './network';

/** What the final network says of a range of examples. */
export interface Predictions {
  /** Most probable class, one an example. */
  readonly predicted: Int32Array;
  /** Its probability. */
  readonly confidence: Float32Array;
}

const inferenceBatch = 256;
/** Nodes or edges of a batch of graphs. */
const inferenceRows = 16_384;

/** Predicts the first `count` examples in inference mode, letting other work in between batches. */
export async function predict(
  network: Network,
  examples: Examples,
  count: number,
  signal?: AbortSignal,
): Promise<Predictions> {
  const predicted = new Int32Array(count);
  const confidence = new Float32Array(count);
  for (const indices of inferenceBatches(examples, count, inferenceBatch, inferenceRows)) {
    throwIfCancelled(signal, 'engine');
    const rows = probabilitiesOf(network, rowsOf(examples, indices));
    for (const [i, probabilities] of rows.entries()) {
      const index = indices[i] as number;
      const best = probabilities.indexOf(Math.max(...probabilities));
      predicted[index] = best;
      confidence[index] = probabilities[best] as number;
    }
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  return { predicted, confidence };
}

/** Softmax of the logits, one row an example; disposes `batch`. */
function probabilitiesOf(network: Network, batch: ExampleRows): Float64Array[] {
  const logits = network.infer(batch);
  const values = logits.dataSync<'float32'>();
  const [rows, classes] = logits.shape;
  logits.dispose();
  disposeRows(batch);
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
