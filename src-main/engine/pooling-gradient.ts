import * as tf from '@tensorflow/tfjs';
import type { HeightWidth } from '../../src-shared/model/layer-spec';
import type { ConvolutionShape } from './operations';
import { patched } from './patched';

export interface PoolingShape extends ConvolutionShape {
  readonly poolSize: HeightWidth;
}

type Tensor4D = tf.Tensor4D;

/** Gradient by the input of a pooling layer. */
export function poolingGradient(
  kind: 'max' | 'average',
  gradient: Tensor4D,
  input: Tensor4D,
  output: Tensor4D,
  shape: PoolingShape,
): Tensor4D {
  if (kind === 'max' && tiles(input, output, shape)) {
    const [height, width] = shape.poolSize;
    const found = patched([gradient, input, output], (binding, ids) =>
      binding.tiledMaxGradient(ids, height, width),
    );
    return (found as Tensor4D) ?? tiledMaxGradient(gradient, input, output, shape.poolSize);
  }
  if (tf.getBackend() === 'wasm') {
    return composedPoolingGradient(kind, gradient, input, output, shape);
  }
  const attributes = {
    filterSize: [...shape.poolSize],
    strides: [...shape.strides],
    pad: shape.padding,
  };
  const [kernel, inputs] =
    kind === 'max'
      ? ['MaxPoolGrad', { dy: gradient, input, output }]
      : ['AvgPoolGrad', { dy: gradient, input }];
  return tf.engine().runKernel(kernel, inputs as tf.NamedTensorMap, attributes) as Tensor4D;
}

/** Whether the windows cover the map side by side, each place once. */
function tiles(input: Tensor4D, output: Tensor4D, { poolSize, strides }: PoolingShape): boolean {
  const [, height, width] = input.shape;
  const [, rows, columns] = output.shape;
  const [tall, wide] = poolSize;
  const beside = strides[0] === tall && strides[1] === wide;
  return beside && rows * tall === height && columns * wide === width;
}

/**
 * Gradient of maxima over windows that tile the map: it goes to the first place that holds the
 * maximum, the next ones get what is left. Half the time of the runtime's own kernel, and the same
 * numbers.
 */
function tiledMaxGradient(
  gradient: Tensor4D,
  input: Tensor4D,
  output: Tensor4D,
  [tall, wide]: HeightWidth,
): Tensor4D {
  const [n, rows, columns, channels] = output.shape;
  const windows = tf.reshape(input, [n * rows, tall, columns, wide * channels]);
  const maxima = tf.reshape(output, [n * rows, 1, columns, channels]);
  let left: tf.Tensor = tf.reshape(gradient, [n * rows, 1, columns, channels]);
  const lines = Array.from({ length: tall }, (_, y) => {
    const places = Array.from({ length: wide }, (_, x) => {
      if (y === tall - 1 && x === wide - 1) return left;
      const values = tf.slice(windows, [0, y, 0, x * channels], [-1, 1, -1, channels]);
      const taken = tf.mul(left, tf.cast(tf.equal(values, maxima), 'float32'));
      left = tf.sub(left, taken);
      return taken;
    });
    return tf.concat(places, 3);
  });
  return tf.reshape(tf.concat(lines, 1), input.shape);
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
  const [poolHeight, poolWidth] = shape.poolSize;
  const [down, right] = shape.strides;
  const [, height, width] = input.shape;
  const [, rows, columns] = output.shape;
  const [tall, wide] = [(rows - 1) * down + poolHeight, (columns - 1) * right + poolWidth];
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
  const [reach, breadth] = [tall - poolHeight + 1, wide - poolWidth + 1];
  const places = Array.from(
    { length: poolHeight * poolWidth },
    (_, i) => [Math.floor(i / poolWidth), i % poolWidth] as const,
  );
  const seen = places.map(([y, x]) =>
    tf.stridedSlice(
      framed,
      [0, y, x, 0],
      [framed.shape[0], y + reach, x + breadth, framed.shape[3]],
      [1, down, right, 1],
    ),
  );
  const parts =
    kind === 'max' ? firstMaxima(seen, output) : seen.map((x) => tf.div(x, tf.addN(seen)));
  const spread = places.map(([y, x], i) =>
    tf.pad(dilated(tf.mul(gradient, parts[i] as tf.Tensor) as Tensor4D, shape.strides), [
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

/** Rows and columns apart from each other by the strides, zeros between them. */
function dilated(x: Tensor4D, [down, right]: HeightWidth): Tensor4D {
  const [n, rows, columns, channels] = x.shape;
  const apart = (blocks: number, length: number, gap: number, values: tf.Tensor): tf.Tensor =>
    tf.pad(tf.reshape(values, [blocks, 1, length]) as tf.Tensor3D, [
      [0, 0],
      [0, gap],
      [0, 0],
    ]);
  const tall = apart(n * rows, columns * channels, down - 1, x);
  const wide = apart(n * rows * down * columns, channels, right - 1, tall);
  const full = tf.reshape(wide, [n, rows * down, columns * right, channels]) as Tensor4D;
  const [reach, breadth] = [(rows - 1) * down + 1, (columns - 1) * right + 1];
  return tf.slice(full, [0, 0, 0, 0], [n, reach, breadth, channels]);
}
