import * as tf from '@tensorflow/tfjs';
import { type PoolingShape, poolingGradient } from '../pooling-gradient';
import { type Layer, rowwise } from './layer';

/** Largest or mean value of each window. */
export function pooling(kind: 'max' | 'average', shape: PoolingShape): Layer {
  const { poolSize, strides, padding } = shape;
  return rowwise({
    forward: ([x]) =>
      kind === 'max'
        ? tf.maxPool(x as tf.Tensor4D, [...poolSize], [...strides], padding)
        : tf.avgPool(x as tf.Tensor4D, [...poolSize], [...strides], padding),
    backward: (gradient, [x], output) => ({
      inputs: [
        poolingGradient(
          kind,
          gradient as tf.Tensor4D,
          x as tf.Tensor4D,
          output as tf.Tensor4D,
          shape,
        ),
      ],
    }),
  });
}

/** Mean over height and width: [n, h, w, c] → [n, c]. */
export function globalAveragePooling(): Layer {
  return rowwise({
    forward: ([x]) => tf.mean(x as tf.Tensor, [1, 2]),
    backward: (gradient, [x]) => {
      const [n = 1, height = 1, width = 1, channels = 1] = (x as tf.Tensor).shape;
      const share = tf.reshape(tf.div(gradient, height * width), [n, 1, 1, channels]);
      return { inputs: [tf.tile(share, [1, height, width, 1])] };
    },
  });
}

/** Mean over the tokens: [n, tokens, features] → [n, features]. */
export function globalAveragePooling1D(): Layer {
  return rowwise({
    forward: ([x]) => tf.mean(x as tf.Tensor, 1),
    backward: (gradient, [x]) => {
      const tokens = (x as tf.Tensor).shape[1] as number;
      return { inputs: [tf.tile(tf.expandDims(tf.div(gradient, tokens), 1), [1, tokens, 1])] };
    },
  });
}
