import * as tf from '@tensorflow/tfjs';
import type { ResolvedNode } from '../../../src-shared/model/resolved';
import { biasGradient } from '../operations';
import { type Layer, type ParameterSpec, type Parameters, rowwise } from './layer';

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
  /** x W + b, where one operation does both. */
  affine?(x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor): tf.Tensor;
  /** Σ over rows of Xᵀ D, in the kernel's shape. */
  kernelGradient(x: tf.Tensor, delta: tf.Tensor): tf.Tensor;
  /** ∂⟨D, x W⟩ / ∂x, x of the layer's input's shape. */
  inputGradient(delta: tf.Tensor, kernel: tf.Tensor, x: tf.Tensor): tf.Tensor;
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
  const layer = rowwise({
    parameters: map.useBias ? [kernelParameter(map), biasParameter(map)] : [kernelParameter(map)],
    forward([x], { kernel, bias }) {
      const seen = seenOf(x as tf.Tensor);
      if (bias && map.affine) return map.affine(seen, kernel as tf.Tensor, bias);
      const product = map.apply(seen, kernel as tf.Tensor);
      return bias ? tf.add(product, bias) : product;
    },
    backward(gradient, [x], _output, parameters, wantsInputs) {
      const input = x as tf.Tensor;
      const seen = seenOf(input);
      return {
        inputs: wantsInputs
          ? [map.inputGradient(gradient, parameters.kernel as tf.Tensor, input)]
          : [],
        parameters: linearGradient(map, seen, gradient),
        traced: { inputs: seen, deltas: gradient },
      };
    },
  });
  return {
    ...layer,
    signal: ([x], output) => ({ input: seenOf(x as tf.Tensor), preActivation: output }),
  };
}
