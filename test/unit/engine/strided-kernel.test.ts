import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { startEngine } from '../../../src-main/engine/backend';
import { convolution } from '../../../src-main/engine/layers/convolution';
import { depthwiseConvolution } from '../../../src-main/engine/layers/depthwise-convolution';

beforeAll(() => startEngine());

const strided = { strides: [2, 2], padding: 'same', dilationRate: 1 } as const;

it.each([
  ['Conv2D', convolution([1, 1, 3, 6], { ...strided, groups: 1 }, false), 3],
  ['DepthwiseConv2D', depthwiseConvolution([1, 1, 1, 2], strided, false), 1],
])('%s: the gradient of a kernel of one position keeps to its memory', (_, layer, channels) => {
  const filters = layer.columns;
  // With TensorFlow's own strides an odd batch ends the process within some ten of them.
  for (let turn = 0; turn < 100; turn++) {
    tf.tidy(() => {
      const x = tf.ones([5, 10, 10, channels]);
      const delta = tf.ones([5, 5, 5, filters]);
      const found = layer.kernelGradient(x, delta).dataSync();
      for (let size = 7; size < 27; size++) tf.zeros([size]);
      expect(found).toEqual(new Float32Array(channels * filters).fill(125));
    });
  }
});
