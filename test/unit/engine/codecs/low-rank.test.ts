import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { startEngine } from '../../../../src-main/engine/backend';
import { encodeLowRank, lowRankStorage } from '../../../../src-main/engine/codecs/encode-low-rank';
import { factorise, productOf } from '../../../../src-main/engine/codecs/low-rank';
import { orthonormalise } from '../../../../src-main/engine/codecs/orthonormalise';
import { emptyCarry } from '../../../../src-main/engine/codecs/quantisation';
import { decode } from '../../../../src-main/engine/codecs/storage';
import { readSafetensors, type StoredTensor } from '../../../support/safetensors-file';

/** Made by NumPy: see test/fixtures/low-rank/make.py. */
const fixture = readSafetensors(
  join(import.meta.dirname, '../../../fixtures/low-rank/low-rank.safetensors'),
);
const of = (name: string): StoredTensor => fixture.get(name) as StoredTensor;
const [rows, columns, rank, steps] = [41, 64, 8, 6];
const layer = { name: 'fc', kind: 'Dense', rows, columns, bias: true } as const;
const stored = { parts: lowRankStorage(layer, true), rank };
const matrix = (name: string): Float32Array => Float32Array.from(of(name).data);

beforeAll(() => startEngine());

function normOf(...arrays: readonly ArrayLike<number>[]): number {
  return Math.hypot(...arrays.flatMap((values) => Array.from(values)));
}

function missed(found: Float32Array, exact: Float32Array): Float64Array {
  return Float64Array.from(found, (value, i) => value - (exact[i] as number));
}

function encodedStep(
  t: number,
  carries = { gradient: emptyCarry(rows * columns), ghost: emptyCarry(rows * columns) },
) {
  const wholes = { gradient: matrix(`g/${t}`), ghost: matrix(`ghost/${t}`) };
  return { wholes, ...encodeLowRank(layer, stored, wholes, carries) };
}

