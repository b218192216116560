import * as tf from '@tensorflow/tfjs';
import { patched } from './patched';

/** Loss of a batch and where its gradient begins. */
export interface LossResult {
  /** Mean softmax cross-entropy over the batch. */
  readonly loss: number;
  /** Share of rows whose largest logit is their class. */
  readonly accuracy: number;
  /** ∂loss/∂logits = (softmax − one-hot) / n, [n, classes]. */
  readonly gradient: tf.Tensor2D;
}

/**
 * Mean softmax cross-entropy of logits [n, classes] against classes [n], in double precision: the
 * logits are few, so a dozen tensor operations would cost more than bringing them out.
 */
export function softmaxCrossEntropy(logits: tf.Tensor2D, labels: Int32Array): LossResult {
  const rows = labels.length;
  const sums = new Float64Array(2);
  const gradient =
    patched([logits], (binding, ids) => binding.softmaxCrossEntropy(ids, labels, sums)) ??
    plainGradient(logits, labels, sums);
  const [loss, hits] = sums as unknown as [number, number];
  return { loss: loss / rows, accuracy: hits / rows, gradient: gradient as tf.Tensor2D };
}

/** The gradient; `sums` become the sum of the losses and the number of hits. */
function plainGradient(logits: tf.Tensor2D, labels: Int32Array, sums: Float64Array): tf.Tensor2D {
  const [rows, classes] = logits.shape;
  const values = logits.dataSync<'float32'>();
  const gradient = new Float32Array(values.length);
  let loss = 0;
  let hits = 0;
  for (let row = 0; row < rows; row++) {
    const from = row * classes;
    const label = labels[row] as number;
    let best = 0;
    for (let c = 1; c < classes; c++) {
      if ((values[from + c] as number) > (values[from + best] as number)) best = c;
    }
    const largest = values[from + best] as number;
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += Math.exp((values[from + c] as number) - largest);
    loss += largest + Math.log(sum) - (values[from + label] as number);
    hits += Number(best === label);
    for (let c = 0; c < classes; c++) {
      const probability = Math.exp((values[from + c] as number) - largest) / sum;
      gradient[from + c] = (probability - Number(c === label)) / rows;
    }
  }
  sums.set([loss, hits]);
  return tf.tensor2d(gradient, [rows, classes]);
}
