import * as tf from '@tensorflow/tfjs';
import { reluGradient } from '../operations';
import { type Layer, rowwise } from './layer';

/** max(x, 0). */
export function relu(): Layer {
  return rowwise({
    forward: ([x]) => tf.relu(x as tf.Tensor),
    backward: (gradient, _inputs, output) => ({ inputs: [reluGradient(gradient, output)] }),
  });
}

/** [n, …] → [n, features], channels last varying fastest. */
export function flatten(): Layer {
  return rowwise({
    forward: ([x]) => tf.reshape(x as tf.Tensor, [(x as tf.Tensor).shape[0] as number, -1]),
    backward: (gradient, [x]) => ({ inputs: [tf.reshape(gradient, (x as tf.Tensor).shape)] }),
  });
}

/** Sum of equally shaped inputs. */
export function add(): Layer {
  return rowwise({
    forward: (inputs) => tf.addN([...inputs]),
    backward: (gradient, inputs) => ({ inputs: inputs.map(() => gradient) }),
  });
}

/** Inputs side by side along the last axis. */
export function concatenate(): Layer {
  return rowwise({
    forward: (inputs) => tf.concat([...inputs], -1),
    backward: (gradient, inputs) => {
      const widths = inputs.map((x) => x.shape[x.rank - 1] as number);
      return { inputs: tf.split(gradient, widths, -1) };
    },
  });
}
