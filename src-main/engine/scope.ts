import * as tf from '@tensorflow/tfjs';

/** `tf.tidy` around work that gives back plain values, no tensor. */
export function inScope<T>(work: () => T): T {
  tf.engine().startScope();
  try {
    return work();
  } finally {
    tf.engine().endScope();
  }
}
