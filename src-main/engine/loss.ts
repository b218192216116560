import * as tf from '@tensorflow/tfjs';
import { oneHot } from './operations';

/** Loss of a batch and where its gradient begins. */
export interface LossResult {
  /** Mean softmax cross-entropy over the batch (scalar). */
  readonly loss: tf.Scalar;
  /** Share of rows whose largest logit is their class (scalar). */
  readonly accuracy: tf.Scalar;
  /** ∂loss/∂logits = (softmax − one-hot) / n, [n, classes]. */
  readonly gradient: tf.Tensor2D;
}

/** Mean softmax cross-entropy of logits [n, classes] against classes [n]. */
export function softmaxCrossEntropy(logits: tf.Tensor2D, labels: Int32Array): LossResult {
  const [rows, classes] = logits.shape;
  const indices = tf.tensor1d(labels, 'int32');
  const target = oneHot(indices, classes);
  const logProbabilities = tf.logSoftmax(logits, -1) as tf.Tensor2D;
  const loss = tf.neg(tf.div(tf.sum(tf.mul(target, logProbabilities)), rows)) as tf.Scalar;
  const gradient = tf.div(tf.sub(tf.exp(logProbabilities), target), rows) as tf.Tensor2D;
  const hits = tf.cast(tf.equal(tf.argMax(logits, -1), indices), 'float32');
  return { loss, gradient, accuracy: tf.mean(hits) as tf.Scalar };
}
