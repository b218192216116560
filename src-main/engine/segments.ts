import * as tf from '@tensorflow/tfjs';
import { type NativeAttribute, nativeBackend } from './backend';

/** `T: float32` and three `int32`, in the numbers of TensorFlow's C interface. */
const types: readonly NativeAttribute[] = [
  { name: 'T', type: 4, value: 1 },
  { name: 'Tidx', type: 4, value: 3 },
  { name: 'Tnumsegments', type: 4, value: 3 },
  { name: 'Tsegmentids', type: 4, value: 3 },
];

/**
 * Sums of rows by segment: row s of the result [count, …] is Σ of `rows[order[i]]` over all i with
 * `segments[i]` = s; 0 where there is none.
 *
 * @param rows [n, features]
 * @param order which rows to add, int32 [m]; null: all in their order
 * @param segments ascending, int32 [m]
 */
export function segmentSum(
  rows: tf.Tensor2D,
  order: tf.Tensor1D | null,
  segments: tf.Tensor1D,
  count: number,
): tf.Tensor2D {
  const features = rows.shape[1];
  if (segments.size === 0) return tf.zeros([count, features]);
  const places = order ?? tf.range(0, rows.shape[0], 1, 'int32');
  const native = nativeBackend();
  if (native) {
    return native.executeSingleOutput('SparseSegmentSumWithNumSegments', types, [
      rows,
      places,
      segments,
      tf.scalar(count, 'int32'),
    ]) as tf.Tensor2D;
  }
  // The fallback's sums end with the last segment that has a row.
  const sums = tf.sparse.sparseSegmentSum(rows, places, segments) as tf.Tensor2D;
  return tf.pad(sums, [
    [0, count - sums.shape[0]],
    [0, 0],
  ]);
}

/** `rows[places]`, [m, features]. */
export function rowsAt(rows: tf.Tensor2D, places: tf.Tensor1D): tf.Tensor2D {
  return tf.gather(rows, places);
}
