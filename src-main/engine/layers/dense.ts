import * as tf from '@tensorflow/tfjs';
import { matrixProduct } from '../operations';
import type { LinearMathematics } from './linear';

/**
 * z = x W with x [n, in] or, token by token, [n, tokens, in]; W [in, out]. Gradients: W by Xᵀ D over
 * all tokens, x by D Wᵀ.
 */
export function dense(inputs: number, units: number, useBias: boolean): LinearMathematics {
  return {
    kernelShape: [inputs, units],
    columns: units,
    useBias,
    apply: (x, kernel) => onRows(x, (rows) => matrixProduct(rows, kernel)),
    affine: (x, kernel, row) => onRows(x, (rows) => matrixProduct(rows, kernel, { row })),
    kernelGradient: (x, delta) => matrixProduct(rowsOf(x), rowsOf(delta), { transposeA: true }),
    inputGradient: (delta, kernel) =>
      onRows(delta, (rows) => matrixProduct(rows, kernel, { transposeB: true })),
  };
}

/** [n, …, features] as one matrix of rows. */
function rowsOf(x: tf.Tensor): tf.Tensor {
  return x.rank === 2 ? x : tf.reshape(x, [-1, x.shape[x.rank - 1] as number]);
}

function onRows(x: tf.Tensor, work: (rows: tf.Tensor) => tf.Tensor): tf.Tensor {
  const product = work(rowsOf(x));
  return x.rank === 2 ? product : tf.reshape(product, [...x.shape.slice(0, -1), -1]);
}
