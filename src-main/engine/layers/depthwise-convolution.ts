import * as tf from '@tensorflow/tfjs';
import { type ConvolutionShape, metByKernel } from '../operations';
import { convolution } from './convolution';
import { gathered, spread } from './dilation';
import type { LinearMathematics } from './linear';

type Tensor4D = tf.Tensor4D;

/**
 * A convolution of each channel by filters of its own: x [n, height, width, in], W [h, w, in,
 * multiplier] (Keras' layout), whose memory is that of a convolution in `in` groups, [h, w, 1,
 * in · multiplier].
 */
export function depthwiseConvolution(
  kernelShape: readonly [number, number, number, number],
  shape: ConvolutionShape & { readonly dilationRate: number },
  useBias: boolean,
): LinearMathematics {
  const [height, width, channels, multiplier] = kernelShape;
  const grouped = convolution(
    [height, width, 1, channels * multiplier],
    { ...shape, groups: channels },
    useBias,
  );
  const { strides, padding, dilationRate: rate } = shape;
  const window = { strides: [...strides], dilations: [1, 1], pad: padding };
  return {
    kernelShape,
    columns: channels * multiplier,
    useBias,
    fanIn: height * width,
    apply: (x, kernel) =>
      tf.depthwiseConv2d(x as Tensor4D, spread(kernel as Tensor4D, rate), [...strides], padding),
    kernelGradient(x, delta) {
      if (tf.getBackend() === 'wasm') {
        return tf.reshape(grouped.kernelGradient(x, delta), [...kernelShape]);
      }
      const [tall, wide] = [(height - 1) * rate + 1, (width - 1) * rate + 1];
      // Of one channel it is a convolution to TensorFlow.
      const met = metByKernel(x as Tensor4D, [tall, wide], shape);
      const found = tf.engine().runKernel(
        'DepthwiseConv2dNativeBackpropFilter',
        { x: met.input, dy: delta },
        {
          ...{ ...window, strides: [...met.strides] },
          filterShape: [tall, wide, channels, multiplier],
        },
      );
      return gathered(found as Tensor4D, rate);
    },
    inputGradient(delta, kernel, x) {
      if (tf.getBackend() === 'wasm') {
        const filter = tf.reshape(kernel, [...grouped.kernelShape]);
        return grouped.inputGradient(delta, filter, x);
      }
      return tf
        .engine()
        .runKernel(
          'DepthwiseConv2dNativeBackpropInput',
          { dy: delta, filter: spread(kernel as Tensor4D, rate) },
          { ...window, inputShape: x.shape },
        ) as tf.Tensor;
    },
  };
}
