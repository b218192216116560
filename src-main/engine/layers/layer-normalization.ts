import * as tf from '@tensorflow/tfjs';
import { biasGradient } from '../operations';
import { type Layer, type ParameterSpec, rowwise } from './layer';

/**
 * Layer normalisation (Ba et al., 2016) over the last axis, y = γ x̂ + β, x̂ = (x − μ) / √(σ² + ε).
 * With δ the gradient by x̂, ∂L/∂x = (δ − mean δ − x̂ mean δ x̂) / √(σ² + ε), means over the features.
 */
export function layerNormalization(features: number, epsilon: number): Layer {
  const spec = (name: string, start: 'zeros' | 'ones'): ParameterSpec => ({
    ...{ name, shape: [features], trainable: true, start },
  });
  const normalized = (x: tf.Tensor) => {
    const centred = tf.sub(x, tf.mean(x, -1, true));
    const scale = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon));
    return { xHat: tf.mul(centred, scale), scale };
  };
  return rowwise({
    parameters: [spec('gamma', 'ones'), spec('beta', 'zeros')],
    forward([x], { gamma, beta }) {
      const { xHat } = normalized(x as tf.Tensor);
      return tf.add(tf.mul(xHat, gamma as tf.Tensor), beta as tf.Tensor);
    },
    backward(gradient, [x], _output, { gamma }) {
      const { xHat, scale } = normalized(x as tf.Tensor);
      const delta = tf.mul(gradient, gamma as tf.Tensor);
      const pull = tf.mul(xHat, tf.mean(tf.mul(delta, xHat), -1, true));
      const centred = tf.sub(tf.sub(delta, tf.mean(delta, -1, true)), pull);
      return {
        inputs: [tf.mul(centred, scale)],
        parameters: { gamma: biasGradient(tf.mul(gradient, xHat)), beta: biasGradient(gradient) },
      };
    },
  });
}
