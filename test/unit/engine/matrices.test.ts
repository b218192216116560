import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { nativeBackend, patchedBackend, startEngine } from '../../../src-main/engine/backend';
import { matrixProducts, productSum } from '../../../src-main/engine/matrix-products';
import { biasGradient, relu, reluGradient } from '../../../src-main/engine/operations';
import { Random } from '../../../src-shared/random';

beforeAll(startEngine);

const random = Random.seeded(3, 'matrices');

function normals(rows: number, columns: number): Float32Array {
  return Float32Array.from({ length: rows * columns }, () => random.normal());
}

/** Narrower, wider and deeper than the tiles that a product is made of, and their multiples. */
const sizes = [
  [1, 1, 1],
  [5, 7, 3],
  [12, 32, 192],
  [13, 33, 193],
  [64, 10, 128],
  [3, 1100, 40],
  [300, 70, 64],
  [64, 256, 784],
] as const;

interface Numbers {
  readonly values: Float32Array;
  /** The place of row i and column k. */
  readonly at: (i: number, k: number) => number;
}

/** Errors of 2⁻²⁴ at each of the additions, which go both ways. */
function expectProducts(
  found: tf.Tensor,
  pairs: readonly [Numbers, Numbers, number][],
  row: Float32Array,
): void {
  const n = found.shape[1] as number;
  let worst = 0;
  for (const [place, value] of found.dataSync<'float32'>().entries()) {
    const [i, j] = [Math.floor(place / n), place % n];
    let sum = row[j] ?? 0;
    let size = Math.abs(sum);
    let additions = 0;
    for (const [a, b, depth] of pairs) {
      additions += depth;
      for (let k = 0; k < depth; k++) {
        const product = (a.values[a.at(i, k)] as number) * (b.values[b.at(k, j)] as number);
        sum += product;
        size += Math.abs(product);
      }
    }
    worst = Math.max(worst, Math.abs(value - sum) / (2 ** -24 * (1 + additions ** 0.5) * size));
  }
  expect(worst).toBeLessThan(1);
}

test('products are those of double precision, the right matrix transposed or not', () => {
  for (const [m, n, depth] of sizes) {
    for (const transposeB of [false, true]) {
      const [b, row] = [normals(depth, n), normals(1, n)];
      const lefts = [m, 3].map((rows) => ({ rows, values: normals(rows, depth) }));
      const a = lefts.map(({ rows, values }) => tf.tensor2d(values, [rows, depth]));
      const right = transposeB ? tf.tensor2d(b, [n, depth]) : tf.tensor2d(b, [depth, n]);
      const options = { transposeB, row: tf.tensor1d(row) };
      const found = matrixProducts(a, right, options);
      const first = {
        values: b,
        at: (k: number, j: number) => (transposeB ? j * depth + k : k * n + j),
      };
      for (const [each, { rows, values }] of lefts.entries()) {
        const product = found[each] as tf.Tensor;
        expect(product.shape).toEqual([rows, n]);
        const left = { values, at: (i: number, k: number) => i * depth + k };
        expectProducts(product, [[left, first, depth]], row);
        const alone = matrixProducts([a[each] as tf.Tensor], right, options)[0];
        expect(alone?.dataSync()).toEqual(product.dataSync());
      }
    }
  }
});

test('sums of products are those of double precision', () => {
  for (const [m, n, depth] of sizes) {
    for (const depths of [[depth], [depth, 5]]) {
      const [as, bs] = [m, n].map((columns) => depths.map((rows) => normals(rows, columns))) as [
        Float32Array[],
        Float32Array[],
      ];
      const tensors = (all: Float32Array[], columns: number) =>
        all.map((values, pair) => tf.tensor2d(values, [depths[pair] as number, columns]));
      const found = productSum(tensors(as, m), tensors(bs, n));
      expect(found.shape).toEqual([m, n]);
      const again = productSum(tensors(as, m), tensors(bs, n));
      expect(again.dataSync()).toEqual(found.dataSync());
      const pairs = depths.map((rows, pair): [Numbers, Numbers, number] => [
        { values: as[pair] as Float32Array, at: (i, k) => k * m + i },
        { values: bs[pair] as Float32Array, at: (k, j) => k * n + j },
        rows,
      ]);
      expectProducts(found, pairs, new Float32Array());
    }
  }
});

