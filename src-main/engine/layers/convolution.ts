import * as tf from '@tensorflow/tfjs';
import { type ConvolutionShape, inputGradient, kernelGradient } from '../operations';
import { convolveTiled, correlateTiled, isTiled } from '../tiled-convolution';
import { gathered, spread } from './dilation';
import type { GroupedMathematics, LinearMathematics } from './linear';

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
  const tiled =
    groups === 1 && rate === 1 && isTiled(kernelShape, geometry) ? byTiles(padding) : null;
  return {
    kernelShape,
    columns: filters,
    useBias,
    ...(tiled ? { together: tiled } : {}),
    apply: (x, kernel) =>
      tiled?.apply([x], kernel)?.[0] ??
      byGroup(groups, [x, kernel], (own, filter) =>
        tf.conv2d(own as Tensor4D, spread(filter as Tensor4D, rate), [...strides], padding),
      ),
    kernelGradient: (x, delta) =>
      tiled?.kernelGradient([x], [delta], false)?.[0] ??
      byGroup(groups, [x, delta], (own, d) => {
        const shape = [(height - 1) * rate + 1, (width - 1) * rate + 1, ...groupShape.slice(2)];
        const found = kernelGradient(own as Tensor4D, d as Tensor4D, shape, geometry);
        return gathered(found, rate);
      }),
    inputGradient: (delta, kernel, x) =>
      tiled?.inputGradient([delta], kernel, [x])?.[0] ??
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

/** The convolution of 3 × 3 by tiles. */
function byTiles(padding: ConvolutionShape['padding']): GroupedMathematics {
  const around = padding === 'same' ? 1 : 0;
  return {
    apply(xs, kernel, bias) {
      const maps = convolveTiled(xs, kernel, around, false);
      return maps && bias ? maps.map((map) => tf.add(map, bias)) : maps;
    },
    kernelGradient: (xs, deltas, wantsLast) => correlateTiled(xs, deltas, around, wantsLast),
    // The kernel turned by 180° over the gradients: of 3 × 3, as much more around them as there was less.
    inputGradient: (deltas, kernel) => convolveTiled(deltas, kernel, 2 - around, true),
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
