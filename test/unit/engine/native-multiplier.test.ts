import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEngine } from '../../../src-main/engine/backend';
import { dequantise, quantise } from '../../../src-main/engine/codecs/quantisation';
import { LeftMatrix, Queries } from '../../../src-main/engine/kernels/multiplier';
import {
  multiplyStored,
  NativeMultiplier,
} from '../../../src-main/engine/kernels/native-multiplier';
import type { StoredJob } from '../../../src-main/engine/kernels/stored-job';
import type { EncodedArray, LocatedPart } from '../../../src-main/engine/records';
import { Random } from '../../../src-shared/random';
import { LocatedParts } from '../../support/located-parts';

let parts: LocatedParts;
let multiplier: NativeMultiplier;

beforeAll(async () => {
  await startEngine();
  parts = new LocatedParts();
});
afterAll(() => parts.close());

const codecs = ['dense', 'int16', 'int8', 'int4'] as const;

/** A new one; false where the binding is the package's own and there is nothing to test. */
function begin(signal?: AbortSignal): boolean {
  const multiply = multiplyStored();
  if (multiply) multiplier = new NativeMultiplier(multiply, signal);
  return multiply !== null;
}

interface Stored {
  readonly part: LocatedPart;
  /** What the stored numbers decode to. */
  readonly data: Float32Array;
}

function stored(
  shape: readonly number[],
  codec: (typeof codecs)[number],
  block: number,
  step = 0,
): Stored {
  const count = shape.reduce((a, b) => a * b, 1);
  const numbers = normals(count, `x${step}`);
  const quantised = codec === 'dense' ? null : quantise(numbers, codec, block);
  const encoded: EncodedArray = quantised ?? { codec: 'dense', values: numbers };
  const part = parts.put({ step, layer: 'l', part: 'gradient', shape, encoded });
  return { part, data: quantised ? dequantise(quantised, count) : numbers };
}

describe.each(codecs)('numbers stored as %s', (codec) => {
  // fp32 sums of up to 256 products a lane, in double precision from there on.
  const tolerance = codec === 'dense' ? 1e-14 : 1e-6;

  it.each([
    [1, 5, 1],
    [1, 4099, 5],
    [1, 70_001, 1],
    [1, 70_001, 16],
    [7, 100, 3],
    [33, 48, 4],
    [5, 512, 17],
  ])('%i rows of %i numbers times %i queries', async (rows, length, count) => {
    if (!begin()) return;
    // 100 divides neither a row nor a vector.
    const all = [512, 512, 100].map((block, step) => stored([rows, length], codec, block, step));
    const queries = new Queries(Array.from({ length: count }, (_, k) => normals(length, `q${k}`)));
    let at = 0;
    await multiplier.products(
      queries,
      all.map(({ part }) => part),
      (part, { values, stride }) => {
        expect(part.step).toBe(at);
        const { data } = all[at++] as Stored;
        for (let r = 0; r < rows; r++) {
          for (const [k, query] of queries.vectors.entries()) {
            const row = data.subarray(r * length, (r + 1) * length);
            const { sum, size } = inner(row, query);
            expect(Math.abs((values[r * stride + k] as number) - sum)).toBeLessThan(
              tolerance * size,
            );
          }
        }
      },
    );
    expect(at).toBe(3);
  });

  it.each([
    [37, 130, 1],
    [200, 48, 5],
    [3, 7, 2],
    [19, 512, 1],
    [19, 512, 3],
  ])('f X z of [%i, %i] for %i questions', async (rows, columns, count) => {
    if (!begin()) return;
    const { part, data } = stored([rows, columns], codec, 512);
    const f = Array.from({ length: count }, (_, k) =>
      normals(rows, `f${k}`).map((v) => Math.max(v, 0)),
    );
    const z = Array.from({ length: count }, (_, k) => normals(columns, `z${k}`));
    const held = multiplier.held(data, [rows, columns]);
    await multiplier.bilinear(new Queries(f), new Queries(z), [held, part], (_, found) => {
      for (let k = 0; k < count; k++) {
        const outer = Float64Array.from(
          data,
          (_, i) => (f[k]?.[Math.floor(i / columns)] as number) * (z[k]?.[i % columns] as number),
        );
        const { sum, size } = inner(data, outer);
        expect(Math.abs((found[k] as number) - sum)).toBeLessThan(1e-6 * size);
      }
    });
  });

  it.each([
    [75, 20, 2],
    [130, 64, 9],
    [40, 1, 1],
  ])('P X of [%i, %i] for P of %i rows', async (rows, columns, count) => {
    if (!begin()) return;
    const { part, data } = stored([rows, columns], codec, 512);
    const p = normals(count * rows, 'p');
    const turned = Array.from({ length: columns }, (_, c) =>
      Float32Array.from({ length: rows }, (_, r) => data[r * columns + c] as number),
    );
    await multiplier.images(new LeftMatrix(p, count, rows, true), columns, [part], (_, image) => {
      expect(image.length).toBe(count * columns);
      for (let i = 0; i < image.length; i++) {
        const row = p.subarray(Math.floor(i / columns) * rows, Math.floor(i / columns + 1) * rows);
        const { sum, size } = inner(row, turned[i % columns] as Float32Array);
        expect(Math.abs((image[i] as number) - sum)).toBeLessThan(1e-6 * size);
      }
    });
  });

  it.each([[1], [13], [513]])('are given as they decode, in rows of %i', async (columns) => {
    if (!begin()) return;
    const { part, data } = stored([9, columns], codec, 64);
    expect(await multiplier.numbers(part)).toEqual(data);
  });
});

