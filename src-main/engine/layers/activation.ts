import * as tf from '@tensorflow/tfjs';
import type { ActivationName } from '../../../src-shared/model/layer-spec';
import { relu, reluGradient } from '../operations';
import { type Layer, rowwise } from './layer';

/** A function of each value by itself, and what it makes of a gradient δ by its output y. */
export interface Activation {
  value(x: tf.Tensor): tf.Tensor;
  gradient(delta: tf.Tensor, x: tf.Tensor, y: tf.Tensor): tf.Tensor;
}

/** The layer that is an activation. */
export function activation({ value, gradient }: Activation): Layer {
  return rowwise({
    forward: ([x]) => value(x as tf.Tensor),
    backward: (delta, [x], output) => ({ inputs: [gradient(delta, x as tf.Tensor, output)] }),
  });
}

/** An activation from its derivative by x. */
function bent(
  value: (x: tf.Tensor) => tf.Tensor,
  slope: (x: tf.Tensor, y: tf.Tensor) => tf.Tensor,
): Activation {
  return { value, gradient: (delta, x, y) => tf.mul(delta, slope(x, y)) };
}

/** x > 0 ? x : negativeSlope · x. */
export function leakyReLU(negativeSlope: number): Activation {
  return bent(
    (x) => tf.leakyRelu(x, negativeSlope),
    (x) => tf.step(x, negativeSlope),
  );
}

/** x > 0 ? scale · x : scale · α (eˣ − 1). */
export function elu(alpha: number, scale = 1): Activation {
  const steep = scale * alpha;
  return bent(
    (x) => tf.add(tf.mul(tf.relu(x), scale), tf.mul(tf.expm1(tf.minimum(x, 0)), steep)),
    (x, y) => {
      const positive = tf.step(x);
      return tf.add(tf.mul(positive, scale), tf.mul(tf.sub(1, positive), tf.add(y, steep)));
    },
  );
}

/** Φ(x) of the standard normal distribution. */
function normalShare(x: tf.Tensor): tf.Tensor {
  return tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);
}

/** The standard normal density. */
function normalDensity(x: tf.Tensor): tf.Tensor {
  return tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
}

/** Activations by their names in Keras; gelu is the exact one, x Φ(x). */
export const activations: Readonly<Record<ActivationName, Activation>> = {
  relu: { value: relu, gradient: (delta, _x, y) => reluGradient(delta, y) },
  relu6: bent(tf.relu6, (x) => tf.mul(tf.step(x), tf.step(tf.sub(6, x)))),
  gelu: bent(
    (x) => tf.mul(x, normalShare(x)),
    (x) => tf.add(normalShare(x), tf.mul(x, normalDensity(x))),
  ),
  tanh: bent(tf.tanh, (_x, y) => tf.sub(1, tf.square(y))),
  sigmoid: bent(tf.sigmoid, (_x, y) => tf.mul(y, tf.sub(1, y))),
  swish: bent(
    (x) => tf.mul(x, tf.sigmoid(x)),
    (x, y) => {
      const share = tf.sigmoid(x);
      return tf.add(y, tf.mul(share, tf.sub(1, y)));
    },
  ),
  elu: elu(1),
  // Klambauer et al. (2017), as Keras has them.
  selu: elu(1.6732632423543772, 1.0507009873554805),
  softplus: bent(tf.softplus, tf.sigmoid),
};
