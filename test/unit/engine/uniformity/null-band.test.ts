import { describe, expect, it } from 'vitest';
import { nullBand } from '../../../../src-main/engine/uniformity/null-band';
import { shareEntropy } from '../../../../src-main/engine/uniformity/share-entropy';
import { permutedWithin } from '../../../../src-main/engine/uniformity/specificity-tally';
import { Random } from '../../../../src-shared/random';

describe('the null band', () => {
  it('is as wide as the largest deviation of any cell, in deviations of each', () => {
    // Cell 1 is cell 0 stretched by 10 and moved by 5, so both deviate alike.
    const permuted = [-2, -1, 0, 1, 2].map((x) => Float64Array.of(x, 5 + 10 * x));
    const { centre, half, deviations } = nullBand(permuted, 0.8);
    const spread = Math.sqrt(10 / 4);
    expect([...centre]).toEqual([0, 5]);
    // ⌈0.8 · 6⌉ = 5: the largest of five.
    expect(deviations).toBeCloseTo(2 / spread, 12);
    expect(half[0]).toBeCloseTo(2, 12);
    expect(half[1]).toBeCloseTo(20, 12);
    expect(nullBand(permuted, 0.5).deviations).toBeCloseTo(1 / spread, 12);
  });

  it('leaves cells alone that cannot vary', () => {
    const { half, deviations } = nullBand([Float64Array.of(1, 0.5), Float64Array.of(3, 0.5)], 0.9);
    expect(half[1]).toBe(0);
    expect(deviations).toBeCloseTo(1 / Math.SQRT2, 12);
  });

  it('holds all cells together as often as it says, dependent or not', () => {
    const random = Random.seeded(5, 'band');
    const draw = (): Float64Array => {
      const shared = random.normal();
      return Float64Array.from(
        { length: 20 },
        (_, i) => (1 + i) * (i % 2 ? shared : random.normal()),
      );
    };
    let inside = 0;
    const rounds = 400;
    for (let round = 0; round < rounds; round++) {
      const { centre, half } = nullBand(Array.from({ length: 199 }, draw), 0.9);
      const out = draw().some((x, i) => Math.abs(x - (centre[i] as number)) > (half[i] as number));
      if (!out) inside++;
    }
    // Binomial: 0.9 ± 4 · √(0.09 / 400).
    expect(inside / rounds).toBeGreaterThan(0.84);
    expect(inside / rounds).toBeLessThan(0.96);
  });
});

describe('permutations', () => {
  it('exchange labels within an epoch only', () => {
    const label = Int32Array.of(0, 0, 1, 1, 2, 2, 2, 3, 3);
    const epoch = Int32Array.of(0, 0, 0, 0, 1, 1, 1, 1, 2);
    const random = Random.seeded(3, 'permutations');
    const seen = new Set<string>();
    for (let round = 0; round < 200; round++) {
      const permuted = permutedWithin({ label, group: epoch }, random);
      expect([...permuted.slice(0, 4)].sort()).toEqual([0, 0, 1, 1]);
      expect([...permuted.slice(4, 8)].sort()).toEqual([2, 2, 2, 3]);
      expect(permuted[8]).toBe(3);
      seen.add(permuted.join());
    }
    expect(seen.size).toBe(6 * 4);
    expect([...label]).toEqual([0, 0, 1, 1, 2, 2, 2, 3, 3]);
  });
});

describe('the entropy of shares', () => {
  it('is 1 for equal shares, 0 for one, and counts their sizes', () => {
    expect(shareEntropy([0.2, 0.2, 0.2, 0.2])).toBeCloseTo(1, 12);
    expect(shareEntropy([0, 0.7, 0])).toBeCloseTo(0, 12);
    expect(shareEntropy([0.5, -0.5])).toBeCloseTo(1, 12);
    // −(½ ln ½ + 2 · ¼ ln ¼) / ln 3 = 1.5 ln 2 / ln 3
    expect(shareEntropy([2, -1, 1])).toBeCloseTo((1.5 * Math.LN2) / Math.log(3), 12);
    expect(shareEntropy([0, 0])).toBeNaN();
    expect(shareEntropy([1])).toBeNaN();
  });
});
