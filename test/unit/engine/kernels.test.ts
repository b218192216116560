import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { quantise } from '../../../src-main/engine/codecs/quantisation';
import { Kernels, type Stored } from '../../../src-main/engine/kernels/kernels';
import type { EncodedArray } from '../../../src-main/engine/records';
import { Random } from '../../../src-shared/random';

/** Lengths around the vector width, the block, the tile and the growth of memory. */
const lengths = [1, 3, 4, 15, 16, 17, 511, 512, 513, 4099, 200_003];
/** Counts of queries around the panels' width. */
const counts = [1, 2, 3, 4, 5, 7, 16];

let kernels: Kernels;
beforeEach(async () => {
  kernels = await Kernels.borrow();
});
afterEach(() => kernels.giveBack());

describe('products', () => {
  it('are the sums of products of literals', () => {
    const queries = kernels.place([
      Float32Array.of(1, -2, 3, 0.5, 2),
      Float32Array.of(0, 1, 0, 0, -4),
    ]);
    const values = Float32Array.of(4, 5, -6, 8, 0.25);
    const found = kernels.products(queries, [dense(values)]);
    expect(Array.from(found.values.subarray(0, 2))).toEqual([4 - 10 - 18 + 4 + 0.5, 5 - 1]);
  });

  it('of nothing are 0', () => {
    const queries = kernels.place([new Float32Array(0), new Float32Array(0)]);
    const found = kernels.products(queries, [dense(new Float32Array(0))]);
    expect(Array.from(found.values.subarray(0, 2))).toEqual([0, 0]);
    expect(kernels.products(queries, []).values).toHaveLength(0);
  });

  it.each(lengths)('agree with double precision on %i numbers', (length) => {
    const values = normals(length, 'x');
    const queries = someQueries(length < 10_000 ? 5 : 1, length);
    const found = kernels.products(kernels.place(queries), [dense(values)]);
    for (const [k, query] of queries.entries()) {
      expect(Math.abs((found.values[k] as number) - inner(query, values))).toBeLessThan(
        1e-12 * length,
      );
    }
  });

  it.each(lengths)('take quantised blocks of %i numbers as they are', (length) => {
    const values = normals(length, 'x').map((x) => x - 0.5);
    for (const codec of ['int8', 'int16'] as const) {
      for (const block of [32, 100, 512]) {
        const part = encoded(values, codec, block);
        const queries = someQueries(length < 10_000 ? 3 : 1, length);
        const found = kernels.products(kernels.place(queries), [part]);
        for (const [k, query] of queries.entries()) {
          const size = Math.sqrt(inner(query, query) * inner(part.data, part.data));
          // The 16-bit query is off by at most 1.5e-5 of its block's largest number.
          expect(Math.abs((found.values[k] as number) - inner(query, part.data))).toBeLessThan(
            1e-4 * size,
          );
        }
      }
    }
  });

  it.each(counts)('are a matrix of rows by %i queries, for each of several parts', (count) => {
    const [rows, length] = [7, 96];
    const queries = someQueries(count, length);
    const placed = kernels.place(queries);
    const matrices = ['x', 'y'].map((stream) => normals(rows * length, stream));
    for (const codec of ['dense', 'int8', 'int16'] as const) {
      const parts = matrices.map((x) => (codec === 'dense' ? dense(x) : encoded(x, codec, 48)));
      const { values, stride } = kernels.products(placed, parts, rows);
      const tolerance = codec === 'dense' ? 1e-10 : 1e-2;
      for (const [p, part] of parts.entries()) {
        for (let row = 0; row < rows; row++) {
          const x = part.data.subarray(row * length, (row + 1) * length);
          for (const [k, query] of queries.entries()) {
            const at = (p * rows + row) * stride + k;
            expect(Math.abs((values[at] as number) - inner(query, x))).toBeLessThan(tolerance);
          }
        }
      }
    }
  });

  it('of parts that lie in memory are the same, tile by tile', () => {
    const length = 3 * 4096 + 512 + 48;
    const values = normals(length, 'x');
    const queries = kernels.place(someQueries(6, length));
    for (const codec of ['int8', 'int16'] as const) {
      const outside = encoded(values, codec, 512);
      const inside = [inMemory(outside, 0), inMemory(outside, 1)];
      const wanted = Array.from(kernels.products(queries, [outside]).values);
      const found = Array.from(kernels.products(queries, inside).values);
      expect(relativeDifference(found.slice(0, wanted.length), wanted)).toBeLessThan(1e-12);
      expect(relativeDifference(found.slice(wanted.length), wanted)).toBeLessThan(1e-12);
    }
  });

  it.each([
    ['int8', -127, -127],
    ['int16', -32_767, -32_767],
    ['int16', 32_767, 32_767],
    ['int16', 255, 255],
  ] as const)('do not overflow on the largest blocks of %s, all %i', (codec, value, wanted) => {
    const values = codec === 'int8' ? new Int8Array(512) : new Int16Array(512);
    const part: Stored = {
      encoded: { codec, values: values.fill(value), scales: Float32Array.of(1), block: 512 },
      data: new Float32Array(512).fill(value),
    };
    const queries = kernels.place([-1, 1, 1, 1].map((q) => new Float32Array(512).fill(q)));
    const found = kernels.products(queries, [part]).values;
    expect((found[0] as number) / (wanted * 512)).toBeCloseTo(-1, 6);
    expect((found[3] as number) / (wanted * 512)).toBeCloseTo(1, 6);
  });

  it('take a scale below 0 and a query of zeros as they are', () => {
    const part: Stored = {
      encoded: {
        codec: 'int16',
        values: Int16Array.of(3, -5),
        scales: Float32Array.of(-0.5),
        block: 16,
      },
      data: Float32Array.of(-1.5, 2.5),
    };
    const queries = kernels.place([Float32Array.of(2, 1), Float32Array.of(0, 0)]);
    const [first, second] = kernels.products(queries, [part]).values;
    // The query is off by at most 3e-5.
    expect(first).toBeCloseTo(-0.5, 3);
    expect(second).toBe(0);
  });

  it('decode what they have no loop for', () => {
    const part: Stored = {
      encoded: {
        codec: 'int16',
        values: Int16Array.of(2, 3),
        scales: Float32Array.of(0.5),
        block: 2,
      },
      data: Float32Array.of(1, 1.5),
    };
    const int4 = encoded(Float32Array.of(1, 2, -7), 'int4', 64);
    const queries = kernels.place([Float32Array.of(1, 10)]);
    expect(kernels.products(queries, [part]).values[0]).toBe(16);
    const three = kernels.place([Float32Array.of(1, 10, 1)]);
    expect(kernels.products(three, [int4]).values[0]).toBe(1 + 20 - 7);
  });

  it('do not see what lies behind the end of the numbers', () => {
    const buffer = kernels.buffer(0, 4096).fill(0x7f);
    const values = new Int8Array(buffer.buffer, buffer.byteOffset, 3);
    values.set([1, 2, 3]);
    const scales = new Float32Array(buffer.buffer, buffer.byteOffset + 64, 1);
    scales[0] = 1;
    const part: Stored = {
      encoded: { codec: 'int8', values, scales, block: 64 },
      data: Float32Array.of(1, 2, 3),
    };
    const queries = kernels.place([Float32Array.of(1, 1, 1)]);
    expect(kernels.products(queries, [part]).values[0]).toBeCloseTo(6, 3);
    const floats = new Float32Array(buffer.buffer, buffer.byteOffset + 128, 3);
    floats.set([1, 2, 3]);
    new Uint32Array(buffer.buffer, floats.byteOffset + 12, 4).fill(0x7fc00000);
    expect(kernels.products(queries, [dense(floats)]).values[0]).toBe(6);
  });
});

