import { describe, expect, it } from 'vitest';
import { ArraySplit } from '../../../src-main/data/array-split';
import type { DataSet, RawExamples } from '../../../src-main/data/data-set';
import { fingerprintOf } from '../../../src-main/data/fingerprint';
import { normalized } from '../../../src-main/data/normalized';
import { DeltascopeError } from '../../../src-shared/errors';

const pixels: RawExamples = {
  shape: [1, 2, 1],
  labels: Int32Array.from([0, 1, 1]),
  values: Uint8Array.from([0, 255, 51, 102, 3, 7]),
};
const colours: RawExamples = {
  shape: [1, 1, 3],
  labels: Int32Array.from([0]),
  values: Float32Array.from([0, 0.5, 1]),
};

function dataSetOf(raw: RawExamples): DataSet {
  const described = { name: 'd', title: 'D', classNames: ['0', '1'], licence: '', source: '' };
  const split = new ArraySplit('train', raw);
  return { ...described, shape: raw.shape, train: split, test: split, fingerprint: '' };
}

describe('a split', () => {
  it('gathers examples by index, scaled to 0…1 in fp32', () => {
    const into = new Float32Array(5).fill(9);
    new ArraySplit('train', pixels).gather([2, 0], into);
    expect([...into]).toEqual([Math.fround(3 / 255), Math.fround(7 / 255), 0, 1, 9]);
  });

  it('gathers floats as they are', () => {
    const into = new Float32Array(3);
    new ArraySplit('train', colours).gather([0], into);
    expect([...into]).toEqual([0, 0.5, 1]);
  });

  it('refuses indices of no example', () => {
    const split = new ArraySplit('test', pixels);
    for (const index of [3, -1, 0.5]) {
      const gather = () => split.gather([index], new Float32Array(2));
      expect(gather).toThrow(DeltascopeError);
      expect(gather).toThrow(`There is no example test:${index}; the split has 3, counted from 0.`);
      expect(() => split.thumbnail(index)).toThrow(DeltascopeError);
    }
  });

  it('shows pictures, and no table', () => {
    expect(new ArraySplit('train', pixels).thumbnail(1)).toEqual({
      ...{ width: 2, height: 1, channels: 1 },
      pixels: Uint8Array.from([51, 102]),
    });
    expect(new ArraySplit('train', colours).thumbnail(0)?.pixels).toEqual(
      Uint8Array.from([0, 128, 255]),
    );
    const centred = { ...colours, values: Float32Array.from([-1, 0, 3]) };
    expect(new ArraySplit('train', centred).thumbnail(0)?.pixels).toEqual(
      Uint8Array.from([0, 64, 255]),
    );
    expect(new ArraySplit('train', { ...colours, shape: [3] }).thumbnail(0)).toBeNull();
    expect(new ArraySplit('train', { ...pixels, shape: [1, 1, 2] }).thumbnail(0)).toBeNull();
  });
});

describe('normalisation', () => {
  it('is by channel, and leaves pictures alone', async () => {
    const { train } = normalized(dataSetOf(colours), { mean: [0, 0.5, 0], std: [1, 2, 0.5] });
    const into = new Float32Array(3);
    train.gather([0], into);
    expect([...into]).toEqual([0, 0, 2]);
    expect([...((await train.thumbnail(0))?.pixels ?? [])]).toEqual([0, 128, 255]);
  });

  it('takes one number for all channels, and none to do nothing', () => {
    const dataSet = dataSetOf(colours);
    const into = new Float32Array(3);
    normalized(dataSet, { mean: [0.5], std: [0.5] }).train.gather([0], into);
    expect([...into]).toEqual([-1, 0, 1]);
    expect(normalized(dataSet, null)).toBe(dataSet);
  });

  it('is refused where it does not fit', () => {
    expect(() => normalized(dataSetOf(colours), { mean: [1, 2], std: [1] })).toThrow(
      "normalize.mean has 2 numbers, but the examples of 'd' have 3 channels",
    );
  });
});

describe('the fingerprint', () => {
  it('is SHA-256 over shapes, labels and values', () => {
    // Worked out with Python's hashlib from the description.
    expect(fingerprintOf(pixels, colours)).toBe(
      '524150eb641e5549e80dd418ebba4db9c3864cd0eca42b6491d0f77bfedfd4db',
    );
  });

  it('changes with anything', () => {
    const changed: RawExamples[] = [
      { ...pixels, shape: [2, 1, 1] },
      { ...pixels, labels: Int32Array.from([1, 1, 1]) },
      { ...pixels, values: Uint8Array.from([0, 255, 51, 102, 3, 8]) },
      { ...pixels, values: Float32Array.from([0, 255, 51, 102, 3, 7]) },
    ];
    const prints = [pixels, ...changed].map((train) => fingerprintOf(train, colours));
    prints.push(fingerprintOf(colours, pixels));
    expect(new Set(prints).size).toBe(6);
  });
});
