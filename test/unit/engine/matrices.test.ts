import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { nativeBackend, patchedBackend, startEngine } from '../../../src-main/engine/backend';
import {
  biasGradient,
  matrixProduct,
  relu,
  reluGradient,
} from '../../../src-main/engine/operations';
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

const ways = [
  { transposeA: false, transposeB: false },
  { transposeA: true, transposeB: false },
  { transposeA: false, transposeB: true },
];

test('products are those of double precision, either matrix transposed', () => {
  for (const [m, n, depth] of sizes) {
    for (const way of ways) {
      const [a, b, row] = [normals(m, depth), normals(depth, n), normals(1, n)];
      const left = way.transposeA ? tf.tensor2d(a, [depth, m]) : tf.tensor2d(a, [m, depth]);
      const right = way.transposeB ? tf.tensor2d(b, [n, depth]) : tf.tensor2d(b, [depth, n]);
      const found = matrixProduct(left, right, { ...way, row: tf.tensor1d(row) });
      expect(found.shape).toEqual([m, n]);
      const again = matrixProduct(left, right, { ...way, row: tf.tensor1d(row) }).dataSync();
      expect(again).toEqual(found.dataSync());
      for (const [at, value] of found.dataSync<'float32'>().entries()) {
        const [i, j] = [Math.floor(at / n), at % n];
        let sum = row[j] as number;
        let size = Math.abs(sum);
        for (let k = 0; k < depth; k++) {
          const x = a[way.transposeA ? k * m + i : i * depth + k] as number;
          const product = x * (b[way.transposeB ? j * depth + k : k * n + j] as number);
          sum += product;
          size += Math.abs(product);
        }
        // Errors of 2⁻²⁴ at each of the additions, which go both ways.
        expect(Math.abs(value - sum)).toBeLessThan(2 ** -24 * (1 + depth ** 0.5) * size);
      }
    }
  }
});

test('products over nothing are zeros, whatever the memory held, and so is the bias gradient of no rows', () => {
  const left = tf.tensor2d([], [0, 7]);
  const right = tf.tensor2d([], [0, 300]);
  for (let time = 0; time < 3; time++) {
    // Memory that TensorFlow may give out again.
    tf.tidy(() => tf.fill([7, 300], Number.NaN).dataSync());
    const product = matrixProduct(left, right, { transposeA: true });
    expect(product.shape).toEqual([7, 300]);
    expect(product.dataSync()).toEqual(new Float32Array(2100));
    const row = tf.tensor1d([1, 2]);
    const rows = matrixProduct(tf.tensor2d([], [3, 0]), tf.tensor2d([], [0, 2]), { row });
    expect([...rows.dataSync()]).toEqual([1, 2, 1, 2, 1, 2]);
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
  const { multiply, sumRows, rectify, reshape } = native?.binding ?? {};
  if (!native || !multiply || !sumRows || !rectify || !reshape) return skip();
  expect(patchedBackend() === null).toBe(native.isUsingGpuDevice);
  const ids = native.getInputTensorIds([tf.zeros([2, 3]), tf.zeros([2, 3]), tf.zeros([3])]);
  const [a = 0, b = 0, row = 0] = ids;
  expect(() => multiply([a, b], false, false)).toThrow(/fit/);
  expect(() => multiply([a, b], true, true)).toThrow(/fit/);
  expect(() => multiply([a, b, row], false, true)).toThrow(/fit/);
  expect(() => multiply([a, -5], false, true)).toThrow(/there/);
  expect(() => multiply([a], false, true)).toThrow(/fit/);
  expect(() => sumRows([-5])).toThrow(/there/);
  expect(() => rectify([a, row])).toThrow(/fit/);
  expect(() => reshape([a], [2, 2])).toThrow(/fit/);
  expect(() => reshape([a], [-2, -3])).toThrow(/fit/);
});
