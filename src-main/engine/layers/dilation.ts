import * as tf from '@tensorflow/tfjs';

/**
 * A kernel [h, w, in, out] whose taps lie `rate` apart as the larger kernel that it is, zeros between
 * them: no engine has the gradients of a dilated convolution.
 */
export function spread(kernel: tf.Tensor4D, rate: number): tf.Tensor4D {
  if (rate === 1) return kernel;
  const [height, width, inputs, outputs] = kernel.shape;
  const gap = rate - 1;
  const wide = tf.pad(tf.reshape(kernel, [height * width, 1, inputs * outputs]), [
    [0, 0],
    [0, gap],
    [0, 0],
  ]);
  const tall = tf.pad(tf.reshape(wide, [height, 1, width * rate * inputs * outputs]), [
    [0, 0],
    [0, gap],
    [0, 0],
  ]);
  const all = tf.reshape(tall, [height * rate, width * rate, inputs, outputs]);
  return tf.slice(
    all,
    [0, 0, 0, 0],
    [height * rate - gap, width * rate - gap, inputs, outputs],
  ) as tf.Tensor4D;
}

/** The taps of a spread kernel. */
export function gathered(kernel: tf.Tensor4D, rate: number): tf.Tensor4D {
  if (rate === 1) return kernel;
  return tf.stridedSlice(kernel, [0, 0, 0, 0], kernel.shape, [rate, rate, 1, 1]) as tf.Tensor4D;
}
