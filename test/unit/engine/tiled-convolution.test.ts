import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { nativeBackend, startEngine } from '../../../src-main/engine/backend';
import { convolveTiled, correlateTiled, isTiled } from '../../../src-main/engine/tiled-convolution';
import { Random } from '../../../src-shared/random';

beforeAll(startEngine);

interface Case {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly filters: number;
  readonly padding: number;
  /** Maps of each group. */
  readonly groups: readonly number[];
}

const cases: Case[] = [
  { height: 6, width: 6, channels: 32, filters: 32, padding: 1, groups: [3, 2] },
  { height: 5, width: 7, channels: 64, filters: 32, padding: 1, groups: [2, 1] },
  { height: 6, width: 5, channels: 32, filters: 96, padding: 0, groups: [2] },
  { height: 2, width: 2, channels: 160, filters: 64, padding: 1, groups: [5, 3] },
  // More tiles than are worked on together, and few blocks: sums in several parts.
  { height: 8, width: 8, channels: 32, filters: 32, padding: 1, groups: [17, 7] },
];

/** fp32: Winograd's transforms add and take away up to four numbers before and after the products. */
const tolerance = 2e-6;

describe.each(cases)(
  'a 3 × 3 convolution by tiles, $height × $width × $channels → $filters',
  (test) => {
    const { height, width, channels, filters, padding, groups } = test;
    const out = { height: height + 2 * padding - 2, width: width + 2 * padding - 2 };
    const random = Random.seeded(5, 'tiles');
    const draw = (size: number) => Float32Array.from({ length: size }, () => random.normal());
    const kernel = draw(9 * channels * filters);
    const maps = groups.map((n) => draw(n * height * width * channels));
    const deltas = groups.map((n) => draw(n * out.height * out.width * filters));
    const kernelTensor = () => tf.tensor(kernel, [3, 3, channels, filters]);
    const mapTensors = () =>
      maps.map((x, g) => tf.tensor(x, [groups[g] as number, height, width, channels]));
    const deltaTensors = () =>
      deltas.map((d, g) => tf.tensor(d, [groups[g] as number, out.height, out.width, filters]));

    it('gives what the sums of products give in double precision', ({ skip }) => {
      const found = convolveTiled(mapTensors(), kernelTensor(), padding, false);
      if (!found) return skip();
      for (const [g, each] of found.entries()) {
        const sums = new Float64Array(deltas[g]?.length ?? 0);
        eachProduct(test, g, (x, w, y) => {
          sums[y] = (sums[y] as number) + at(maps[g], x) * at(kernel, w);
        });
        expect(distance(each.dataSync(), sums)).toBeLessThan(tolerance);
      }
    });

    it('leads back by the turned kernel', ({ skip }) => {
      const found = convolveTiled(deltaTensors(), kernelTensor(), 2 - padding, true);
      if (!found) return skip();
      for (const [g, each] of found.entries()) {
        const sums = new Float64Array(maps[g]?.length ?? 0);
        eachProduct(test, g, (x, w, y) => {
          sums[x] = (sums[x] as number) + at(deltas[g], y) * at(kernel, w);
        });
        expect(distance(each.dataSync(), sums)).toBeLessThan(tolerance);
      }
    });

    it("gives the kernel's gradient of all groups and of the last one, with the same bits", ({
      skip,
    }) => {
      const found = correlateTiled(mapTensors(), deltaTensors(), padding, true);
      const alone = correlateTiled(mapTensors(), deltaTensors(), padding, false);
      if (!found || !alone) return skip();
      const [whole, last] = found.map((each) => each.dataSync()) as [Float32Array, Float32Array];
      const sums = groups.map((_, g) => {
        const own = new Float64Array(kernel.length);
        eachProduct(test, g, (x, w, y) => {
          own[w] = (own[w] as number) + at(maps[g], x) * at(deltas[g], y);
        });
        return own;
      });
      expect(distance(last, sums.at(-1) as Float64Array)).toBeLessThan(tolerance);
      const all = Float64Array.from(kernel, (_, i) =>
        sums.reduce((sum, own) => sum + at(own, i), 0),
      );
      expect(distance(whole, all)).toBeLessThan(tolerance);
      expect(alone).toHaveLength(1);
      expect(alone[0]?.dataSync()).toEqual(whole);
    });
  },
);

