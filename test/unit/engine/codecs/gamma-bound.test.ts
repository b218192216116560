import { describe, expect, it } from 'vitest';
import {
  type Carry,
  dequantise,
  emptyCarry,
  type QuantisedCodec,
  quantise,
} from '../../../../src-main/engine/codecs/quantisation';
import { roundingError } from '../../../../src-main/engine/codecs/rounding-error';
import { partStorage } from '../../../../src-main/engine/codecs/storage';
import { MemoryTrace } from '../../../../src-main/engine/memory-trace';
import type { PartRecord } from '../../../../src-main/engine/records';
import { layersOf } from '../../../../src-shared/model/presets';
import { resolveModel } from '../../../../src-shared/model/shapes';
import { Random } from '../../../../src-shared/random';

const [rows, columns, steps] = [32, 128, 16];
const count = rows * columns;
const layer = { name: 'fc1', kind: 'Dense', rows, columns, bias: false } as const;
const inner = (one: Float32Array, other: Float32Array): number =>
  one.reduce((sum, value, i) => sum + value * (other[i] as number), 0);

type Draw = (random: Random) => Float32Array;
const normals = (random: Random): Float32Array =>
  Float32Array.from({ length: count }, () => random.normal());

/** Gradients, and a query that they are asked with. */
const inputs: readonly [name: string, gradients: Draw, query: Draw][] = [
  ['noise', normals, normals],
  [
    'parts that nearly cancel in γ',
    (random) => {
      const values = normals(random);
      // ⟨1, g⟩ is a twentieth of what it would be.
      const mean = values.reduce((sum, value) => sum + value, 0) / count;
      return values.map((value) => value - 0.95 * mean);
    },
    () => new Float32Array(count).fill(1),
  ],
  [
    'one huge row beside small ones',
    (random) => normals(random).map((value, i) => (i < columns ? 1e6 * value : value)),
    (random) => normals(random).map((value, i) => (i < columns ? 1e-6 * value : value)),
  ],
  [
    'one huge number in each block, asked for the small ones, all of one sign',
    (random) => normals(random).map((value, i) => (i % 64 === 0 ? 1e4 : 0.1 + Math.abs(value))),
    () => new Float32Array(count).map((_, i) => (i % 64 === 0 ? 0 : 1)),
  ],
  [
    'numbers that are the same in every row',
    (random) => {
      const row = Float32Array.from({ length: columns }, () => random.normal());
      return Float32Array.from({ length: count }, (_, i) => row[i % columns] as number);
    },
    (random) => normals(random).map(Math.abs),
  ],
  ['nothing but zeros', () => new Float32Array(count), normals],
];

/** Half of each number's scale. */
function halfScales(codec: QuantisedCodec, scales: Float32Array): Float32Array {
  const { block } = partStorage('gradient', codec, columns);
  return Float32Array.from(
    { length: count },
    (_, i) => (scales[Math.floor(i / block)] as number) / 2,
  );
}

/** Σ_i |q_i| a_i. */
const hoelder = (query: Float32Array, bounds: Float32Array): number =>
  inner(query.map(Math.abs), bounds);

const codecs = ['int16', 'int8', 'int4'] as const;

describe.each(codecs)('γ of what is stored as %s', (codec) => {
  it.each(inputs)(
    'misses by no more than half scales allow, step by step and in sum: %s',
    (_, drawGradient, drawQuery) => {
      const random = Random.seeded(5, codec);
      const query = drawQuery(random);
      const carry: Carry = emptyCarry(count);
      const { block } = partStorage('gradient', codec, columns);
      let before: Float32Array = new Float32Array(count);
      let sum = 0;
      for (let t = 0; t < steps; t++) {
        const gradient = drawGradient(random);
        const stored = quantise(gradient, codec, block, {
          rest: carry.rest,
          ratio: t === 0 ? 0 : 1,
        });
        const missed = inner(query, dequantise(stored, count)) - inner(query, gradient);
        sum += missed;
        const half = halfScales(codec, stored.scales);
        // What fp32 itself rounds, of sums over all numbers.
        const rounding = 4e-7 * hoelder(query, gradient.map(Math.abs));
        const bounds = half.map((value, i) => value + (before[i] as number));
        expect(Math.abs(missed)).toBeLessThanOrEqual(hoelder(query, bounds) + rounding);
        // However many steps: what the last one left over.
        expect(Math.abs(sum)).toBeLessThanOrEqual(hoelder(query, half) + (t + 1) * rounding);
        before = half;
      }
    },
  );
});

describe('the error that is told of a recorded run', () => {
  // Rounding errors of the others are no independent ones; for them there is what was measured at the start.
  const independent = inputs.slice(0, 3);
  const model = resolveModel(layersOf('mlp', 10, [rows]), [rows], 10);
  const node = {
    ...(model.nodes.find(({ spec }) => spec.name === 'fc1') as (typeof model.nodes)[number]),
  };

  it.each(independent)(
    'stands for the one that there is: %s',
    async (_, drawGradient, drawQuery) => {
      const storage = {
        layer: 'fc1',
        parts: [partStorage('gradient', 'int8', columns)],
        errorBound: 1,
      };
      const [part] = storage.parts;
      const random = Random.seeded(9, 'told');
      const queries = Array.from({ length: 8 }, () => drawQuery(random));
      const trace = new MemoryTrace([layer], []);
      const carry = emptyCarry(count);
      const sums = queries.map(() => ({ gamma: 0, missed: 0 }));
      for (let step = 0; step < steps; step++) {
        const gradient = drawGradient(random);
        const encoded = quantise(gradient, 'int8', part?.block, {
          rest: carry.rest,
          ratio: step === 0 ? 0 : 1,
        });
        const data = dequantise(encoded, count);
        for (const [q, query] of queries.entries()) {
          const sum = sums[q] as { gamma: number; missed: number };
          sum.gamma += inner(query, gradient) ** 2;
          sum.missed += (inner(query, data) - inner(query, gradient)) ** 2;
        }
        const record: PartRecord = {
          layer: 'fc1',
          part: 'gradient',
          shape: [rows, columns],
          data,
          encoded,
        };
        await trace.append({
          ...{
            step,
            epoch: 0,
            label: 0,
            learningRate: 1,
            loss: 0,
            accuracy: 0,
            parts: [record],
            sideState: [],
          },
          ...{ examples: new Int32Array(4), ghosts: new Int32Array(0) },
        });
      }
      const told = await roundingError({ layer, node, storage, source: trace, queries });
      const actual = Math.max(...sums.map(({ gamma, missed }) => Math.sqrt(missed / gamma)));
      // Three of them are the bound; it is no bound by being far too large.
      expect(3 * told).toBeGreaterThan(actual);
      expect(told).toBeLessThan(3 * actual);
    },
  );
});
