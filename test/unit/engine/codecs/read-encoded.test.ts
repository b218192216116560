import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { nativeBackend, startEngine } from '../../../../src-main/engine/backend';
import { quantise } from '../../../../src-main/engine/codecs/quantisation';
import { readEncoded } from '../../../../src-main/engine/codecs/read-encoded';
import { Random } from '../../../../src-shared/random';

beforeAll(async () => {
  await startEngine();
});

/** Numbers of many sizes, with zeros and halves of a scale among them. */
function numbers(count: number): Float32Array {
  const random = Random.seeded(3, 'numbers');
  return Float32Array.from({ length: count }, (_, i) => {
    if (i % 7 === 0) return 0;
    if (i % 11 === 0) return Math.round(random.uniform() * 254 - 127) / 2;
    return random.normal() * 10 ** ((i % 9) - 4);
  });
}

describe('reading encoded', () => {
  test.each([
    ['int16', 512],
    ['int8', 512],
    ['int8', 48],
    ['int4', 64],
  ] as const)('gives the same bits as plain JavaScript: %s in blocks of %d', (codec, block) => {
    const data = numbers(1501);
    const tensors = [
      tf.tensor2d(data.subarray(0, 1200), [40, 30]),
      tf.tensor1d(data.subarray(1200)),
    ];
    const found = readEncoded(tensors, [1501], { part: 'gradient', codec, block });
    expect(found).toEqual(quantise(data, codec, block));
    for (const tensor of tensors) tensor.dispose();
  });

  test.each(['int16', 'int8', 'int4'] as const)(
    'carries on what rounding leaves over, bit for bit as plain JavaScript: %s',
    (codec) => {
      const rests = [new Float32Array(1501), new Float32Array(1501)] as const;
      for (const ratio of [0, 1, 1.25, 1]) {
        const data = numbers(1501);
        const tensor = tf.tensor1d(data);
        const storage = { part: 'gradient', codec, block: 64 } as const;
        const found = readEncoded([tensor], [1501], storage, { rest: rests[0], ratio });
        expect(found).toEqual(quantise(data, codec, 64, { rest: rests[1], ratio }));
        expect(rests[0]).toEqual(rests[1]);
        tensor.dispose();
      }
    },
  );

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses %d', (bad) => {
    const tensor = tf.tensor1d([1, 2, bad]);
    const storage = { part: 'gradient', codec: 'int8', block: 64 } as const;
    expect(() => readEncoded([tensor], [3], storage)).toThrow(/not finite/);
    tensor.dispose();
  });

  test('is zeros where there are no tensors', () => {
    const storage = { part: 'ghost', codec: 'int8', block: 64 } as const;
    expect(readEncoded([], [2, 40], storage)).toEqual(quantise(new Float32Array(80), 'int8', 64));
  });

  test('refuses arrays that don’t fit', ({ skip }) => {
    const native = nativeBackend();
    const quantiseTensors = native?.binding.quantiseTensors;
    if (!native || !quantiseTensors) return skip();
    const tensor = tf.ones([64]);
    const ids = native.getInputTensorIds([tensor]);
    const scales = new Float32Array(1);
    expect(() => quantiseTensors(ids, 8, 64, new Int8Array(63), scales)).toThrow(/fit/);
    expect(() => quantiseTensors(ids, 16, 64, new Int8Array(64), scales)).toThrow(/type/);
    const values = new Int8Array(64);
    expect(() => quantiseTensors(ids, 8, 64, values, scales, new Float32Array(63), 1)).toThrow(
      /fit/,
    );
    expect(() => quantiseTensors([-5], 8, 64, new Int8Array(64), scales)).toThrow(/there/);
    tensor.dispose();
  });
});
