import { describe, expect, it } from 'vitest';
import { Random } from '../../../src-shared/random';
import { bootstrapMean, meanRanks, spearman } from '../../../src-shared/statistics';

describe('rank correlation', () => {
  it('gives ties the mean of their ranks', () => {
    expect([...meanRanks([30, 10, 20, 10])]).toEqual([3, 0.5, 2, 0.5]);
    expect([...meanRanks([5, 5, 5])]).toEqual([1, 1, 1]);
  });

  it('is what pencil and paper give', () => {
    expect(spearman([1, 2, 3, 4], [10, 20, 30, 50])).toBeCloseTo(1, 12);
    expect(spearman([1, 2, 3, 4], [4, 3, 2, 1])).toBeCloseTo(-1, 12);
    // Σ d² = 2 of 5 ranks: 1 − 6 · 2 / (5 · 24).
    expect(spearman([1, 2, 3, 4, 5], [2, 1, 3, 4, 5])).toBeCloseTo(0.9, 12);
    // Ranks 0, 1.5, 1.5, 3 and 0, 1, 2, 3: 4.5 / √(4.5 · 5).
    expect(spearman([1, 2, 2, 3], [1, 2, 3, 4])).toBeCloseTo(Math.sqrt(0.9), 12);
    expect(spearman([1, 1], [1, 2])).toBeNaN();
  });
});

it('holds the true mean in its bootstrap interval about as often as it says', () => {
  const random = Random.seeded(2, 'normal');
  let hits = 0;
  const rounds = 100;
  for (let round = 0; round < rounds; round++) {
    const values = Array.from({ length: 40 }, () => 3 + random.normal());
    const { mean, interval, count } = bootstrapMean([...values, Number.NaN], round);
    expect(count).toBe(40);
    expect(mean).toBeCloseTo(values.reduce((a, b) => a + b, 0) / 40, 12);
    hits += Number(interval[0] <= 3 && 3 <= interval[1]);
  }
  // Of 95 %; below 85 of 100 has a probability under 1e-4.
  expect(hits).toBeGreaterThanOrEqual(85);
});
