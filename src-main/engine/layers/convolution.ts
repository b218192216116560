import * as tf from '@tensorflow/tfjs';
import { biasGradient, type ConvolutionShape, inputGradient, kernelGradient } from '../operations';
import { type Layer, type ParameterSpec, rowwise } from './layer';

/**
 * z = x ∗ W + b with x [n, height, width, in] and W [h, w, in, out] (Keras' layout). The kernel's
 * gradient is Pᵀ D, P the patches of x.
 */
export function convolution(
  kernelShape: readonly [number, number, number, number],
  shape: ConvolutionShape,
  useBias: boolean,
): Layer {
  const kernel: ParameterSpec = {
    name: 'kernel',
    shape: kernelShape,
    trainable: true,
    start: 'he-normal',
  };
  const bias: ParameterSpec = {
    name: 'bias',
    shape: [kernelShape[3]],
    trainable: true,
    start: 'zeros',
  };
  return rowwise({
    parameters: useBias ? [kernel, bias] : [kernel],
    forward([x], parameters) {
      const map = tf.conv2d(
        x as tf.Tensor4D,
        parameters.kernel as tf.Tensor4D,
        shape.strides,
        shape.padding,
      );
      return parameters.bias ? tf.add(map, parameters.bias) : map;
    },
    backward(gradient, [x], _output, parameters, wantsInputs) {
      const input = x as tf.Tensor4D;
      const delta = gradient as tf.Tensor4D;
      const filter = parameters.kernel as tf.Tensor4D;
      return {
        inputs: wantsInputs ? [inputGradient(delta, filter, input.shape, shape)] : [],
        parameters: {
          kernel: kernelGradient(input, delta, kernelShape, shape),
          ...(parameters.bias ? { bias: biasGradient(delta) } : {}),
        },
      };
    },
  });
}
