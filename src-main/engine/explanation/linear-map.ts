import * as tf from '@tensorflow/tfjs';
import type {
  ResolvedConvolution,
  ResolvedDense,
  ResolvedNode,
} from '../../../src-shared/model/resolved';
import { kernelGradient } from '../operations';
import { inScope } from '../scope';
import { type PatchGeometry, patches } from './patches';

/** A traced layer's linear map, on flattened kernels [rows, columns] with the bias as last row. */
export interface LinearMap {
  /** Whether it has one position and f itself as its only patch. */
  readonly isDense: boolean;
  readonly rows: number;
  readonly columns: number;
  /** Whether the last row is the bias'. */
  readonly hasBias: boolean;
  /** Of a convolution; null elsewhere. */
  readonly geometry: PatchGeometry | null;
  /** W f for examples' inputs f [1, …]: of each the output map, positions × columns. */
  apply(inputs: readonly tf.Tensor[], weights: Float32Array): Float64Array[];
  /** Q = Pᵀ Z, so that ⟨Z, Δ f⟩ = ⟨Q, Δ⟩ for every Δ. */
  query(input: tf.Tensor, direction: Float64Array): Float32Array;
  /** P with Δ f = P Δ: [positions, rows]; one row where the layer is dense. */
  inputMatrix(input: tf.Tensor): { readonly matrix: Float64Array; readonly positions: number };
  /** ⟨Q, x_iᵀ d_i⟩ for every row i: what each example of a step put there. */
  rowProducts(query: Float32Array, rows: StepRows): Float64Array;
  /** Xᵀ D of some rows, flattened. */
  gradient(rows: StepRows): Float32Array;
}

/** X [count, …] and D [count, …] of one step of one layer, flattened. */
export interface StepRows {
  readonly inputs: Float32Array;
  readonly deltas: Float32Array;
  readonly count: number;
}

/** The linear map of a Conv2D or Dense node. */
export function linearMap(node: ResolvedNode): LinearMap {
  const { spec } = node;
  if (spec.type === 'Conv2D') return convolutionMap(node, spec);
  if (spec.type === 'Dense') {
    return node.rows === 'example' ? denseMap(node, spec) : rowsMap(node, spec);
  }
  throw new Error(`${spec.name} is no linear map`);
}

function denseMap(node: ResolvedNode, { useBias, units: columns }: ResolvedDense): LinearMap {
  const features = node.inputShapes[0]?.[0] as number;
  const rows = features + (useBias ? 1 : 0);
  const withBias = (input: tf.Tensor): Float64Array => {
    const vector = new Float64Array(rows).fill(1);
    vector.set(input.dataSync<'float32'>());
    return vector;
  };
  return {
    isDense: true,
    rows,
    columns,
    hasBias: useBias,
    geometry: null,
    apply: (inputs, weights) =>
      inputs.map((input) => transposedTimes(weights, withBias(input), columns)),
    query(input, direction) {
      const f = withBias(input);
      const q = new Float32Array(rows * columns);
      for (let i = 0; i < rows; i++) {
        if (f[i] === 0) continue;
        for (let j = 0; j < columns; j++) {
          q[i * columns + j] = (f[i] as number) * (direction[j] as number);
        }
      }
      return q;
    },
    inputMatrix: (input) => ({ matrix: withBias(input), positions: 1 }),
    ...denseRows(features, columns, useBias),
  };
}

/** A dense layer over the nodes or edges of a graph: P has a row for each of them. */
function rowsMap(node: ResolvedNode, { useBias, units: columns }: ResolvedDense): LinearMap {
  const features = node.inputShapes[0]?.[0] as number;
  const rows = features + (useBias ? 1 : 0);
  const times = (input: tf.Tensor, weights: Float32Array): tf.Tensor => {
    const kernel = tf.tensor2d(weights.slice(0, features * columns), [features, columns]);
    const map = tf.matMul(input, kernel);
    return useBias ? tf.add(map, tf.tensor1d(weights.slice(features * columns))) : map;
  };
  return {
    isDense: false,
    rows,
    columns,
    hasBias: useBias,
    geometry: null,
    apply: (inputs, weights) =>
      inputs.map((input) =>
        Float64Array.from(inScope(() => times(input, weights).dataSync<'float32'>())),
      ),
    query: (input, direction) =>
      inScope(() => {
        const positions = input.shape[0] as number;
        const z = tf.tensor2d(Float32Array.from(direction), [positions, columns]);
        return withBiasRow(tf.matMul(input, z, true, false), useBias ? z : null);
      }),
    inputMatrix(input) {
      const positions = input.shape[0] as number;
      const values = input.dataSync<'float32'>();
      const matrix = new Float64Array(positions * rows).fill(1);
      for (let row = 0; row < positions; row++) {
        matrix.set(values.subarray(row * features, (row + 1) * features), row * rows);
      }
      return { matrix, positions };
    },
    ...denseRows(features, columns, useBias),
  };
}

