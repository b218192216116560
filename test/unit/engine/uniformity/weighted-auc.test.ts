import { describe, expect, it } from 'vitest';
import { weightedAuc, weightedRanks } from '../../../../src-main/engine/uniformity/weighted-auc';
import { Random } from '../../../../src-shared/random';

function auc(values: number[], weights: number[], positives: number[]): number {
  return weightedAuc(weightedRanks(values, weights), positives);
}

/** The definition, pair by pair. */
function byPairs(values: number[], weights: number[], positives: number[]): number {
  let sum = 0;
  let all = 0;
  for (const i of positives) {
    for (let j = 0; j < values.length; j++) {
      if (positives.includes(j)) continue;
      const pair = (weights[i] as number) * (weights[j] as number);
      const [a, b] = [values[i] as number, values[j] as number];
      sum += pair * (a > b ? 1 : a === b ? 0.5 : 0);
      all += pair;
    }
  }
  return sum / all;
}

describe('the weighted AUC', () => {
  it('is what pencil and paper give', () => {
    expect(auc([1, 2, 3], [1, 2, 1], [2])).toBeCloseTo(1, 12);
    expect(auc([1, 2, 3], [1, 2, 1], [0])).toBeCloseTo(0, 12);
    expect(auc([1, 2, 3], [1, 2, 1], [0, 2])).toBeCloseTo(1 / 2, 12);
    expect(auc([1, 2, 3], [1, 2, 3], [1])).toBeCloseTo(1 / 4, 12);
    expect(auc([1, 1, 2], [1, 1, 1], [0])).toBeCloseTo(1 / 4, 12);
    expect(auc([-0.5, -0.5, -0.5], [3, 1, 2], [1])).toBeCloseTo(1 / 2, 12);
    // 0.6 beats 0.1 (weight 2) and not 0.9 (weight 5); 0.9 beats both.
    expect(auc([0.1, 0.6, 0.9, 0.9], [2, 1, 5, 3], [1, 3])).toBeCloseTo(
      (1 * 2 + 3 * (2 + 5 / 2)) / (4 * 7),
      12,
    );
  });

  it('stays a probability where rounding would carry it past one', () => {
    const random = Random.seeded(5, 'ends');
    for (let k = 0; k < 300; k++) {
      const values = Array.from({ length: 40 }, (_, i) => i);
      const weights = values.map(() => random.uniform());
      const top = auc(values, weights, [36, 37, 38, 39]);
      expect(top).toBeCloseTo(1, 12);
      expect(top).toBeLessThanOrEqual(1);
      expect(auc(values, weights, [0, 1, 2])).toBeGreaterThanOrEqual(0);
    }
  });

  it('does not see what has no weight', () => {
    expect(auc([5, 1, 2], [0, 1, 1], [2])).toBeCloseTo(1, 12);
    expect(auc([5, 1, 2], [0, 1, 1], [0])).toBeNaN();
    expect(auc([5, 1, 2], [0, 1, 1], [1, 2])).toBeNaN();
    expect(auc([5, 1], [0, 0], [0])).toBeNaN();
    expect(auc([], [], [])).toBeNaN();
  });

  it('is the definition, for any values, ties, weights and positives', () => {
    const random = Random.seeded(11, 'auc');
    for (let round = 0; round < 300; round++) {
      const count = 2 + random.integer(30);
      const spread = 1 + random.integer(12);
      const values = Array.from({ length: count }, () => random.integer(spread) / 7 - 0.5);
      const weights = Array.from({ length: count }, () =>
        random.integer(4) === 0 ? 0 : random.uniform() ** 4,
      );
      const positives = [...values.keys()].filter(() => random.integer(3) === 0);
      const wanted = byPairs(values, weights, positives);
      const found = auc(values, weights, positives);
      if (Number.isNaN(wanted)) expect(found).toBeNaN();
      else expect(found).toBeCloseTo(wanted, 9);
    }
  });
});