describe('a truncated factorisation', () => {
  it('is nearly as near as the best of its rank, by NumPy’s whole SVD', () => {
    for (let t = 0; t < steps; t++) {
      const { wholes, decoded } = encodedStep(t);
      const error =
        normOf(
          missed(decoded.gradient, wholes.gradient),
          missed(decoded.ghost as Float32Array, wholes.ghost),
        ) / normOf(wholes.gradient, wholes.ghost);
      const least = of('best').data[t] as number;
      expect(error).toBeGreaterThan(0.999 * least);
      expect(error).toBeLessThan(1.25 * least);
    }
  });

  it('has an orthonormal basis, gives the same bits each time and leaves no tensor', () => {
    const before = tf.memory().numTensors;
    const read = (): Float32Array[] =>
      tf.tidy(() => {
        const { basis, coordinates } = factorise(tf.tensor2d(matrix('g/2'), [rows, columns]), rank);
        const gram = tf.matMul(basis, basis, false, true);
        return [gram, basis, coordinates].map((tensor) => tensor.dataSync<'float32'>());
      });
    const [gram, ...first] = read();
    for (const [i, value] of (gram as Float32Array).entries()) {
      expect(Math.abs(value - (i % (rank + 1) === 0 ? 1 : 0))).toBeLessThan(1e-6);
    }
    expect(read().slice(1)).toEqual(first);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('of more directions than there are is the matrix itself', () => {
    // Two outer products: [1 2 3]ᵀ [1 0 1 0] and [0 1 0]ᵀ [0 5 0 0].
    const values = [1, 0, 1, 0, 2, 5, 2, 0, 3, 0, 3, 0];
    const back = tf.tidy(() =>
      productOf(factorise(tf.tensor2d(values, [3, 4]), 3)).dataSync<'float32'>(),
    );
    for (const [i, value] of back.entries()) expect(value).toBeCloseTo(values[i] as number, 5);
  });

  it('of nothing is nothing, and of what is no number is refused', () => {
    const none = new Float32Array(rows * columns);
    const carries = { gradient: emptyCarry(none.length), ghost: emptyCarry(none.length) };
    const { decoded } = encodeLowRank(layer, stored, { gradient: none, ghost: none }, carries);
    expect(normOf(decoded.gradient, decoded.ghost as Float32Array)).toBe(0);
    const bad = none.slice();
    bad[7] = Number.NaN;
    expect(() => encodeLowRank(layer, stored, { gradient: bad, ghost: none }, carries)).toThrow(
      /not finite/,
    );
  });
});

describe('orthonormal rows', () => {
  it('are what Gram and Schmidt make by hand, a spanned row becoming zeros', () => {
    const made = Float64Array.of(3, 4, 0, 6, 8, 0, 3, 4, 2);
    orthonormalise(made, 3, 3);
    expect([...made].map((value) => Number(value.toFixed(12)))).toEqual([
      0.6, 0.8, 0, 0, 0, 0, 0, 0, 1,
    ]);
  });

  it('stay so where they are nearly alike', () => {
    const alike = Float64Array.from({ length: 40 }, (_, i) => 1 + (i % 11 === 0 ? 1e-5 : 0));
    orthonormalise(alike, 4, 10);
    for (let a = 0; a < 4; a++) {
      for (let b = 0; b <= a; b++) {
        let inner = 0;
        for (let i = 0; i < 10; i++)
          inner += (alike[10 * a + i] as number) * (alike[10 * b + i] as number);
        expect(Math.abs(inner - (a === b ? 1 : 0))).toBeLessThan(1e-12);
      }
    }
  });
});

describe('what is left out', () => {
  it('is carried on, so that sums miss the last rest alone however many the steps', () => {
    const size = rows * columns;
    const carries = { gradient: emptyCarry(size), ghost: emptyCarry(size) };
    const sums = {
      exact: new Float64Array(size),
      said: new Float64Array(size),
      truncated: new Float64Array(size),
    };
    let longest = 0;
    for (let step = 0; step < 120; step++) {
      const t = step % steps;
      const alone = encodedStep(t).decoded.gradient;
      const { wholes, decoded } = encodedStep(t, {
        gradient: { ...carries.gradient, ratio: 1 },
        ghost: { ...carries.ghost, ratio: 1 },
      });
      longest = Math.max(longest, normOf(carries.gradient.rest));
      for (let i = 0; i < size; i++) {
        sums.exact[i] = (sums.exact[i] as number) + (wholes.gradient[i] as number);
        sums.said[i] = (sums.said[i] as number) + (decoded.gradient[i] as number);
        sums.truncated[i] = (sums.truncated[i] as number) + (alone[i] as number);
      }
    }
    const left = sums.exact.map((value, i) => value - (sums.said[i] as number));
    // Σ g − Σ ĝ = r, up to the rounding of fp32.
    const off = left.map((value, i) => value - (carries.gradient.rest[i] as number));
    expect(normOf(off)).toBeLessThan(1e-5 * normOf(sums.exact));
    expect(normOf(left)).toBeLessThanOrEqual(longest + 1e-5);
    const dropped = sums.exact.map((value, i) => value - (sums.truncated[i] as number));
    expect(normOf(left)).toBeLessThan(normOf(dropped) / 15);
  });

  it('is told in the parts that are stored', () => {
    const { parts, decoded } = encodedStep(1);
    expect(parts.map(({ part, shape }) => [part, ...shape])).toEqual([
      ['basis', rank, rows],
      ['coordinates', rank, columns],
      ['ghostCoordinates', rank, columns],
    ]);
    const [basis, coordinates, ghosts] = parts.map(({ encoded, shape }) =>
      decode(encoded, (shape[0] ?? 0) * (shape[1] ?? 0)),
    ) as [Float32Array, Float32Array, Float32Array];
    for (const [found, factor] of [
      [decoded.gradient, coordinates],
      [decoded.ghost, ghosts],
    ] as const) {
      const wanted = Float32Array.from({ length: rows * columns }, (_, at) => {
        const [i, j] = [Math.floor(at / columns), at % columns];
        let sum = 0;
        for (let k = 0; k < rank; k++)
          sum += (basis[k * rows + i] as number) * (factor[k * columns + j] as number);
        return sum;
      });
      expect(normOf(missed(found as Float32Array, wanted))).toBeLessThan(1e-5 * normOf(wanted));
    }
  });
});
