import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { nativeBackend, startEngine } from '../../../src-main/engine/backend';
import {
  normalizeChannels,
  normalizePooled,
  pooledGradient,
} from '../../../src-main/engine/operations';
import { poolingGradient } from '../../../src-main/engine/pooling-gradient';
import { Random } from '../../../src-shared/random';

beforeAll(async () => {
  await startEngine();
});

const random = Random.seeded(11, 'normalisation');
const normal = (count: number, mean = 0): Float32Array =>
  Float32Array.from({ length: count }, () => mean + random.normal());

/** Rows of a group: more than are summed at a time, so that parts are put together. */
const [channels, rows, ghostRows] = [24, 3000, 1700];
const epsilon = 1e-5;

/** Mean of f(row, channel) over a group's rows, in doubles. */
function meanOf(count: number, f: (row: number) => number): number {
  let sum = 0;
  for (let row = 0; row < count; row++) sum += f(row);
  return sum / count;
}

const near = (found: tf.Tensor, expected: readonly number[], tolerance: number): void => {
  const values = found.dataSync();
  for (const [i, value] of expected.entries()) {
    expect(Math.abs((values[i] as number) - value)).toBeLessThan(tolerance);
  }
};

test('normalises by given moments as doubles do, of maps too and of none', () => {
  const x = normal(rows * channels, 3);
  const [mean, variance] = [normal(channels, 3), normal(channels).map(Math.abs)];
  const [means, variances] = [tf.tensor1d(mean), tf.tensor1d(variance)];
  const found = normalizeChannels(
    tf.tensor4d(x, [rows / 6, 2, 3, channels]),
    means,
    variances,
    epsilon,
  );
  expect(found.shape).toEqual([rows / 6, 2, 3, channels]);
  const expected = Array.from(x, (value, i) => {
    const c = i % channels;
    return (value - (mean[c] as number)) / Math.sqrt((variance[c] as number) + epsilon);
  });
  const values = found.dataSync();
  for (const [i, value] of expected.entries()) {
    expect(Math.abs((values[i] as number) - value)).toBeLessThan(1e-5 * (1 + Math.abs(value)));
  }
  const none = normalizeChannels(tf.zeros([0, channels]), means, variances, epsilon);
  expect(none.shape).toEqual([0, channels]);
  expect(none.dataSync()).toHaveLength(0);
});

test.for([
  ['one group', 0, [1]],
  ['two groups far apart', 1000, [0.1, 0.9]],
] as const)('normalises as sums in doubles do: %s', ([, mean, weights], { skip }) => {
  const groups = weights.map((__, g) =>
    normal((g === 0 ? rows : ghostRows) * channels, mean + 2 * g),
  );
  const tensors = groups.map((x) => tf.tensor2d(x, [x.length / channels, channels]));
  const found = normalizePooled(tensors, weights, epsilon);
  if (!found) return skip();
  const means: number[] = [];
  const variances: number[] = [];
  for (let c = 0; c < channels; c++) {
    const pooled = (f: (x: number) => number): number =>
      groups.reduce((sum, x, g) => {
        const at = (row: number): number => f(x[row * channels + c] as number);
        return sum + (weights[g] as number) * meanOf(x.length / channels, at);
      }, 0);
    const mu = pooled((x) => x);
    means.push(mu);
    variances.push(pooled((x) => (x - mu) ** 2));
  }
  near(found.mean, means, 1e-5 * (1 + mean / 10));
  near(found.variance, variances, 1e-4);
  for (const [g, x] of groups.entries()) {
    const expected = Array.from(x.subarray(0, 500), (value, i) => {
      const c = i % channels;
      return (value - (means[c] as number)) / Math.sqrt((variances[c] as number) + epsilon);
    });
    near(found.normalized[g] as tf.Tensor, expected, 2e-4);
  }
});

test('passes the gradient back as the formula in doubles does', ({ skip }) => {
  const counts = [rows, ghostRows];
  const weights = [1 / (41 * rows), 40 / (41 * ghostRows)];
  const deltas = counts.map((count) => normal(count * channels, 0.3));
  const hats = counts.map((count) => normal(count * channels));
  const scale = Float32Array.from({ length: channels }, (_, c) => 0.5 + c / channels);
  const tensor = (x: Float32Array): tf.Tensor2D => tf.tensor2d(x, [x.length / channels, channels]);
  const found = pooledGradient(tf.tensor1d(scale), deltas.map(tensor), hats.map(tensor), weights);
  if (!found) return skip();
  for (let c = 0; c < channels; c++) {
    let [sum, product] = [0, 0];
    for (const [g, delta] of deltas.entries()) {
      for (let i = c; i < delta.length; i += channels) {
        sum += delta[i] as number;
        product += (delta[i] as number) * (hats[g]?.[i] as number);
      }
    }
    for (const [g, delta] of deltas.entries()) {
      const w = weights[g] as number;
      const values = found[g]?.dataSync() as Float32Array;
      for (const i of [c, c + channels, delta.length - channels + c]) {
        const pull = w * sum + w * (hats[g]?.[i] as number) * product;
        const expected = ((delta[i] as number) - pull) * (scale[c] as number);
        expect(Math.abs((values[i] as number) - expected)).toBeLessThan(1e-5);
      }
    }
  }
});

test('gives the gradient of a maximum to the first place that holds it, over many windows', () => {
  const shape = { poolSize: [2, 3], strides: [2, 3], padding: 'valid' } as const;
  // Few different numbers, so that most windows hold their maximum several times.
  const x = Float32Array.from({ length: 9 * 8 * 12 * 40 }, () => random.integer(3));
  const input = tf.tensor4d(x, [9, 8, 12, 40]);
  const output = tf.maxPool(input, [2, 3], [2, 3], 'valid');
  const delta = normal(output.size);
  const gradient = tf.tensor4d(delta, output.shape);
  const expected = new Float32Array(x.length);
  const maxima = output.dataSync();
  for (const [place, value] of delta.entries()) {
    const [c, column, line] = [place % 40, Math.floor(place / 40) % 4, Math.floor(place / 160)];
    const places = Array.from({ length: 6 }, (_, i) => {
      const [y, wide] = [line * 2 + Math.floor(i / 3), column * 3 + (i % 3)];
      return (y * 12 + wide) * 40 + c;
    });
    const first = places.find((at) => x[at] === maxima[place]) as number;
    expected[first] = value;
  }
  const found = poolingGradient('max', gradient, input, output as tf.Tensor4D, shape);
  expect(found.dataSync()).toEqual(expected);
});

test('refuses tensors that are not there or don’t fit', ({ skip }) => {
  const native = nativeBackend();
  const { normalize, normalizeGradient, tiledMaxGradient } = native?.binding ?? {};
  if (!native || !normalize || !normalizeGradient || !tiledMaxGradient) return skip();
  const ids = native.getInputTensorIds([tf.ones([3]), tf.ones([4, 3]), tf.ones([4, 2])]);
  const [scale, rowsOfThree, rowsOfTwo] = ids as [number, number, number];
  expect(() => normalize([-5], [1], epsilon)).toThrow(/there/);
  expect(() => normalize([rowsOfTwo, scale], [0.5, 0.5], epsilon)).toThrow(/fit/);
  expect(() => normalizeGradient([scale, rowsOfThree], [1])).toThrow(/fit/);
  expect(() => normalizeGradient([scale, rowsOfThree, rowsOfTwo], [1])).toThrow(/fit/);
  expect(() => tiledMaxGradient([rowsOfThree, rowsOfThree, rowsOfThree], 2, 2)).toThrow(/fit/);
});