describe('transposedTimes', () => {
  it.each([1, 3, 4, 7, 10, 128])('is Gᵀ f with %i columns', (columns) => {
    const rows = 37;
    const matrix = normals(rows * columns, 'G');
    const f = Float64Array.from({ length: rows }, (_, i) => (i % 3 === 0 ? 0 : i - 11));
    const product = kernels.transposedTimes(matrix, f, columns);
    for (let j = 0; j < columns; j++) {
      let wanted = 0;
      for (let i = 0; i < rows; i++)
        wanted += (f[i] as number) * (matrix[i * columns + j] as number);
      expect(product[j]).toBeCloseTo(wanted, 10);
    }
  });
});

describe('memory', () => {
  it('reads numbers where the reader put them, after it has grown', () => {
    const buffer = kernels.buffer(0, 64);
    new Float32Array(buffer.buffer, buffer.byteOffset, 2).set([3, 4]);
    kernels.place([new Float32Array(1_000_000)]).panels(0);
    const values = new Float32Array(buffer.buffer, buffer.byteOffset, 2);
    const queries = kernels.place([Float32Array.of(1, 2)]);
    expect(kernels.products(queries, [dense(values)]).values[0]).toBe(11);
  });

  it('is clean again after it was given back', async () => {
    kernels.place([normals(5000, 'q')]).panels(512);
    kernels.giveBack();
    kernels = await Kernels.borrow();
    const part = encoded(normals(100, 'x'), 'int8', 512);
    const query = normals(100, 'q');
    const found = kernels.products(kernels.place([query]), [part]).values[0] as number;
    expect(Math.abs(found - inner(query, part.data))).toBeLessThan(1e-2);
  });
});

