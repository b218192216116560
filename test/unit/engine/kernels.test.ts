import { beforeEach, describe, expect, it } from 'vitest';
import { Kernels } from '../../../src-main/engine/kernels/kernels';
import { Random } from '../../../src-shared/random';

/** Lengths around the vector width, the block and the growth of memory. */
const lengths = [1, 3, 4, 15, 16, 17, 511, 512, 513, 4099, 200_003];

let kernels: Kernels;
beforeEach(async () => {
  kernels = await Kernels.create();
});

describe('dot', () => {
  it('is the sum of products of literals', () => {
    const query = kernels.place([1, -2, 3, 0.5, 2]);
    const values = Float32Array.of(4, 5, -6, 8, 0.25);
    expect(kernels.dot(query, { codec: 'dense', values }, () => values)).toBe(
      4 - 10 - 18 + 4 + 0.5,
    );
  });

  it.each(lengths)('agrees with double precision on %i numbers', (length) => {
    const [q, values] = [normals(length, 'q'), normals(length, 'x')];
    const wanted = q.reduce((sum, x, i) => sum + x * (values[i] as number), 0);
    const found = kernels.dot(kernels.place(q), { codec: 'dense', values }, () => values);
    expect(Math.abs(found - wanted)).toBeLessThan(1e-12 * length);
  });

  it.each(lengths)('takes 8-bit blocks of %i numbers as they are', (length) => {
    for (const block of [32, 100, 512]) {
      const random = Random.seeded(length, 'int8');
      const values = Int8Array.from({ length }, () => random.integer(255) - 127);
      const scales = Float32Array.from({ length: Math.ceil(length / block) }, () =>
        random.uniform(),
      );
      const q = normals(length, 'q');
      const decoded = Float32Array.from(
        values,
        (v, i) => v * (scales[Math.floor(i / block)] as number),
      );
      const wanted = q.reduce((sum, x, i) => sum + x * (decoded[i] as number), 0);
      const encoded = { codec: 'int8', values, scales, block } as const;
      const found = kernels.dot(kernels.place(q), encoded, () => decoded);
      const size = Math.sqrt(
        q.reduce((sum, x) => sum + x * x, 0) * decoded.reduce((sum, x) => sum + x * x, 0),
      );
      // The 16-bit query is off by at most 1.5e-5 of its block's largest number.
      expect(Math.abs(found - wanted)).toBeLessThan(1e-4 * size);
    }
  });

  it('does not overflow on the largest blocks', () => {
    const values = new Int8Array(512).fill(-127);
    const encoded = { codec: 'int8', values, scales: Float32Array.of(1), block: 512 } as const;
    const query = kernels.place(new Float32Array(512).fill(1));
    const found = kernels.dot(query, encoded, () => Float32Array.from(values));
    expect(found / (-127 * 512)).toBeCloseTo(1, 6);
  });

  it('decodes what it has no loop for', () => {
    const encoded = {
      codec: 'int16',
      values: Int16Array.of(2, 3),
      scales: Float32Array.of(0.5),
      block: 2,
    } as const;
    const found = kernels.dot(kernels.place([1, 10]), encoded, () => Float32Array.of(1, 1.5));
    expect(found).toBe(16);
  });
});

describe('transposedTimes', () => {
  it.each([1, 3, 4, 7, 10, 128])('is Gᵀ f with %i columns', (columns) => {
    const rows = 37;
    const matrix = normals(rows * columns, 'G');
    const f = kernels.doubles(rows);
    for (let i = 0; i < rows; i++) f[i] = i % 3 === 0 ? 0 : i - 11;
    const product = kernels.doubles(columns).fill(99);
    kernels.transposedTimes(matrix, f, product);
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
    kernels.doubles(1_000_000);
    const values = new Float32Array(buffer.buffer, buffer.byteOffset, 2);
    expect(kernels.dot(kernels.place([1, 2]), { codec: 'dense', values }, () => values)).toBe(11);
  });
});

function normals(length: number, stream: string): Float32Array {
  const random = Random.seeded(length, stream);
  return Float32Array.from({ length }, () => random.normal());
}

describe('floats', () => {
  it.each(lengths)('decodes %i quantised numbers as their definition says', (length) => {
    const random = Random.seeded(length, 'decode');
    const block = 100;
    const scales = Float32Array.from({ length: Math.ceil(length / block) }, () => random.uniform());
    const wanted = (values: ArrayLike<number>): Float32Array =>
      Float32Array.from(values, (v, i) => v * (scales[Math.floor(i / block)] as number));
    const eight = Int8Array.from({ length }, () => random.integer(255) - 127);
    const sixteen = Int16Array.from({ length }, () => random.integer(65_535) - 32_767);
    const never = (): Float32Array => {
      throw new Error('decoded elsewhere');
    };
    expect(kernels.floats({ codec: 'int8', values: eight, scales, block }, never)).toEqual(
      wanted(eight),
    );
    expect(kernels.floats({ codec: 'int16', values: sixteen, scales, block }, never)).toEqual(
      wanted(sixteen),
    );
  });

  it('gives the dot product of f with every row', () => {
    const stored = { codec: 'dense', values: Float32Array.of(1, 2, 3, 4, 5, 6) } as const;
    const matrix = kernels.floats(stored, () => stored.values);
    expect(Array.from(kernels.rowDots(matrix, kernels.place([1, 0, -1]), 2, 3))).toEqual([-2, -2]);
  });
});
