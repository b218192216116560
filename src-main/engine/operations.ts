import * as tf from '@tensorflow/tfjs';
import { DeltascopeError } from '../../src-shared/errors';
import { type NativeAttribute, nativeBackend } from './backend';

/**
 * The gradient operations of the backward pass. Where TensorFlow computes, each is one of its own
 * kernels; elsewhere it is composed of what the fallback has.
 */

export interface ConvolutionShape {
  readonly strides: number;
  readonly padding: 'same' | 'valid';
}

export interface PoolingShape extends ConvolutionShape {
  readonly poolSize: number;
}

type Tensor4D = tf.Tensor4D;

/** `T: float32`, in the numbers of TensorFlow's C interface (TF_ATTR_TYPE, TF_FLOAT). */
const typeFloat: NativeAttribute = { name: 'T', type: 4, value: 1 };

/** δ · 1[y > 0] for y = relu(x). */
export function reluGradient(gradient: tf.Tensor, output: tf.Tensor): tf.Tensor {
  const native = nativeBackend();
  if (native) return native.executeSingleOutput('ReluGrad', [typeFloat], [gradient, output]);
  return tf.mul(gradient, tf.step(output));
}

/** Σ over all but the last axis: a bias' gradient [channels]. */
export function biasGradient(gradient: tf.Tensor): tf.Tensor {
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
  return tf.engine().runKernel(
    'Conv2DBackpropFilter',
    { x: input, dy: gradient },
    {
      strides: [shape.strides, shape.strides],
      pad: shape.padding,
      dataFormat: 'NHWC',
      filterShape: kernelShape as number[],
    },
  ) as Tensor4D;
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
  const tall = (outHeight - 1) * shape.strides + height;
  const wide = (outWidth - 1) * shape.strides + width;
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
    shape.strides,
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
      strides: [shape.strides, shape.strides],
      pad: shape.padding,
      dataFormat: 'NHWC',
      inputShape: inputShape as number[],
    },
  ) as Tensor4D;
}

/** Gradient by the input of a pooling layer. */
export function poolingGradient(
  kind: 'max' | 'average',
  gradient: Tensor4D,
  input: Tensor4D,
  output: Tensor4D,
  shape: PoolingShape,
): Tensor4D {
  if (tf.getBackend() === 'wasm') {
    return composedPoolingGradient(kind, gradient, input, output, shape);
  }
  const attributes = {
    filterSize: [shape.poolSize, shape.poolSize],
    strides: [shape.strides, shape.strides],
    pad: shape.padding,
  };
  const [kernel, inputs] =
    kind === 'max'
      ? ['MaxPoolGrad', { dy: gradient, input, output }]
      : ['AvgPoolGrad', { dy: gradient, input }];
  return tf.engine().runKernel(kernel, inputs as tf.NamedTensorMap, attributes) as Tensor4D;
}

/**
 * Pooling gradient for windows that do not overlap, from nearest-neighbour enlargement. With equal
 * maxima in a window the gradient goes to the first, as TensorFlow's kernel does.
 */
function composedPoolingGradient(
  kind: 'max' | 'average',
  gradient: Tensor4D,
  input: Tensor4D,
  output: Tensor4D,
  shape: PoolingShape,
): Tensor4D {
  const { poolSize: size } = shape;
  const [n, height, width, channels] = input.shape;
  const [, rows, columns] = output.shape;
  if (shape.strides !== size || rows * size > height || columns * size > width) {
    throw new DeltascopeError(
      'engine-missing',
      'engine',
      'The WebAssembly engine trains only pooling windows that neither overlap nor are padded. Use strides equal to poolSize, or install the native engine.',
    );
  }
  const spread = (x: tf.Tensor): tf.Tensor =>
    tf.reshape(tf.tile(tf.reshape(x, [n * rows, 1, columns, 1, channels]), [1, size, 1, size, 1]), [
      n,
      rows * size,
      columns * size,
      channels,
    ]);
  const crop = tf.slice(input, [0, 0, 0, 0], [n, rows * size, columns * size, channels]);
  const share =
    kind === 'average'
      ? tf.div(spread(gradient), size * size)
      : tf.mul(spread(gradient), firstMaximum(crop, spread(output), size));
  return tf.pad(share as Tensor4D, [
    [0, 0],
    [0, height - rows * size],
    [0, width - columns * size],
    [0, 0],
  ]);
}

/**
 * Rows with a 1 at each index [n], [n, size]. By way of int32: WebAssembly's kernel writes the bits
 * of an integer 1 whatever type is asked for.
 */
export function oneHot(indices: tf.Tensor1D, size: number): tf.Tensor2D {
  return tf.cast(tf.oneHot(indices, size, 1, 0, 'int32'), 'float32') as tf.Tensor2D;
}

/** 1 at the first position of each window that holds the window's maximum, else 0. */
function firstMaximum(input: Tensor4D, maxima: tf.Tensor, size: number): tf.Tensor {
  const [n, height, width, channels] = input.shape;
  const sides = [n * (height / size), size, width / size, size, channels];
  const windows = tf.reshape(tf.cast(tf.equal(input, maxima), 'float32'), sides);
  const flat = tf.reshape(tf.transpose(windows, [0, 2, 4, 1, 3]), [-1, size * size]);
  const first = oneHot(tf.argMax(flat, 1), size * size);
  const back = tf.reshape(first, [n * (height / size), width / size, channels, size, size]);
  return tf.reshape(tf.transpose(back, [0, 3, 1, 4, 2]), [n, height, width, channels]);
}
