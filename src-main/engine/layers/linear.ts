import * as tf from '@tensorflow/tfjs';
import type { ResolvedNode } from '../../../src-shared/model/resolved';
import { biasGradient } from '../operations';
import {
  type Backward,
  type Groups,
  type Layer,
  type ParameterSpec,
  type Parameters,
  sumOf,
} from './layer';

/** The mathematics of a linear map z = x W + b over rows [n, …]. */
export interface LinearMathematics {
  /** Keras' layout. Its memory is that of the matrix [rows, columns] without the bias' row. */
  readonly kernelShape: readonly number[];
  readonly columns: number;
  readonly useBias: boolean;
  readonly fanIn?: number;
  /** What of the layer's input it reads; absent: all of it. */
  reads?(x: tf.Tensor): tf.Tensor;
  /** x W. */
  apply(x: tf.Tensor, kernel: tf.Tensor): tf.Tensor;
  /** Σ over rows of Xᵀ D, in the kernel's shape. */
  kernelGradient(x: tf.Tensor, delta: tf.Tensor): tf.Tensor;
  /** ∂⟨D, x W⟩ / ∂x, x of the layer's input's shape. */
  inputGradient(delta: tf.Tensor, kernel: tf.Tensor, x: tf.Tensor): tf.Tensor;
  readonly together?: GroupedMathematics;
}

/** The same of several groups of rows in one operation each, so that W passes once; null where there is none. */
export interface GroupedMathematics {
  /** x W, plus a bias where one is given. */
  apply(xs: Groups<tf.Tensor>, kernel: tf.Tensor, bias?: tf.Tensor): Groups<tf.Tensor> | null;
  /** Of all groups and, where it is wanted, of the last one alone. */
  kernelGradient(
    xs: Groups<tf.Tensor>,
    deltas: Groups<tf.Tensor>,
    wantsLast: boolean,
  ): readonly tf.Tensor[] | null;
  inputGradient(
    deltas: Groups<tf.Tensor>,
    kernel: tf.Tensor,
    xs: Groups<tf.Tensor>,
  ): Groups<tf.Tensor> | null;
}

/** Whether it is a dense layer with one row of X and D an example. */
export function isFullyConnected({ spec, rows, inputShapes }: ResolvedNode): boolean {
  return spec.type === 'Dense' && rows === 'example' && inputShapes[0]?.length === 1;
}

/** Xᵀ D by kernel and bias: what the rows of X and D put there. Call it inside `tf.tidy`. */
export function linearGradient(map: LinearMathematics, x: tf.Tensor, delta: tf.Tensor): Parameters {
  const kernel = map.kernelGradient(x, delta);
  return map.useBias ? { kernel, bias: biasGradient(delta) } : { kernel };
}

export function kernelParameter({ kernelShape, fanIn }: LinearMathematics): ParameterSpec {
  return {
    ...{ name: 'kernel', shape: kernelShape, trainable: true, start: 'he-normal' },
    ...(fanIn === undefined ? {} : { fanIn }),
  };
}

export function biasParameter({ columns }: LinearMathematics): ParameterSpec {
  return { name: 'bias', shape: [columns], trainable: true, start: 'zeros' };
}

/** The layer whose whole mathematics is a linear map. */
export function linear(map: LinearMathematics): Layer {
  const seenOf = (x: tf.Tensor): tf.Tensor => map.reads?.(x) ?? x;
  const firstOf = (groups: Groups<readonly tf.Tensor[]>) => groups.map(([x]) => x as tf.Tensor);
  const apply = (xs: Groups<tf.Tensor>, { kernel, bias }: Parameters): Groups<tf.Tensor> => {
    const weights = kernel as tf.Tensor;
    const found = map.together?.apply(xs, weights, bias);
    if (found) return found;
    const products = xs.map((x) => map.apply(x, weights));
    return bias ? products.map((product) => tf.add(product, bias)) : products;
  };
  return {
    parameters: map.useBias ? [kernelParameter(map), biasParameter(map)] : [kernelParameter(map)],
    infer: ([x], parameters) => apply([seenOf(x as tf.Tensor)], parameters)[0] as tf.Tensor,
    forward: (inputs, parameters) => ({
      outputs: apply(firstOf(inputs).map(seenOf), parameters),
    }),
    backward(deltas, pass, parameters, wanted) {
      const read = firstOf(pass.inputs).slice(0, deltas.length);
      const inputs = read.map(seenOf);
      const kernel = parameters.kernel as tf.Tensor;
      const back = wanted.inputs
        ? (map.together?.inputGradient(deltas, kernel, read) ??
          deltas.map((delta, group) => map.inputGradient(delta, kernel, read[group] as tf.Tensor)))
        : [];
      return {
        inputs: deltas.map((_, group) => back.slice(group, group + 1)),
        ...gradientOf(map, inputs, deltas, wanted.ghost),
        traced: { inputs, deltas },
      };
    },
    signal: ([x], output) => ({ input: seenOf(x as tf.Tensor), preActivation: output }),
  };
}

/** Xᵀ D by kernel and bias of all groups together, and of the ghosts where that is wanted. */
function gradientOf(
  map: LinearMathematics,
  inputs: Groups<tf.Tensor>,
  deltas: Groups<tf.Tensor>,
  wantsGhost: boolean,
): Pick<Backward, 'parameters' | 'ghost'> {
  const wantsLast = wantsGhost && deltas.length > 1;
  const kernels =
    map.together?.kernelGradient(inputs, deltas, wantsLast) ??
    summedGradients(deltas.map((delta, g) => map.kernelGradient(inputs[g] as tf.Tensor, delta)));
  const biases = map.useBias ? summedGradients(deltas.map(biasGradient)) : [];
  const [whole, ghost] = [0, 1].map((place): Parameters => {
    const [kernel, bias] = [kernels[place] as tf.Tensor, biases[place]];
    return bias ? { kernel, bias } : { kernel };
  }) as [Parameters, Parameters];
  return { parameters: whole, ghost: wantsLast ? ghost : undefined };
}

/** Their sum, and the last one. */
function summedGradients(parts: Groups<tf.Tensor>): readonly tf.Tensor[] {
  return [sumOf(parts), parts.at(-1) as tf.Tensor];
}
