import * as tf from '@tensorflow/tfjs';
import { matrixProduct, matrixProducts, productSum } from '../matrix-products';
import type { Groups } from './layer';
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
    kernelGradient: (x, delta) => productSum([rowsOf(x)], [rowsOf(delta)]),
    inputGradient: (delta, kernel) => onRows(delta, (rows) => matrixProduct(rows, kernel, true)),
    together: {
      apply: (xs, kernel, row) =>
        onAllRows(xs, (rows) => matrixProducts(rows, kernel, { row: row ?? null })),
      kernelGradient(xs, deltas, wantsLast) {
        const [x, d] = [xs.map(rowsOf), deltas.map(rowsOf)];
        const whole = productSum(x, d);
        return wantsLast ? [whole, productSum(x.slice(-1), d.slice(-1))] : [whole];
      },
      inputGradient: (deltas, kernel) =>
        onAllRows(deltas, (rows) => matrixProducts(rows, kernel, { transposeB: true })),
    },
  };
}

/** [n, …, features] as one matrix of rows. */
function rowsOf(x: tf.Tensor): tf.Tensor {
  return x.rank === 2 ? x : tf.reshape(x, [-1, x.shape[x.rank - 1] as number]);
}

function onRows(x: tf.Tensor, work: (rows: tf.Tensor) => tf.Tensor): tf.Tensor {
  return onAllRows([x], ([rows]) => [work(rows as tf.Tensor)])[0] as tf.Tensor;
}

function onAllRows(
  xs: Groups<tf.Tensor>,
  work: (rows: Groups<tf.Tensor>) => Groups<tf.Tensor>,
): Groups<tf.Tensor> {
  return work(xs.map(rowsOf)).map((product, group) => {
    const x = xs[group] as tf.Tensor;
    return x.rank === 2 ? product : tf.reshape(product, [...x.shape.slice(0, -1), -1]);
  });
}
