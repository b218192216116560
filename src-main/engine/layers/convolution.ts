import * as tf from '@tensorflow/tfjs';
import { type ConvolutionShape, inputGradient, kernelGradient } from '../operations';
import { gathered, spread } from './dilation';
import type { LinearMathematics } from './linear';

/** How a convolution's window moves, and which channels it sees. */
export interface ConvolutionGeometry extends ConvolutionShape {
  readonly dilationRate: number;
  readonly groups: number;
}

type Tensor4D = tf.Tensor4D;

/**
 * z = x ∗ W with x [n, height, width, in] and W [h, w, in / groups, out] (Keras' layout); the filters
 * of a group see its channels alone. The kernel's gradient is Pᵀ D, P the patches of x.
 */
export function convolution(
  kernelShape: readonly [number, number, number, number],
  geometry: ConvolutionGeometry,
  useBias: boolean,
): LinearMathematics {
  const { dilationRate: rate, groups, strides, padding } = geometry;
  const [height, width, channels, filters] = kernelShape;
  const groupShape = [height, width, channels, filters / groups] as const;
  return {
    kernelShape,
    columns: filters,
    useBias,
    apply: (x, kernel) =>
      byGroup(groups, [x, kernel], (own, filter) =>
        tf.conv2d(own as Tensor4D, spread(filter as Tensor4D, rate), [...strides], padding),
      ),
    kernelGradient: (x, delta) =>
      byGroup(groups, [x, delta], (own, d) => {
        const shape = [(height - 1) * rate + 1, (width - 1) * rate + 1, ...groupShape.slice(2)];
        const found = kernelGradient(own as Tensor4D, d as Tensor4D, shape, geometry);
        return gathered(found, rate);
      }),
    inputGradient: (delta, kernel, x) =>
      byGroup(groups, [delta, kernel], (d, filter) =>
        inputGradient(
          d as Tensor4D,
          spread(filter as Tensor4D, rate),
          [...x.shape.slice(0, 3), channels],
          geometry,
        ),
      ),
  };
}

/** Does `work` on the channels of each group, which lie side by side in the last axis. */
function byGroup(
  groups: number,
  [a, b]: readonly [tf.Tensor, tf.Tensor],
  work: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
): tf.Tensor {
  if (groups === 1) return work(a, b);
  const [first, second] = [tf.split(a, groups, -1), tf.split(b, groups, -1)];
  return tf.concat(
    first.map((own, group) => work(own, second[group] as tf.Tensor)),
    -1,
  );
}
