import type * as tf from '@tensorflow/tfjs';
import type { ConvolutionShape } from './operations';
import { patchedList } from './patched';

/** What the binding's tiles take: two vectors of the widest instruction set. */
const channelStep = 32;

/**
 * Whether a convolution of this kernel [h, w, in, out] is worked out by tiles (Winograd's F(2 × 2, 3 × 3); Lavin &
 * Gray, 2016), where the binding can: with 16 multiplications in place of 36, and reading W as it lies.
 */
export function isTiled(
  [height, width, channels, filters]: readonly [number, number, number, number],
  { strides }: ConvolutionShape,
): boolean {
  return (
    height === 3 &&
    width === 3 &&
    strides.every((stride) => stride === 1) &&
    channels % channelStep === 0 &&
    filters % channelStep === 0
  );
}

/**
 * x ∗ W of each group of maps [n, height, width, in]; null where the binding can't.
 *
 * @param padding zeros around a map
 * @param turned whether W leads back: turned by 180°, in and out exchanged
 */
export function convolveTiled(
  xs: readonly tf.Tensor[],
  kernel: tf.Tensor,
  padding: number,
  turned: boolean,
): readonly tf.Tensor[] | null {
  return patchedList([kernel, ...xs], ({ convolveTiled }, ids) =>
    convolveTiled(ids, padding, turned),
  );
}

/**
 * Σ over the rows of all groups of Pᵀ D, P the patches of x, in the kernel's shape; null where the binding can't.
 *
 * @param wantsLast whether that of the last group alone is given too
 */
export function correlateTiled(
  xs: readonly tf.Tensor[],
  deltas: readonly tf.Tensor[],
  padding: number,
  wantsLast: boolean,
): readonly tf.Tensor[] | null {
  return patchedList([...xs, ...deltas], ({ correlateTiled }, ids) =>
    correlateTiled(ids, padding, wantsLast),
  );
}
