import * as tf from '@tensorflow/tfjs';
import type { Sides } from '../../../src-shared/model/resolved';
import { type Layer, rowwise } from './layer';

/** Each example in another shape, the last axis varying fastest. */
export function reshape(shape: readonly number[]): Layer {
  return rowwise({
    forward: ([x]) => tf.reshape(x as tf.Tensor, [(x as tf.Tensor).shape[0] as number, ...shape]),
    backward: (gradient, [x]) => ({ inputs: [tf.reshape(gradient, (x as tf.Tensor).shape)] }),
  });
}

/** Zeros around each image. */
export function zeroPadding([[top, bottom], [left, right]]: Sides): Layer {
  return rowwise({
    forward: ([x]) =>
      tf.pad(x as tf.Tensor4D, [
        [0, 0],
        [top, bottom],
        [left, right],
        [0, 0],
      ]),
    backward: (gradient, [x]) => ({
      inputs: [tf.slice(gradient, [0, top, left, 0], (x as tf.Tensor).shape)],
    }),
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
