import type * as tf from '@tensorflow/tfjs';
import type { EncodedArray, PartStorage } from '../records';
import { encode } from './storage';

/**
 * Reads tensors one after another as one array, encoded.
 *
 * @param shape of the whole; where there are no tensors, zeros in that shape
 * @throws `training-diverged` where a number that is to be quantised is not finite
 */
export function readEncoded(
  tensors: readonly tf.Tensor[],
  shape: readonly number[],
  storage: PartStorage,
): EncodedArray {
  const count = shape.reduce((product, side) => product * side, 1);
  return encode(flattened(tensors, count), storage);
}

/** The values of several tensors; of one tensor without a copy. */
function flattened(tensors: readonly tf.Tensor[], count: number): Float32Array {
  const [first] = tensors;
  if (tensors.length === 1 && first) return first.dataSync<'float32'>();
  const values = new Float32Array(count);
  let at = 0;
  for (const tensor of tensors) {
    values.set(tensor.dataSync<'float32'>(), at);
    at += tensor.size;
  }
  return values;
}