describe('floats', () => {
  it.each(lengths)('decodes %i quantised numbers as their definition says', (length) => {
    const data = normals(length, 'x');
    for (const codec of ['int8', 'int16'] as const) {
      const part = encoded(data, codec, 100);
      const { data: wanted } = part;
      const unasked = { encoded: part.encoded, data: new Float32Array(length) };
      expect(kernels.floats(unasked)).toEqual(wanted);
    }
  });
});

function dense(values: Float32Array): Stored {
  return { encoded: { codec: 'dense', values }, data: values };
}

/** Numbers as a codec stores them, and decoded as its definition says. */
function encoded(
  numbers: Float32Array,
  codec: 'int16' | 'int8' | 'int4',
  block: number,
): { encoded: Exclude<EncodedArray, { codec: 'dense' }>; data: Float32Array } {
  const made = quantise(numbers, codec, block);
  if (codec === 'int4') return { encoded: made, data: numbers };
  const data = Float32Array.from(
    made.values,
    (v, i) => v * (made.scales[Math.floor(i / block)] as number),
  );
  return { encoded: made, data };
}

/** The same part in the memory that a reader reads into. */
function inMemory(part: ReturnType<typeof encoded>, slot: number): Stored {
  const { values, scales } = part.encoded;
  const buffer = kernels.buffer(slot, values.byteLength + 64 + scales.byteLength);
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  buffer.set(bytes);
  const own =
    values instanceof Int8Array
      ? new Int8Array(buffer.buffer, buffer.byteOffset, values.length)
      : new Int16Array(buffer.buffer, buffer.byteOffset, values.length);
  const at = buffer.byteOffset + Math.ceil(values.byteLength / 64) * 64;
  const ownScales = new Float32Array(buffer.buffer, at, scales.length);
  ownScales.set(scales);
  return { encoded: { ...part.encoded, values: own, scales: ownScales }, data: part.data };
}

function someQueries(count: number, length: number): Float32Array[] {
  return Array.from({ length: count }, (_, k) => normals(length, `q${k}`));
}

function normals(length: number, stream: string): Float32Array {
  const random = Random.seeded(length, stream);
  return Float32Array.from({ length }, () => random.normal());
}

function inner(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);
}

function relativeDifference(found: readonly number[], wanted: readonly number[]): number {
  return Math.max(...wanted.map((w, i) => Math.abs((found[i] as number) - w) / (1 + Math.abs(w))));
}
