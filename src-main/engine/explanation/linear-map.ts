import * as tf from '@tensorflow/tfjs';
import type { ResolvedNode } from '../../../src-shared/model/resolved';
import { kernelGradient } from '../operations';
import { type PatchGeometry, patches } from './patches';

/** A traced layer's linear map, on flattened kernels [rows, columns] with the bias as last row. */
export interface LinearMap {
  readonly rows: number;
  readonly columns: number;
  /** W f for one example's input f [1, …]: the output map, positions × columns. */
  apply(input: tf.Tensor, weights: Float32Array): Float64Array;
  /** Q = Pᵀ Z, so that ⟨Z, Δ f⟩ = ⟨Q, Δ⟩ for every Δ. */
  query(input: tf.Tensor, direction: Float64Array): Float64Array;
  /** P with Δ f = P Δ: [positions, rows]; one row where the layer is dense. */
  inputMatrix(input: tf.Tensor): { readonly matrix: Float64Array; readonly positions: number };
  /**
   * ⟨Z, X_iᵀ D_i f⟩ for every row i: what each example of a step put there.
   *
   * @param inputs X [n, …], @param deltas D [n, …], flattened
   */
  rowProducts(input: tf.Tensor, query: Float64Array, step: StepRows): Float64Array;
}

/** X and D of one step of one layer. */
export interface StepRows {
  readonly inputs: Float32Array;
  readonly deltas: Float32Array;
  /** Rows to take; the ghosts', which come last, are left out by it. */
  readonly count: number;
}

/** The linear map of a Conv2D or Dense node. */
export function linearMap(node: ResolvedNode): LinearMap {
  const { spec } = node;
  if (spec.type === 'Conv2D') return convolutionMap(node);
  if (spec.type === 'Dense') return denseMap(node);
  throw new Error(`${spec.name} is no linear map`);
}

function denseMap(node: ResolvedNode): LinearMap {
  if (node.spec.type !== 'Dense') throw new Error('not dense');
  const { useBias, units: columns } = node.spec;
  const features = node.inputShapes[0]?.[0] as number;
  const rows = features + (useBias ? 1 : 0);
  const withBias = (input: tf.Tensor): Float64Array => {
    const vector = new Float64Array(rows).fill(1);
    vector.set(input.dataSync<'float32'>());
    return vector;
  };
  return {
    rows,
    columns,
    apply: (input, weights) => transposedTimes(weights, withBias(input), columns),
    query(input, direction) {
      const f = withBias(input);
      const q = new Float64Array(rows * columns);
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          q[i * columns + j] = (f[i] as number) * (direction[j] as number);
        }
      }
      return q;
    },
    inputMatrix: (input) => ({ matrix: withBias(input), positions: 1 }),
    rowProducts(input, query, { inputs, deltas, count }) {
      const f = withBias(input);
      // Q = f zᵀ, so its row at f's largest entry is z times that entry.
      let largest = 0;
      for (let i = 1; i < rows; i++) {
        if (Math.abs(f[i] as number) > Math.abs(f[largest] as number)) largest = i;
      }
      const scale = f[largest] as number;
      const products = new Float64Array(count);
      if (scale === 0) return products;
      for (let r = 0; r < count; r++) {
        let onInput = useBias ? 1 : 0;
        for (let i = 0; i < features; i++) {
          onInput += (inputs[r * features + i] as number) * (f[i] as number);
        }
        let onDelta = 0;
        for (let j = 0; j < columns; j++) {
          onDelta += (deltas[r * columns + j] as number) * (query[largest * columns + j] as number);
        }
        products[r] = (onInput * onDelta) / scale;
      }
      return products;
    },
  };
}

function convolutionMap(node: ResolvedNode): LinearMap {
  if (node.spec.type !== 'Conv2D') throw new Error('not a convolution');
  const { spec } = node;
  const [height = 1, width = 1, channels = 1] = node.inputShapes[0] ?? [];
  const [outHeight = 1, outWidth = 1, columns = 1] = node.outputShape;
  const kernelShape = [spec.kernelSize, spec.kernelSize, channels, columns] as const;
  const patchSize = spec.kernelSize ** 2 * channels;
  const rows = patchSize + (spec.useBias ? 1 : 0);
  const geometry: PatchGeometry = {
    input: [height, width, channels],
    kernel: [spec.kernelSize, spec.kernelSize],
    output: [outHeight, outWidth],
    strides: spec.strides,
    padding: spec.padding,
  };
  const convolve = (input: tf.Tensor, weights: Float32Array): tf.Tensor => {
    const kernel = tf.tensor4d(weights.slice(0, patchSize * columns), [...kernelShape]);
    const map = tf.conv2d(input as tf.Tensor4D, kernel, spec.strides, spec.padding);
    return spec.useBias ? tf.add(map, tf.tensor1d(weights.slice(patchSize * columns))) : map;
  };
  return {
    rows,
    columns,
    apply: (input, weights) =>
      Float64Array.from(withScope(() => convolve(input, weights).dataSync<'float32'>())),
    query: (input, direction) =>
      withScope(() => {
        const shape: [number, number, number, number] = [1, outHeight, outWidth, columns];
        const z = tf.tensor4d(Float32Array.from(direction), shape);
        const product = kernelGradient(input as tf.Tensor4D, z, kernelShape, spec);
        const q = new Float64Array(rows * columns);
        q.set(product.dataSync<'float32'>());
        if (spec.useBias) {
          for (let at = 0; at < direction.length; at++) {
            const column = patchSize * columns + (at % columns);
            q[column] = (q[column] as number) + (direction[at] as number);
          }
        }
        return q;
      }),
    inputMatrix: (input) => ({
      matrix: patches(input.dataSync<'float32'>(), geometry, spec.useBias),
      positions: outHeight * outWidth,
    }),
    rowProducts: (_input, query, { inputs, deltas, count }) =>
      withScope(() => {
        const size = height * width * channels;
        const outSize = outHeight * outWidth * columns;
        const x = tf.tensor4d(inputs.slice(0, count * size), [count, height, width, channels]);
        const d = tf.tensor2d(deltas.slice(0, count * outSize), [count, outSize]);
        const seen = tf.reshape(convolve(x, Float32Array.from(query)), [count, outSize]);
        return Float64Array.from(tf.sum(tf.mul(seen, d), 1).dataSync<'float32'>());
      }),
  };
}

/** Gᵀ f for G [rows, columns] row by row and f [rows]; rows where f is 0 are not touched. */
export function transposedTimes(
  matrix: ArrayLike<number>,
  f: Float64Array,
  columns: number,
): Float64Array {
  const product = new Float64Array(columns);
  for (let i = 0; i < f.length; i++) {
    const factor = f[i] as number;
    if (factor === 0) continue;
    const at = i * columns;
    for (let j = 0; j < columns; j++) {
      product[j] = (product[j] as number) + factor * (matrix[at + j] as number);
    }
  }
  return product;
}

/** `tf.tidy` around work that gives back plain numbers. */
export function withScope<T>(work: () => T): T {
  tf.engine().startScope();
  try {
    return work();
  } finally {
    tf.engine().endScope();
  }
}