it('takes kernels of 3 × 3 without strides and with whole vectors of channels', () => {
  const plain = { strides: [1, 1], padding: 'same' } as const;
  expect(isTiled([3, 3, 32, 64], plain)).toBe(true);
  expect(isTiled([3, 3, 3, 64], plain)).toBe(false);
  expect(isTiled([3, 3, 32, 10], plain)).toBe(false);
  expect(isTiled([3, 1, 32, 32], plain)).toBe(false);
  expect(isTiled([3, 3, 32, 32], { ...plain, strides: [1, 2] })).toBe(false);
});

it('tells of tensors that do not fit', ({ skip }) => {
  const native = nativeBackend();
  const { convolveTiled: convolve, correlateTiled: correlate } = native?.binding ?? {};
  if (!native || !convolve || !correlate) return skip();
  const ids = native.getInputTensorIds([
    tf.zeros([3, 3, 32, 64]),
    tf.zeros([1, 4, 4, 32]),
    tf.zeros([1, 4, 4, 64]),
    tf.zeros([3, 3, 3, 32]),
    tf.zeros([1, 4, 4, 3]),
  ]);
  const [kernel = 0, map = 0, delta = 0, odd = 0, small = 0] = ids;
  expect(() => convolve([kernel, delta], 1, false)).toThrow(/fit/);
  expect(() => convolve([kernel, map], 1, true)).toThrow(/fit/);
  expect(() => convolve([odd, small], 1, false)).toThrow(/fit/);
  expect(() => convolve([kernel, map, -5], 1, false)).toThrow(/there/);
  expect(() => convolve([kernel, map], -1, false)).toThrow(/fit/);
  expect(() => convolve([kernel], 1, false)).toThrow(/fit/);
  expect(() => correlate([map, delta, delta], 1, false)).toThrow(/fit/);
  expect(() => correlate([map, delta], 0, false)).toThrow(/fit/);
  expect(() => correlate([map, delta, map, delta], 1, false)).toThrow(/fit/);
  expect(() => correlate([], 1, false)).toThrow(/fit/);
});

/** Calls `take` with the places of x, W and y of every product of a group's convolution. */
function eachProduct(
  { height, width, channels, filters, padding, groups }: Case,
  group: number,
  take: (x: number, w: number, y: number) => void,
): void {
  const [outHeight, outWidth] = [height + 2 * padding - 2, width + 2 * padding - 2];
  for (let place = 0; place < (groups[group] as number) * outHeight * outWidth; place++) {
    const column = place % outWidth;
    const row = Math.floor(place / outWidth) % outHeight;
    const image = Math.floor(place / outWidth / outHeight);
    for (let tap = 0; tap < 9; tap++) {
      const y = row + Math.floor(tap / 3) - padding;
      const x = column + (tap % 3) - padding;
      if (y < 0 || x < 0 || y >= height || x >= width) continue;
      const from = ((image * height + y) * width + x) * channels;
      for (let c = 0; c < channels; c++) {
        for (let f = 0; f < filters; f++) {
          take(from + c, (tap * channels + c) * filters + f, place * filters + f);
        }
      }
    }
  }
}

function at(numbers: ArrayLike<number> | undefined, i: number): number {
  return numbers?.[i] ?? Number.NaN;
}

/** The largest difference, by the largest number. */
function distance(found: ArrayLike<number>, expected: Float64Array): number {
  expect(found).toHaveLength(expected.length);
  const largest = expected.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  return expected.reduce((most, x, i) => Math.max(most, Math.abs(x - at(found, i))), 0) / largest;
}