/** What rows of X and D of a dense layer put into it. */
function denseRows(
  features: number,
  columns: number,
  useBias: boolean,
): Pick<LinearMap, 'rowProducts' | 'gradient'> {
  return {
    rowProducts: (query, { inputs, deltas, count }) =>
      inScope(() => {
        const q = tf.tensor2d(query.slice(0, features * columns), [features, columns]);
        const seen = tf.matMul(
          tf.tensor2d(inputs.slice(0, count * features), [count, features]),
          q,
        );
        const shifted = useBias ? tf.add(seen, tf.tensor1d(query.slice(features * columns))) : seen;
        const d = tf.tensor2d(deltas.slice(0, count * columns), [count, columns]);
        return Float64Array.from(tf.sum(tf.mul(shifted, d), 1).dataSync<'float32'>());
      }),
    gradient: ({ inputs, deltas, count }) =>
      inScope(() => {
        const x = tf.tensor2d(inputs.slice(0, count * features), [count, features]);
        const d = tf.tensor2d(deltas.slice(0, count * columns), [count, columns]);
        return withBiasRow(tf.matMul(x, d, true, false), useBias ? d : null);
      }),
  };
}

function convolutionMap(node: ResolvedNode, spec: ResolvedConvolution): LinearMap {
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
  const size = height * width * channels;
  const outSize = outHeight * outWidth * columns;
  const inputsOf = ({ inputs, count }: StepRows): tf.Tensor4D =>
    tf.tensor4d(inputs.slice(0, count * size), [count, height, width, channels]);
  const deltasOf = ({ deltas, count }: StepRows): tf.Tensor4D =>
    tf.tensor4d(deltas.slice(0, count * outSize), [count, outHeight, outWidth, columns]);
  const convolve = (input: tf.Tensor, weights: Float32Array): tf.Tensor => {
    const kernel = tf.tensor4d(weights.subarray(0, patchSize * columns), [...kernelShape]);
    const map = tf.conv2d(input as tf.Tensor4D, kernel, spec.strides, spec.padding);
    return spec.useBias ? tf.add(map, tf.tensor1d(weights.subarray(patchSize * columns))) : map;
  };
  const gradient = (x: tf.Tensor4D, d: tf.Tensor4D): Float32Array =>
    withBiasRow(kernelGradient(x, d, kernelShape, spec), spec.useBias ? d : null);
  return {
    isDense: false,
    rows,
    columns,
    hasBias: spec.useBias,
    geometry,
    apply: (inputs, weights) => {
      const together = (): tf.Tensor => convolve(tf.concat([...inputs]), weights);
      const maps = inScope(() => together().dataSync<'float32'>());
      return inputs.map((_, k) => Float64Array.from(maps.subarray(k * outSize, (k + 1) * outSize)));
    },
    query: (input, direction) =>
      inScope(() => {
        const shape: [number, number, number, number] = [1, outHeight, outWidth, columns];
        const z = tf.tensor4d(Float32Array.from(direction), shape);
        return gradient(input as tf.Tensor4D, z);
      }),
    inputMatrix: (input) => ({
      matrix: patches(input.dataSync<'float32'>(), geometry, spec.useBias),
      positions: outHeight * outWidth,
    }),
    rowProducts: (query, step) =>
      inScope(() => {
        const seen = tf.mul(convolve(inputsOf(step), query), deltasOf(step));
        const perRow = tf.sum(tf.reshape(seen, [step.count, outSize]), 1);
        return Float64Array.from(perRow.dataSync<'float32'>());
      }),
    gradient: (step) => inScope(() => gradient(inputsOf(step), deltasOf(step))),
  };
}

/** A kernel's gradient flattened, with the bias' Σ D as last row where there is one. */
function withBiasRow(kernel: tf.Tensor, deltas: tf.Tensor | null): Float32Array {
  if (!deltas) return kernel.dataSync<'float32'>();
  const axes = deltas.shape.map((_, axis) => axis).slice(0, -1);
  const bias = tf.sum(deltas, axes).dataSync<'float32'>();
  const flat = new Float32Array(kernel.size + bias.length);
  flat.set(kernel.dataSync<'float32'>());
  flat.set(bias, kernel.size);
  return flat;
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
