import * as tf from '@tensorflow/tfjs';
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
 * Pooling gradient where there is no kernel for it, one place of the window after the other. With
 * equal maxima in a window the gradient goes to the first, as TensorFlow's kernel does; a mean is
 * that of the places inside the map.
 */
function composedPoolingGradient(
  kind: 'max' | 'average',
  gradient: Tensor4D,
  input: Tensor4D,
  output: Tensor4D,
  shape: PoolingShape,
): Tensor4D {
  const { poolSize: size, strides } = shape;
  const [, height, width] = input.shape;
  const [, rows, columns] = output.shape;
  const [tall, wide] = [(rows - 1) * strides + size, (columns - 1) * strides + size];
  const same = shape.padding === 'same';
  const top = same ? Math.floor(Math.max(0, tall - height) / 2) : 0;
  const left = same ? Math.floor(Math.max(0, wide - width) / 2) : 0;
  const [fullHeight, fullWidth] = [Math.max(tall, top + height), Math.max(wide, left + width)];
  const frame: [number, number][] = [
    [0, 0],
    [top, fullHeight - height - top],
    [left, fullWidth - width - left],
    [0, 0],
  ];
  const framed =
    kind === 'max'
      ? tf.pad(input, frame, Number.NEGATIVE_INFINITY)
      : tf.pad(tf.onesLike(input), frame);
  const [reach, breadth] = [tall - size + 1, wide - size + 1];
  const places = Array.from(
    { length: size ** 2 },
    (_, i) => [Math.floor(i / size), i % size] as const,
  );
  const seen = places.map(([y, x]) =>
    tf.stridedSlice(
      framed,
      [0, y, x, 0],
      [framed.shape[0], y + reach, x + breadth, framed.shape[3]],
      [1, strides, strides, 1],
    ),
  );
  const parts =
    kind === 'max' ? firstMaxima(seen, output) : seen.map((x) => tf.div(x, tf.addN(seen)));
  const spread = places.map(([y, x], i) =>
    tf.pad(dilated(tf.mul(gradient, parts[i] as tf.Tensor) as Tensor4D, strides), [
      [0, 0],
      [y, fullHeight - y - reach],
      [x, fullWidth - x - breadth],
      [0, 0],
    ]),
  );
  return tf.slice(tf.addN(spread) as Tensor4D, [0, top, left, 0], input.shape);
}

/** For each place of the windows: 1 where it is the first that holds the maximum, else 0. */
function firstMaxima(seen: readonly tf.Tensor[], maxima: tf.Tensor): tf.Tensor[] {
  let open: tf.Tensor = tf.onesLike(maxima);
  return seen.map((values) => {
    const first = tf.mul(open, tf.cast(tf.equal(values, maxima), 'float32'));
    open = tf.sub(open, first);
    return first;
  });
}

/** Rows and columns apart from each other by `strides`, zeros between them. */
function dilated(x: Tensor4D, strides: number): Tensor4D {
  const [n, rows, columns, channels] = x.shape;
  const apart = (blocks: number, length: number, values: tf.Tensor): tf.Tensor =>
    tf.pad(tf.reshape(values, [blocks, 1, length]) as tf.Tensor3D, [
      [0, 0],
      [0, strides - 1],
      [0, 0],
    ]);
  const tall = apart(n * rows, columns * channels, x);
  const wide = apart(n * rows * strides * columns, channels, tall);
  const full = tf.reshape(wide, [n, rows * strides, columns * strides, channels]) as Tensor4D;
  const [reach, breadth] = [(rows - 1) * strides + 1, (columns - 1) * strides + 1];
  return tf.slice(full, [0, 0, 0, 0], [n, reach, breadth, channels]);
}

/**
 * Rows with a 1 at each index [n], [n, size]. By way of int32: WebAssembly's kernel writes the bits
 * of an integer 1 whatever type is asked for.
 */
export function oneHot(indices: tf.Tensor1D, size: number): tf.Tensor2D {
  return tf.cast(tf.oneHot(indices, size, 1, 0, 'int32'), 'float32') as tf.Tensor2D;
}
