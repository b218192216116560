import * as tf from '@tensorflow/tfjs';

/** One split of a data set, as training and inference read it. */
export interface Examples {
  readonly count: number;
  /** Shape of one example, [height, width, channels] or [features]. */
  readonly shape: readonly number[];
  readonly labels: ArrayLike<number>;
  /** Writes the examples of `indices` one after another into `into`. */
  gather(indices: ArrayLike<number>, into: Float32Array): void;
}

/**
 * The examples of `indices` as one tensor [n, …shape].
 *
 * @param change changes the numbers in place before they become a tensor
 */
export function batchTensor(
  examples: Examples,
  indices: ArrayLike<number>,
  change?: (values: Float32Array) => void,
): tf.Tensor {
  const size = examples.shape.reduce((product, side) => product * side, 1);
  const values = new Float32Array(indices.length * size);
  examples.gather(indices, values);
  change?.(values);
  return tf.tensor(values, [indices.length, ...examples.shape], 'float32');
}

/** The classes of `indices`. */
export function labelsOf(examples: Examples, indices: ArrayLike<number>): Int32Array {
  return Int32Array.from({ length: indices.length }, (_, i) =>
    Number(examples.labels[indices[i] as number]),
  );
}
