import * as tf from '@tensorflow/tfjs';
import { sizeOf } from '../../../src-shared/model/resolved';
import type { Random } from '../../../src-shared/random';
import type { Layer } from './layer';

/**
 * Dropout (Srivastava et al., 2014): each value is 0 with probability `rate`, else 1 / (1 − rate)
 * times itself. The mask follows from seed, layer and step alone, so that repeating a step gives the
 * same bits. Nothing happens in inference.
 */
export function dropout(rate: number): Layer {
  return {
    parameters: [],
    infer: ([x]) => x as tf.Tensor,
    forward(inputs, _parameters, _graphs, random) {
      const masks = inputs.map(([x], group) => mask((x as tf.Tensor).shape, rate, random(group)));
      return {
        outputs: inputs.map(([x], group) => tf.mul(x as tf.Tensor, masks[group] as tf.Tensor)),
        memory: Object.fromEntries(masks.map((each, group) => [`mask${group}`, each])),
      };
    },
    backward: (gradients, pass) => ({
      inputs: gradients.map((gradient, group) => [
        tf.mul(gradient, pass.memory[`mask${group}`] as tf.Tensor),
      ]),
      parameters: {},
    }),
  };
}

function mask(shape: number[], rate: number, random: Random): tf.Tensor {
  const size = sizeOf(shape);
  const kept = 1 / (1 - rate);
  return tf.tensor(
    Float32Array.from({ length: size }, () => (random.uniform() < rate ? 0 : kept)),
    shape,
  );
}
