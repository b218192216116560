import { describe, expect, test } from 'vitest';
import {
  dequantise,
  largestInteger,
  leastMagnitude,
  quantise,
  usualBlock,
} from '../../../../src-main/engine/codecs/quantisation';

const floats = (...values: number[]) => Float32Array.from(values);

describe('quantise', () => {
  test('scales each block by its own largest magnitude', () => {
    const made = quantise(floats(127, -63, 0, 1.27, -0.01, 0.64), 'int8', 3);
    expect([...made.values]).toEqual([127, -63, 0, 127, -1, 64]);
    expect(made.scales).toEqual(floats(1, 1.27 / 127));
  });

  test('rounds halves to even', () => {
    const made = quantise(floats(127, 0.5, 1.5, 2.5, -0.5, -1.5, -2.5), 'int8', 8);
    expect([...made.values]).toEqual([127, 0, 2, 2, -0, -2, -2].map((x) => x + 0));
  });

  test('keeps 16 bits', () => {
    const made = quantise(floats(32767, -32767, 1.4, -12345.6), 'int16', 4);
    expect([...made.values]).toEqual([32767, -32767, 1, -12346]);
  });

  test('packs 4 bits, the first number in the low half, in two’s complement', () => {
    const made = quantise(floats(7, -7, 3, -1, -4), 'int4', 64);
    expect([...made.values]).toEqual([0x97, 0xf3, 0x0c]);
    expect([...dequantise(made, 5)]).toEqual([7, -7, 3, -1, -4]);
  });

  test('leaves zeros zeros and makes no denormal scale', () => {
    for (const codec of ['int16', 'int8', 'int4'] as const) {
      const made = quantise(floats(0, 0, 1e-45, -1e-40), codec, 2);
      expect([...dequantise(made, 4)].map((x) => x + 0)).toEqual([0, 0, 0, 0]);
      for (const scale of made.scales) expect(scale).toBeGreaterThan(1.2e-38);
    }
    expect(leastMagnitude / largestInteger.int16).toBeGreaterThan(1.2e-38);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'refuses %d',
    (bad) => {
      expect(() => quantise(floats(1, 2, bad, 0), 'int8')).toThrow(/not finite/);
    },
  );

  test('takes the largest fp32 numbers', () => {
    const most = 3.4028234663852886e38;
    expect([...quantise(floats(most, -most / 2), 'int8').values]).toEqual([127, -64]);
  });

  test('is off by half a scale and the rounding of fp32, short last block included', () => {
    const data = Float32Array.from({ length: 1500 }, (_, i) => Math.sin(i * i) * 10 ** (i % 5));
    for (const codec of ['int16', 'int8', 'int4'] as const) {
      const made = quantise(data, codec);
      const back = dequantise(made, data.length);
      expect(made.scales.length).toBe(Math.ceil(1500 / usualBlock[codec]));
      for (const [i, value] of data.entries()) {
        const scale = made.scales[Math.floor(i / made.block)] as number;
        expect(Math.abs(value - (back[i] as number))).toBeLessThanOrEqual(scale * 0.505);
      }
    }
  });

  test('takes nothing', () => {
    expect(quantise(floats(), 'int8').scales.length).toBe(0);
    expect(dequantise(quantise(floats(), 'int4'), 0).length).toBe(0);
  });
});