it.each([
  ['int16', 1],
  ['int8', 3],
  ['int4', 9],
  ['dense', 2],
] as const)(
  'pairs of more rows than are read at a time, stored as %s, %i questions',
  async (codec, questions) => {
    if (!begin()) return;
    const [rows, columns] = [70, 6001];
    const inputs = stored([rows, columns], codec, 512);
    const deltas = stored([rows, 33], 'int16', 33);
    const f = Array.from({ length: questions }, (_, k) => normals(columns, `f${k}`));
    const z = Array.from({ length: questions }, (_, k) => normals(33, `z${k}`));
    const asked = {
      ...{ count: questions, f: new Queries(f), z: new Queries(z) },
      ...{ pixels: 1, positions: 1, taps: Int32Array.of(0), bias: true },
    };
    let steps = 0;
    const step = { inputs: inputs.part, deltas: deltas.part };
    await multiplier.pairs(asked, [step, step], (_, answers) => {
      steps++;
      expect(answers.length).toBe(questions * rows);
      for (const [at, answer] of answers.entries()) {
        const [k, r] = [Math.floor(at / rows), at % rows];
        const x = inner(inputs.data.subarray(r * columns, (r + 1) * columns), f[k] as Float32Array);
        const d = inner(deltas.data.subarray(r * 33, (r + 1) * 33), z[k] as Float32Array);
        const wanted = (x.sum + 1) * d.sum;
        expect(Math.abs(answer - wanted)).toBeLessThan(2e-6 * (x.size + 1) * d.size);
      }
    });
    expect(steps).toBe(2);
  },
);

it('literal numbers', async ({ skip }) => {
  if (!begin()) return skip();
  const values = Int8Array.of(1, -2, 3, 4, 5, -6);
  const encoded = { codec: 'int8', values, scales: Float32Array.of(0.5, 2), block: 4 } as const;
  const part = parts.put({ step: 4, layer: 'l', part: 'gradient', shape: [3, 2], encoded });
  // [[.5, -1], [1.5, 2], [10, -12]]
  const f = new Queries([Float32Array.of(2, 0, 1)]);
  const z = new Queries([Float32Array.of(1, -1)]);
  await multiplier.bilinear(f, z, [part], (_, found) => expect(Array.from(found)).toEqual([25]));
  const left = new LeftMatrix(Float32Array.of(1, 1, 1, 0, 2, 0), 2, 3, false);
  await multiplier.images(left, 2, [part], (_, image) =>
    expect(Array.from(image)).toEqual([12, -11, 3, 4]),
  );
  await multiplier.products(z, [part], (_, { values: found }) =>
    expect(Array.from(found)).toEqual([1.5, -0.5, 22]),
  );
});

