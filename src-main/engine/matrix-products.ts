import * as tf from '@tensorflow/tfjs';
import { nativeBackend, typeFloat } from './backend';
import { patched, patchedList } from './patched';

/** A op(B) + b of each of some matrices A, b (where there is one) in every row: B is read once. */
export function matrixProducts(
  lefts: readonly tf.Tensor[],
  right: tf.Tensor,
  { transposeB = false, row = null as tf.Tensor | null } = {},
): readonly tf.Tensor[] {
  if (right.shape[transposeB ? 1 : 0] === 0) {
    const columns = right.shape[transposeB ? 0 : 1] as number;
    return lefts.map((left) => {
      const nothing = tf.zeros([left.shape[0] as number, columns]);
      return row ? tf.add(nothing, row) : nothing;
    });
  }
  const found = patchedList(row ? [...lefts, right, row] : [...lefts, right], ({ multiply }, ids) =>
    multiply(ids.slice(0, lefts.length), ids.slice(lefts.length), transposeB),
  );
  if (found) return found;
  return lefts.map((left) => {
    const product = runtimeProduct(left, right, false, transposeB);
    return row ? tf.add(product, row) : product;
  });
}

/** A op(B). */
export function matrixProduct(a: tf.Tensor, b: tf.Tensor, transposeB = false): tf.Tensor {
  return matrixProducts([a], b, { transposeB })[0] as tf.Tensor;
}

/** Σ Aᵀ B over pairs of matrices. */
export function productSum(as: readonly tf.Tensor[], bs: readonly tf.Tensor[]): tf.Tensor {
  // Those without rows are sums of nothing, as over the edges of graphs that have none.
  const [a, b] = [as, bs].map((all) => all.filter(({ size }) => size > 0)) as [
    tf.Tensor[],
    tf.Tensor[],
  ];
  if (a.length === 0) return tf.zeros([as, bs].map(([first]) => first?.shape[1] as number));
  const found = patched([...a, ...b], ({ multiplySum }, ids) => multiplySum(ids));
  if (found) return found;
  const products = a.map((each, i) => runtimeProduct(each, b[i] as tf.Tensor, true, false));
  return products.reduce((sum, product) => tf.add(sum, product));
}

function runtimeProduct(
  a: tf.Tensor,
  b: tf.Tensor,
  transposeA: boolean,
  transposeB: boolean,
): tf.Tensor {
  const native = nativeBackend();
  if (!native) return tf.matMul(a, b, transposeA, transposeB);
  // Not `MatMul`: TensorFlow 2.18's damages the heap when a signal comes in between.
  const attributes = [
    typeFloat,
    { name: 'adj_x', type: 3, value: transposeA },
    { name: 'adj_y', type: 3, value: transposeB },
  ];
  return native.executeSingleOutput('BatchMatMulV2', attributes, [a, b]);
}
