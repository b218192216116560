import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { nativeBackend, startEngine } from '../../../../src-main/engine/backend';
import { type Carry, quantise } from '../../../../src-main/engine/codecs/quantisation';
import { readEncoded } from '../../../../src-main/engine/codecs/read-encoded';
import type { EncodedArray, PartStorage } from '../../../../src-main/engine/records';
import { Random } from '../../../../src-shared/random';

beforeAll(async () => {
  await startEngine();
});

/** A single array, whose numbers go into arrays of its own. */
function readOne(
  tensors: readonly tf.Tensor[],
  shape: readonly number[],
  storage: PartStorage,
  carry: Carry | null = null,
): EncodedArray | undefined {
  return readEncoded([{ tensors, shape, storage, carry, room: null }])[0];
}

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
    const found = readOne(tensors, [1501], { part: 'gradient', codec, block });
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
        const found = readOne([tensor], [1501], storage, { rest: rests[0], ratio });
        expect(found).toEqual(quantise(data, codec, 64, { rest: rests[1], ratio }));
        expect(rests[0]).toEqual(rests[1]);
        tensor.dispose();
      }
    },
  );

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses %d', (bad) => {
    const tensor = tf.tensor1d([1, 2, bad]);
    const storage = { part: 'gradient', codec: 'int8', block: 64 } as const;
    expect(() => readOne([tensor], [3], storage)).toThrow(/not finite/);
    tensor.dispose();
  });

  test('reads several arrays at once, each as it would be alone', () => {
    const data = [numbers(1501), numbers(40000), numbers(10)] as const;
    const tensors = data.map((each) => tf.tensor1d(each));
    const codecs = ['int4', 'int16', 'dense'] as const;
    const rest = new Float32Array(40000).fill(0.25);
    const asked = codecs.map((codec, i) => ({
      ...{ tensors: tensors.slice(i, i + 1), shape: [(data[i] as Float32Array).length] },
      storage: { part: 'gradient', codec, block: codec === 'dense' ? 0 : 64 } as const,
      carry: i === 1 ? { rest, ratio: 2 } : null,
      room: null,
    }));
    const carry = { rest: new Float32Array(40000).fill(0.25), ratio: 2 };
    expect(readEncoded(asked)).toEqual([
      quantise(data[0], 'int4', 64),
      quantise(data[1], 'int16', 64, carry),
      { codec: 'dense', values: data[2] },
    ]);
    expect(rest).toEqual(carry.rest);
    for (const tensor of tensors) tensor.dispose();
  });

  test('puts numbers that stay whole where they are wanted, one tensor behind the other', () => {
    const data = numbers(70000);
    const [kernel, bias] = [
      tf.tensor1d(data.subarray(0, 69000)),
      tf.tensor1d(data.subarray(69000)),
    ];
    const values = new Float32Array(new SharedArrayBuffer(4 * 70000));
    const storage = { part: 'gradient', codec: 'dense', block: 0 } as const;
    const room = { codec: 'dense', values } as const;
    const asked = { tensors: [kernel, bias], shape: [70000], storage, carry: null, room };
    expect(readEncoded([asked])[0]).toBe(room);
    expect([...values]).toEqual([...data]);
    tf.dispose([kernel, bias]);
  });

  test('is zeros where there are no tensors', () => {
    const storage = { part: 'ghost', codec: 'int8', block: 64 } as const;
    expect(readOne([], [2, 40], storage)).toEqual(quantise(new Float32Array(80), 'int8', 64));
  });

  test('takes an array without numbers', () => {
    const tensor = tf.zeros([0, 3]);
    const storage = { part: 'inputs', codec: 'int16', block: 64 } as const;
    expect(readOne([tensor], [0, 3], storage)).toEqual(quantise(new Float32Array(0), 'int16', 64));
    tensor.dispose();
  });

  test('refuses arrays that don’t fit', ({ skip }) => {
    const native = nativeBackend();
    const quantiseTensors = native?.binding.quantiseTensors;
    if (!native || !quantiseTensors) return skip();
    const tensor = tf.ones([64]);
    const ids = native.getInputTensorIds([tensor]);
    const [values, scales] = [new Int8Array(64), new Float32Array(1)];
    const plan = Float64Array.of(1, 8, 64, 1);
    for (const arrays of [
      [new Int8Array(63), scales, null],
      [new Int16Array(64), scales, null],
      [values, new Float32Array(2), null],
      [values, scales, new Float32Array(63)],
      [values],
    ]) {
      expect(() => quantiseTensors(ids, plan, arrays)).toThrow(/fit/);
    }
    for (const other of [
      [1, 32, 64, 0],
      [2, 8, 64, 0],
      [0, 8, 64, 0],
      [1, 7, 64, 0],
      [1, 8, 0, 0],
      [1, 8, 64],
      [],
    ]) {
      const arrays = [values, scales, null];
      expect(() => quantiseTensors(ids, Float64Array.from(other), arrays)).toThrow(/fit/);
    }
    expect(() => quantiseTensors([-5], plan, [values, scales, null])).toThrow(/there/);
    expect(quantiseTensors(ids, plan, [values, scales, null])).toBe(true);
    tensor.dispose();
  });
});
