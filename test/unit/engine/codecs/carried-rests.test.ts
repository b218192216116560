import { expect, test } from 'vitest';
import { CarriedRests } from '../../../../src-main/engine/codecs/carried-rests';
import { blockFor, quantise } from '../../../../src-main/engine/codecs/quantisation';
import { decode, encode } from '../../../../src-main/engine/codecs/storage';
import { credit } from '../../../../src-main/engine/explanation/credit';
import { storedCoefficients } from '../../../../src-main/engine/optimizer';
import { Random } from '../../../../src-shared/random';
import { recipeDefaults } from '../../../../src-shared/recipe/recipe';

const [rows, columns, steps] = [10, 64, 400];
const layer = { name: 'logits', kind: 'Dense', rows, columns, bias: false } as const;
const storage = { part: 'gradient', codec: 'int8', block: blockFor('int8', columns) } as const;

/**
 * Gradients of class batches: the step's class pulls a hundred times as hard as the others, which all
 * pull the same way, step after step. Rounded to nothing beside it, they are what 8 bits used to lose.
 */
function gradients(): Float32Array[] {
  const random = Random.seeded(5, 'gradients');
  return Array.from({ length: steps }, (_, t) =>
    Float32Array.from({ length: rows * columns }, (_, i) => {
      const pull = i % columns === t % columns ? 1 : 0.0035;
      return pull * (1 + 0.1 * random.normal()) * (i % columns === t % columns && t % 2 ? -1 : 1);
    }),
  );
}

/** ‖Σ c_t (ĝ_t − g_t)‖ / ‖Σ c_t g_t‖. */
function missed(exact: Float32Array[], stored: Float32Array[], weights: ArrayLike<number>): number {
  const sum = new Float64Array(rows * columns);
  const error = new Float64Array(rows * columns);
  for (const [t, g] of exact.entries()) {
    for (const [i, value] of g.entries()) {
      sum[i] = (sum[i] as number) + (weights[t] as number) * value;
      const off = (stored[t]?.[i] as number) - value;
      error[i] = (error[i] as number) + (weights[t] as number) * off;
    }
  }
  return Math.hypot(...error) / Math.hypot(...sum);
}

/** Learning rate by step: constant, dropping to a tenth, along a cosine. */
const rates: Readonly<Record<string, (t: number) => number>> = {
  constant: () => 0.1,
  step: (t) => (t < steps / 2 ? 0.1 : 0.01),
  cosine: (t) => 0.05 * (1 + Math.cos((Math.PI * t) / steps)),
};
const optimizers = {
  plain: {},
  'heavy ball': { momentum: 0.9 },
  Nesterov: { momentum: 0.9, nesterov: true },
  decay: { weightDecay: 0.001 },
};

for (const [schedule, rate] of Object.entries(rates)) {
  test.each(Object.entries(optimizers))(
    `sums don't miss more the longer a training is: ${schedule}, %s`,
    (_, more) => {
      const optimizer = { ...recipeDefaults.optimizer, ...more };
      const learningRates = Array.from({ length: steps }, (_, t) => rate(t));
      const weights = credit(storedCoefficients(optimizer, learningRates)).gradients;
      const rests = new CarriedRests(optimizer);
      const exact = gradients();
      const carried = exact.map((g, t) => {
        rests.begin({ learningRate: learningRates[t] as number });
        return decode(encode(g, storage, rests.of(layer, storage)), g.length);
      });
      const plain = exact.map((g) => decode(encode(g, storage), g.length));
      // Rounded each by itself, the small ones are lost; with the rest carried on they are not.
      expect(missed(exact, plain, weights)).toBeGreaterThan(0.01);
      expect(missed(exact, carried, weights)).toBeLessThan(0.0015);
    },
  );
}

test('a single step misses at most a half of its scale and of the one before', () => {
  const rests = new CarriedRests(recipeDefaults.optimizer);
  let before = 0;
  for (const g of gradients().slice(0, 20)) {
    rests.begin({ learningRate: 0.1 });
    const stored = encode(g, storage, rests.of(layer, storage));
    if (stored.codec === 'dense') throw new Error('not rounded');
    const decoded = decode(stored, g.length);
    const scale = Math.max(...stored.scales);
    for (const [i, value] of g.entries()) {
      const off = Math.abs((decoded[i] as number) - value);
      expect(off).toBeLessThanOrEqual(0.5001 * (scale + before));
    }
    before = scale;
  }
});

test('what is carried on outlasts a stop, and nothing is carried where rows differ or nothing is rounded', () => {
  const [g = new Float32Array(0), next = new Float32Array(0)] = gradients();
  const one = new CarriedRests({ ...recipeDefaults.optimizer, momentum: 0.9 });
  one.begin({ learningRate: 0.1 });
  encode(g, storage, one.of(layer, storage));
  const other = new CarriedRests({ ...recipeDefaults.optimizer, momentum: 0.9 });
  other.restore(one.state());
  const follow = (rests: CarriedRests) => {
    rests.begin({ learningRate: 0.03 });
    return encode(next, storage, rests.of(layer, storage));
  };
  const expected = follow(one);
  expect(follow(other)).toEqual(expected);
  expect(expected).not.toEqual(quantise(next, 'int8', storage.block));
  expect(one.of(layer, { part: 'inputs', codec: 'int16', block: 64 })).toBeNull();
  expect(one.of(layer, { part: 'gradient', codec: 'dense', block: 0 })).toBeNull();
  expect(new CarriedRests(recipeDefaults.optimizer).state()).toEqual([]);
});