test('products over nothing are zeros, whatever the memory held, and so is the bias gradient of no rows', () => {
  const left = tf.tensor2d([], [0, 7]);
  const right = tf.tensor2d([], [0, 300]);
  for (let time = 0; time < 3; time++) {
    // Memory that TensorFlow may give out again.
    tf.tidy(() => tf.fill([7, 300], Number.NaN).dataSync());
    const product = productSum([left], [right]);
    expect(product.shape).toEqual([7, 300]);
    expect(product.dataSync()).toEqual(new Float32Array(2100));
    const row = tf.tensor1d([1, 2]);
    const rows = matrixProducts([tf.tensor2d([], [3, 0])], tf.tensor2d([], [0, 2]), { row });
    expect([...(rows[0]?.dataSync() ?? [])]).toEqual([1, 2, 1, 2, 1, 2]);
    const pairs = [left, tf.ones([1, 7])];
    const sum = productSum(pairs, [right, tf.ones([1, 300])]);
    expect(sum.dataSync()).toEqual(new Float32Array(2100).fill(1));
    expect([...biasGradient(tf.tensor2d([], [0, 2])).dataSync()]).toEqual([0, 0]);
  }
});

test('rectified numbers keep what is no number, and their gradient flows where they are positive', () => {
  const x = tf.tensor1d([-1, 0, 2, Number.NaN, Number.POSITIVE_INFINITY]);
  expect([...relu(x).dataSync()]).toEqual([0, 0, 2, Number.NaN, Number.POSITIVE_INFINITY]);
  const found = reluGradient(tf.tensor1d([5, 6, 7]), tf.tensor1d([0, 3, 0]));
  expect([...found.dataSync()]).toEqual([0, 6, 0]);
  // Long enough for several threads.
  const long = normals(1, 200_001);
  const rectified = relu(tf.tensor1d(long)).dataSync();
  expect(rectified).toEqual(long.map((value) => Math.max(value, 0)));
});

test('a bias gradient is the sum of the rows', () => {
  const sum = biasGradient(tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2])).dataSync();
  expect([...sum]).toEqual([9, 12]);
});

test('a tensor in another shape has the same numbers, after the first is gone too', () => {
  const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
  const found = tf.reshape(relu(x), [3, -1, 1]);
  tf.dispose(x);
  expect(found.shape).toEqual([3, 2, 1]);
  expect([...found.dataSync()]).toEqual([1, 2, 3, 4, 5, 6]);
  expect([...tf.reshape(found, [6]).dataSync()]).toEqual([1, 2, 3, 4, 5, 6]);
  expect(tf.reshape(tf.tensor1d([7, 8], 'int32'), [2, 1]).arraySync()).toEqual([[7], [8]]);
  expect(tf.reshape(tf.scalar(9), []).arraySync()).toBe(9);
});

test('tensors that do not fit are told', ({ skip }) => {
  const native = nativeBackend();
  const { multiply, multiplySum, sumRows, rectify, reshape } = native?.binding ?? {};
  if (!native || !multiply || !multiplySum || !sumRows || !rectify || !reshape) return skip();
  expect(patchedBackend() === null).toBe(native.isUsingGpuDevice);
  const ids = native.getInputTensorIds([
    tf.zeros([2, 3]),
    tf.zeros([2, 3]),
    tf.zeros([3]),
    tf.zeros([3, 3]),
  ]);
  const [a = 0, b = 0, row = 0, square = 0] = ids;
  expect(() => multiply([a], [b], false)).toThrow(/fit/);
  expect(() => multiply([a], [b, row], true)).toThrow(/fit/);
  expect(() => multiply([a, row], [square], false)).toThrow(/fit/);
  expect(() => multiply([a], [], false)).toThrow(/fit/);
  expect(() => multiply([], [b], false)).toThrow(/fit/);
  expect(() => multiply([a], [-5], true)).toThrow(/there/);
  expect(() => multiplySum([a, square])).toThrow(/fit/);
  expect(() => multiplySum([a, b, row])).toThrow(/fit/);
  expect(() => multiplySum([a, square, square, b])).toThrow(/fit/);
  expect(() => multiplySum([a, -5])).toThrow(/there/);
  expect(() => sumRows([-5])).toThrow(/there/);
  expect(() => rectify([a, row])).toThrow(/fit/);
  expect(() => reshape([a], [2, 2])).toThrow(/fit/);
  expect(() => reshape([a], [-2, -3])).toThrow(/fit/);
});
