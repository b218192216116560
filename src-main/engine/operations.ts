import * as tf from '@tensorflow/tfjs';
import type { HeightWidth } from '../../src-shared/model/layer-spec';
import { type NativeAttribute, type NativeBackend, nativeBackend, typeFloat } from './backend';
import { patched, patchedList } from './patched';

/**
 * The gradient operations of the backward pass. Where TensorFlow computes, each is one of its own
 * kernels; elsewhere it is composed of what the fallback has.
 */

export interface ConvolutionShape {
  readonly strides: HeightWidth;
  readonly padding: 'same' | 'valid';
}

type Tensor4D = tf.Tensor4D;

/** `is_training: true` (TF_ATTR_BOOL). */
const training: NativeAttribute = { name: 'is_training', type: 3, value: true };

/** max(x, 0). */
export function relu(x: tf.Tensor): tf.Tensor {
  return patched([x], ({ rectify }, ids) => rectify(ids)) ?? tf.relu(x);
}

/** δ · 1[y > 0] for y = relu(x). */
export function reluGradient(gradient: tf.Tensor, output: tf.Tensor): tf.Tensor {
  const found = patched([gradient, output], ({ rectify }, ids) => rectify(ids));
  if (found) return found;
  const native = nativeBackend();
  if (native) return native.executeSingleOutput('ReluGrad', [typeFloat], [gradient, output]);
  return tf.mul(gradient, tf.step(output));
}

/** Σ over all but the last axis: a bias' gradient [channels]. */
export function biasGradient(gradient: tf.Tensor): tf.Tensor {
  if (gradient.size === 0) return tf.zeros([gradient.shape[gradient.rank - 1] as number]);
  // Of few rows; of many the runtime's own works with several threads.
  const found =
    gradient.rank === 2 ? patched([gradient], ({ sumRows }, ids) => sumRows(ids)) : null;
  if (found) return found;
  const native = nativeBackend();
  if (native) {
    return native.executeSingleOutput('BiasAddGrad', [typeFloat], [gradient]);
  }
  const axes = gradient.shape.map((_, axis) => axis).slice(0, -1);
  return tf.sum(gradient, axes);
}

/** Gradient by a convolution's kernel: Xᵀ D with X the patches of `input`. */
export function kernelGradient(
  input: Tensor4D,
  gradient: Tensor4D,
  kernelShape: readonly number[],
  shape: ConvolutionShape,
): Tensor4D {
  if (tf.getBackend() === 'wasm')
    return composedKernelGradient(input, gradient, kernelShape, shape);
  const met = metByKernel(input, kernelShape, shape);
  return tf.engine().runKernel(
    'Conv2DBackpropFilter',
    { x: met.input, dy: gradient },
    {
      strides: [...met.strides],
      pad: shape.padding,
      dataFormat: 'NHWC',
      filterShape: kernelShape as number[],
    },
  ) as Tensor4D;
}

/**
 * The input and the strides to find a kernel's gradient with: for one of 1 × 1 the positions that it meets,
 * without strides. TensorFlow 2.18 (oneDNN, with AVX-512) writes past its memory where it strides there itself.
 */
export function metByKernel(
  input: Tensor4D,
  [height, width]: readonly number[],
  { strides }: ConvolutionShape,
): { readonly input: Tensor4D; readonly strides: HeightWidth } {
  const [down, across] = strides;
  if (height !== 1 || width !== 1 || (down === 1 && across === 1)) return { input, strides };
  const met = tf.stridedSlice(input, [0, 0, 0, 0], input.shape, [1, down, across, 1]);
  return { input: met as Tensor4D, strides: [1, 1] };
}

/**
 * The same for a backend without the kernel: the gradient of a convolution by its kernel is a
 * convolution of the input with the gradient, examples and channels exchanged.
 */
function composedKernelGradient(
  input: Tensor4D,
  gradient: Tensor4D,
  kernelShape: readonly number[],
  shape: ConvolutionShape,
): Tensor4D {
  const [height = 1, width = 1] = kernelShape;
  const [, outHeight, outWidth] = gradient.shape;
  const tall = (outHeight - 1) * shape.strides[0] + height;
  const wide = (outWidth - 1) * shape.strides[1] + width;
  const missing = [Math.max(0, tall - input.shape[1]), Math.max(0, wide - input.shape[2])];
  const [rows = 0, columns = 0] = shape.padding === 'same' ? missing : [0, 0];
  const top = Math.floor(rows / 2);
  const left = Math.floor(columns / 2);
  const padded = tf.pad(input, [
    [0, 0],
    [top, rows - top],
    [left, columns - left],
    [0, 0],
  ]);
  const window = tf.slice(padded, [0, 0, 0, 0], [-1, tall, wide, -1]);
  const filter = tf.transpose(gradient, [1, 2, 0, 3]) as Tensor4D;
  const product = tf.conv2d(
    tf.transpose(window, [3, 1, 2, 0]) as Tensor4D,
    filter,
    1,
    'valid',
    'NHWC',
    [...shape.strides],
  );
  return tf.transpose(product, [1, 2, 0, 3]) as Tensor4D;
}

/** Gradient by a convolution's input. */
export function inputGradient(
  gradient: Tensor4D,
  kernel: Tensor4D,
  inputShape: readonly number[],
  shape: ConvolutionShape,
): Tensor4D {
  return tf.engine().runKernel(
    'Conv2DBackpropInput',
    { dy: gradient, filter: kernel },
    {
      strides: [...shape.strides],
      pad: shape.padding,
      dataFormat: 'NHWC',
      inputShape: inputShape as number[],
    },
  ) as Tensor4D;
}