it('says what a file that ends early is', async ({ skip }) => {
  if (!begin()) return skip();
  const { part } = stored([4, 16], 'dense', 0);
  const beyond = { ...part, values: part.values + 1e9 };
  const queries = new Queries([new Float32Array(16)]);
  await expect(multiplier.products(queries, [beyond], () => undefined)).rejects.toMatchObject({
    code: 'trace-damaged',
  });
  const closed = { ...part, file: 987 };
  await expect(multiplier.products(queries, [closed], () => undefined)).rejects.toThrow(/error 9/);
});

it('stops when it is told to', async ({ skip }) => {
  const stop = new AbortController();
  if (!begin(stop.signal)) return skip();
  const { part } = stored([1, 1000], 'int8', 512);
  const asked = multiplier.products(
    new Queries([new Float32Array(1000)]),
    Array.from({ length: 1000 }, () => part),
    () => expect.unreachable(),
  );
  stop.abort();
  await expect(asked).rejects.toMatchObject({ code: 'cancelled' });
  multiplier.dispose();
});

it('refuses arrays that don’t fit', ({ skip }) => {
  const multiply = multiplyStored();
  if (!multiply) return skip();
  const job = {
    ...{ kind: 0, codec: 0, block: 0, columns: 3, count: 1 },
    ...{ rows: Int32Array.of(2), values: Float64Array.of(0), scales: Float64Array.of(0) },
    ...{ memory: new Float32Array(6), left: new Float32Array(16), right: new Float32Array(0) },
    out: new Float64Array(2),
  } as const;
  const arrays = {
    ...{ codec: 0, block: 0, columns: 3, files: Int32Array.of(0) },
    ...{ values: Float64Array.of(0), scales: Float64Array.of(0) },
  };
  const pair = {
    ...{ files: Int32Array.of(0), right: new Float32Array(16), pair: arrays },
    ...{ pixels: 1, positions: 1, taps: Int32Array.of(0), bias: 0 },
  };
  const form = {
    ...{ rows: new Int32Array(0), values: new Float64Array(0), out: new Float64Array(0) },
    ...{ left: new Float32Array(2), right: new Float32Array(16), made: new Float32Array(16) },
    ...{ pixels: 1, positions: 1, taps: Int32Array.of(0), bias: 0, channels: 2 },
  };
  const stopped = new Int32Array(1);
  for (const wrong of [
    { memory: new Float32Array(5) },
    { left: new Float32Array(3) },
    { out: new Float64Array(1) },
    { codec: 1 },
    { kind: 9 },
    { values: Float64Array.of(0, 0) },
    { kind: 4 },
    { kind: 4, ...pair, taps: Int32Array.of(1) },
    { kind: 4, ...pair, pair: { ...arrays, values: Float64Array.of(0, 0) } },
    { kind: 4, ...pair, left: new Float32Array(15) },
    { kind: 4, ...pair, right: new Float32Array(15) },
    { kind: 5 },
    { kind: 5, ...form, made: new Float32Array(15) },
    { kind: 5, ...form, left: new Float32Array(1) },
    { kind: 5, ...form, rows: Int32Array.of(1) },
  ]) {
    expect(() => multiply([{ ...job, ...wrong } as StoredJob], 1, stopped)).toThrow(/fit/);
  }
});

function normals(length: number, stream: string): Float32Array {
  const random = Random.seeded(length, stream);
  return Float32Array.from({ length }, () => random.normal());
}

/** The inner product, and that of the magnitudes. */
function inner(a: ArrayLike<number>, b: ArrayLike<number>): { sum: number; size: number } {
  let [sum, size] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    const product = (a[i] as number) * (b[i] as number);
    sum += product;
    size += Math.abs(product);
  }
  return { sum, size: size + 1e-30 };
}
