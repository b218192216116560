import * as tf from '@tensorflow/tfjs';
import { type ResolvedNode, sizeOf } from '../../../src-shared/model/resolved';
import { linearMathematics } from '../layers/build';
import { isFullyConnected, linearGradient } from '../layers/linear';
import { inScope } from '../scope';
import { type InputMatrix, inputMatrices } from './input-matrix';
import type { PatchGeometry } from './patches';

/** Multiply-adds from which on a dense layer is worth copying to the tensor runtime. */
const runtimeWork = 64_000_000;

/** A layer's input f of one example, [1, …]; of a graph [nodes or edges, …]. */
export interface LayerInput {
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

/** A traced layer's linear map, on flattened kernels [rows, columns] with the bias as last row. */
export interface LinearMap {
  /** Whether it has one position and f itself as its only patch. */
  readonly isDense: boolean;
  readonly rows: number;
  readonly columns: number;
  /** Whether the last row is the bias'. */
  readonly hasBias: boolean;
  /** Of a convolution that is neither dilated nor in groups; null elsewhere. */
  readonly geometry: PatchGeometry | null;
  /** W f for examples' inputs f: of each the output map, positions × columns. */
  apply(inputs: readonly LayerInput[], weights: Float32Array): Float64Array[];
  /** Q = Pᵀ Z, so that ⟨Z, Δ f⟩ = ⟨Q, Δ⟩ for every Δ. */
  query(input: LayerInput, direction: Float32Array): Float32Array;
  /** P with Δ f = P Δ, for each group of columns that has inputs of its own; mostly one. */
  inputMatrices(input: LayerInput): readonly InputMatrix[];
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

/** The linear map of a traced layer. */
export function linearMap(node: ResolvedNode): LinearMap {
  const mathematics = linearMathematics(node);
  const { kernelShape, columns, useBias } = mathematics;
  const kernelSize = sizeOf(kernelShape);
  const rows = kernelSize / columns + (useBias ? 1 : 0);
  const shapes = factorShapes(node);
  const isDense = isFullyConnected(node);
  const matricesOf = inputMatrices(node);
  const matrices = ({ values }: LayerInput) => matricesOf(values);
  const tensorOf = ({ values, shape }: LayerInput): tf.Tensor => tf.tensor(values, [...shape]);

  const through = (x: tf.Tensor, weights: Float32Array): tf.Tensor => {
    const kernel = tf.tensor(weights.subarray(0, kernelSize), [...kernelShape]);
    const map = mathematics.apply(x, kernel);
    return useBias ? tf.add(map, tf.tensor1d(weights.subarray(kernelSize))) : map;
  };
  const gradient = (x: tf.Tensor, d: tf.Tensor): Float32Array => {
    const { kernel, bias } = linearGradient(mathematics, x, d);
    return joined(kernel as tf.Tensor, bias ?? null);
  };
  const tensorsOf = ({ inputs, deltas, count }: StepRows): [tf.Tensor, tf.Tensor] => [
    tf.tensor(inputs.slice(0, count * sizeOf(shapes.inputs)), [count, ...shapes.inputs]),
    tf.tensor(deltas.slice(0, count * sizeOf(shapes.deltas)), [count, ...shapes.deltas]),
  ];
  return {
    isDense,
    rows,
    columns,
    hasBias: useBias,
    geometry: geometryOf(node),
    apply(inputs, weights) {
      if (isDense && inputs.length * weights.length < runtimeWork) {
        return inputs.map((x) => transposedTimes(weights, onlyRow(matrices(x)), columns));
      }
      const applied = (x: () => tf.Tensor): Float32Array =>
        inScope(() => through(x(), weights).dataSync<'float32'>());
      if (node.rows !== 'example') {
        return inputs.map((x) => new Float64Array(applied(() => tensorOf(x))));
      }
      const maps = applied(() => tf.concat(inputs.map(tensorOf)));
      const size = sizeOf(shapes.deltas);
      return inputs.map((_, k) => new Float64Array(maps.subarray(k * size, (k + 1) * size)));
    },
    query(input, direction) {
      if (isDense) return outerProduct(onlyRow(matrices(input)), direction);
      // Of one example, or of as many rows as a graph has nodes or edges.
      const count = direction.length / sizeOf(shapes.deltas);
      return inScope(() =>
        gradient(tensorOf(input), tf.tensor(direction, [count, ...shapes.deltas])),
      );
    },
    inputMatrices: matrices,
    rowProducts: (query, step) =>
      inScope(() => {
        const [x, d] = tensorsOf(step);
        // Of no rows too, as of edges where no graph of the step has one.
        const seen = tf.reshape(tf.mul(through(x, query), d), [step.count, sizeOf(shapes.deltas)]);
        return new Float64Array(tf.sum(seen, 1).dataSync<'float32'>());
      }),
    gradient: (step) => inScope(() => gradient(...tensorsOf(step))),
  };
}

/** Shapes of X and D of one example: a cell's are its former outputs and its gates, over time. */
function factorShapes({ spec, inputShapes, outputShape }: ResolvedNode): {
  readonly inputs: readonly number[];
  readonly deltas: readonly number[];
} {
  const [inputs = []] = inputShapes;
  if (spec.type === 'PositionEmbedding') return { inputs: [1], deltas: outputShape };
  const isCell =
    spec.type === 'LSTMCell' || spec.type === 'GRUCell' || spec.type === 'SimpleRNNCell';
  if (!isCell) return { inputs, deltas: outputShape };
  return { inputs: [inputs[0] ?? 0, spec.units], deltas: inputs };
}

/** How the patches of a convolution lie that sees all channels by touching taps. */
function geometryOf({ spec, inputShapes, outputShape }: ResolvedNode): PatchGeometry | null {
  if (spec.type !== 'Conv2D' || spec.groups > 1 || spec.dilationRate > 1) return null;
  const [height = 1, width = 1, channels = 1] = inputShapes[0] ?? [];
  const [outHeight = 1, outWidth = 1] = outputShape;
  return {
    ...{ strides: spec.strides, padding: spec.padding, dilationRate: 1, seen: [0, channels] },
    input: [height, width, channels],
    kernel: spec.kernelSize,
    output: [outHeight, outWidth],
  };
}

/** f of a dense layer, the bias' 1 included. */
function onlyRow([first]: readonly InputMatrix[]): Float64Array {
  return first?.matrix ?? new Float64Array();
}

/** f zᵀ, flattened. */
function outerProduct(f: Float64Array, direction: Float32Array): Float32Array {
  const columns = direction.length;
  const q = new Float32Array(f.length * columns);
  for (let i = 0; i < f.length; i++) {
    if (f[i] === 0) continue;
    for (let j = 0; j < columns; j++) {
      q[i * columns + j] = (f[i] as number) * (direction[j] as number);
    }
  }
  return q;
}

/** A kernel flattened, with the bias as last row where there is one. */
function joined(kernel: tf.Tensor, bias: tf.Tensor | null): Float32Array {
  if (!bias) return kernel.dataSync<'float32'>();
  const flat = new Float32Array(kernel.size + bias.size);
  flat.set(kernel.dataSync<'float32'>());
  flat.set(bias.dataSync<'float32'>(), kernel.size);
  return flat;
}

/** Gᵀ f for G [rows, columns] row by row and f [rows], some columns of it; skips rows where f is 0. */
export function transposedTimes(
  matrix: ArrayLike<number>,
  f: Float64Array,
  columns: number,
  { from, to }: { readonly from: number; readonly to: number } = { from: 0, to: columns },
): Float64Array {
  const width = to - from;
  const product = new Float64Array(width);
  for (let i = 0; i < f.length; i++) {
    const factor = f[i] as number;
    if (factor === 0) continue;
    const at = i * columns + from;
    for (let j = 0; j < width; j++) {
      product[j] = (product[j] as number) + factor * (matrix[at + j] as number);
    }
  }
  return product;
}