/** Mean and biased variance of each channel over all other axes, [channels]. */
export function channelMoments(x: tf.Tensor): { mean: tf.Tensor; variance: tf.Tensor } {
  const channels = x.shape[x.rank - 1] as number;
  const rows = x.size / channels;
  const native = nativeBackend();
  if (!native) {
    const flat = tf.reshape(x, [rows, channels]);
    const mean = tf.mean(flat, 0);
    return { mean, variance: tf.mean(tf.square(tf.sub(flat, mean)), 0) };
  }
  // The runtime's own batch norm finds both in two passes; the variance it gives is unbiased.
  const [, mean, variance] = native.executeMultipleOutputs(
    'FusedBatchNorm',
    [typeFloat, training],
    [asMap(x), tf.ones([channels]), tf.zeros([channels]), tf.tensor1d([]), tf.tensor1d([])],
    5,
  ) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
  return { mean, variance: tf.mul(variance, Math.max(1, rows - 1) / rows) };
}

/** x̂ of each group of rows by pooled moments. */
export interface PooledNormalized {
  readonly normalized: readonly tf.Tensor[];
  /** μ, σ² and 1/√(σ² + ε), [channels]. */
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
  readonly scale: tf.Tensor;
}

/**
 * Normalises groups of rows [n, …, channels] by μ = Σ w · mean and σ² = Σ w · mean (x − μ)², reading
 * them twice; null where the binding can't.
 *
 * @param weights w of each group
 */
export function normalizePooled(
  groups: readonly tf.Tensor[],
  weights: readonly number[],
  epsilon: number,
): PooledNormalized | null {
  const made = patchedList(groups, ({ normalize }, ids) => normalize(ids, weights, epsilon));
  if (!made) return null;
  const [mean, variance, scale] = made.splice(groups.length) as [tf.Tensor, tf.Tensor, tf.Tensor];
  return { normalized: made, mean, variance, scale };
}

/**
 * Gradients by x of each group, (δ − w Σ δ − w x̂ Σ δ x̂) / √(σ² + ε), the sums running over all groups
 * given; null where the binding can't.
 *
 * @param weights w of a row of each group
 */
export function pooledGradient(
  scale: tf.Tensor,
  deltas: readonly tf.Tensor[],
  normalized: readonly tf.Tensor[],
  weights: readonly number[],
): readonly tf.Tensor[] | null {
  return patchedList([scale, ...deltas, ...normalized], ({ normalizeGradient }, ids) =>
    normalizeGradient(ids, weights),
  );
}

/** x̂ of one group of rows by its own moments, and what the gradient needs of it. */
export interface Normalized {
  readonly normalized: tf.Tensor;
  /** Mean and biased variance, [channels]. */
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
  /** What the runtime keeps for its gradient. */
  readonly kept: readonly [tf.Tensor, tf.Tensor];
}

/**
 * Normalises rows by their own moments in one operation of the runtime; null where it has none.
 *
 * @param x [n, …, channels]
 */
export function normalizeByOwn(x: tf.Tensor, epsilon: number): Normalized | null {
  const native = nativeBackend();
  if (!native) return null;
  const channels = x.shape[x.rank - 1] as number;
  const rows = x.size / channels;
  const [normalized, mean, variance, ...kept] = native.executeMultipleOutputs(
    'FusedBatchNorm',
    [typeFloat, training, epsilonOf(epsilon)],
    [asMap(x), tf.ones([channels]), tf.zeros([channels]), tf.tensor1d([]), tf.tensor1d([])],
    5,
  ) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
  return {
    normalized: tf.reshape(normalized, x.shape),
    mean,
    variance: tf.mul(variance, Math.max(1, rows - 1) / rows),
    kept,
  };
}

/** Gradient by x of `normalizeByOwn`, from that by x̂. */
export function normalizationGradient(
  gradient: tf.Tensor,
  x: tf.Tensor,
  kept: readonly [tf.Tensor, tf.Tensor],
  epsilon: number,
): tf.Tensor {
  const native = nativeBackend() as NativeBackend;
  const ones = tf.ones([x.shape[x.rank - 1] as number]);
  const [found] = native.executeMultipleOutputs(
    'FusedBatchNormGrad',
    [typeFloat, training, epsilonOf(epsilon)],
    [asMap(gradient), asMap(x), ones, ...kept],
    5,
  ) as [tf.Tensor];
  return tf.reshape(found, x.shape);
}

/** `epsilon` (TF_ATTR_FLOAT). */
function epsilonOf(value: number): NativeAttribute {
  return { name: 'epsilon', type: 2, value };
}

/** (x − mean) / √(variance + ε), channel by channel. */
export function normalizeChannels(
  x: tf.Tensor,
  mean: tf.Tensor,
  variance: tf.Tensor,
  epsilon: number,
): tf.Tensor {
  const found = patched([x, mean, variance], ({ normalizeBy }, ids) => normalizeBy(ids, epsilon));
  if (found) return found;
  const normalized = tf.batchNorm(
    asMap(x),
    mean as tf.Tensor1D,
    variance as tf.Tensor1D,
    undefined,
    undefined,
    epsilon,
  );
  return tf.reshape(normalized, x.shape);
}

/** [n, …, channels] as a map [rows, 1, 1, channels], the form in which the runtime normalises. */
function asMap(x: tf.Tensor): tf.Tensor4D {
  return tf.reshape(x, [-1, 1, 1, x.shape[x.rank - 1] as number]);
}
