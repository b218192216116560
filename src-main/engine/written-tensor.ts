import * as tf from '@tensorflow/tfjs';
import { patchedBackend } from './backend';

let room = new Float32Array(0);

/**
 * A tensor of numbers that `write` puts into an array of its size, all of them. The runtime may share the
 * array that a tensor is made of; where the binding copies it, one array serves again and again and stays in
 * the processor's caches.
 */
export function writtenTensor(
  shape: readonly number[],
  write: (into: Float32Array) => void,
): tf.Tensor {
  const size = tf.util.sizeFromShape([...shape]);
  const native = patchedBackend();
  const copy = native?.binding.copyNumbers;
  if (!native || !copy) {
    const values = new Float32Array(size);
    write(values);
    return tf.tensor(values, [...shape], 'float32');
  }
  if (room.length < size) room = new Float32Array(size);
  const values = room.subarray(0, size);
  write(values);
  return native.createOutputTensor(copy(values, shape));
}
