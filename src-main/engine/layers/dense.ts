import * as tf from '@tensorflow/tfjs';
import { biasGradient } from '../operations';
import { type Layer, type ParameterSpec, rowwise } from './layer';

/** z = x W + b with x [n, in], W [in, out]. Gradients: W by xᵀ D, b by Σ D, x by D Wᵀ. */
export function dense(inputs: number, units: number, useBias: boolean): Layer {
  const kernel: ParameterSpec = {
    name: 'kernel',
    shape: [inputs, units],
    trainable: true,
    start: 'he-normal',
  };
  const bias: ParameterSpec = { name: 'bias', shape: [units], trainable: true, start: 'zeros' };
  return rowwise({
    parameters: useBias ? [kernel, bias] : [kernel],
    forward([x], parameters) {
      const product = tf.matMul(x as tf.Tensor, parameters.kernel as tf.Tensor);
      return parameters.bias ? tf.add(product, parameters.bias) : product;
    },
    backward(gradient, [x], _output, parameters, wantsInputs) {
      return {
        inputs: wantsInputs
          ? [tf.matMul(gradient, parameters.kernel as tf.Tensor, false, true)]
          : [],
        parameters: {
          kernel: tf.matMul(x as tf.Tensor, gradient, true, false),
          ...(parameters.bias ? { bias: biasGradient(gradient) } : {}),
        },
      };
    },
  });
}
