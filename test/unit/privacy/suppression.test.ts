import { describe, expect, it } from 'vitest';
import {
  accuracyOutput,
  ConfusionCounts,
  confusionOutput,
} from '../../../src-main/privacy/outputs/predictions';
import { Publisher } from '../../../src-main/privacy/publisher';
import { systemRandom } from '../../../src-main/privacy/secret-random';
import { suppressLine } from '../../../src-main/privacy/suppression';
import { Random } from '../../../src-shared/random';

const usual = { atLeast: 10 };
const m = { suppressed: 'minimum-examples' };
const c = { suppressed: 'complementary' };

/** Suppresses a line of counts. */
function line(counts: readonly number[]) {
  return suppressLine(
    {
      broken: counts.map((count) => (count < 10 ? 'minimum-examples' : null)),
      size: counts,
      behind: (hidden) => counts.reduce((sum, count, i) => sum + (hidden[i] ? count : 0), 0),
    },
    usual,
  );
}

describe('complementary suppression', () => {
  it('leaves a line alone that hides nothing', () => {
    expect(line([12, 30, 10])).toEqual([null, null, null]);
  });

  it('hides a second cell, the smallest, beside one that is too small', () => {
    expect(line([40, 3, 12, 25])).toEqual([null, 'minimum-examples', 'complementary', null]);
  });

  it('hides on while what is hidden holds too few together', () => {
    expect(line([2, 3, 4, 20, 30])).toEqual([
      'minimum-examples',
      'minimum-examples',
      'minimum-examples',
      'complementary',
      null,
    ]);
    expect(line([2, 4, 9, 20])).toEqual([
      'minimum-examples',
      'minimum-examples',
      'minimum-examples',
      null,
    ]);
  });

  it('hides all of a line that cannot be saved', () => {
    expect(line([90, 1, 2])).toEqual(['complementary', 'minimum-examples', 'minimum-examples']);
    expect(line([3, 1])).toEqual(['minimum-examples', 'minimum-examples']);
  });
});

/** True and predicted classes with so many examples of each pair. */
function confusionOf(counts: readonly (readonly number[])[]): ConfusionCounts {
  const [labels, predicted]: [number[], number[]] = [[], []];
  for (const [label, row] of counts.entries()) {
    for (const [said, count] of row.entries()) {
      for (let i = 0; i < count; i++) {
        labels.push(label);
        predicted.push(said);
      }
    }
  }
  return new ConfusionCounts(labels, predicted, counts.length);
}

const publisher = (epsilon: number | null = null) => new Publisher(usual, epsilon, systemRandom);

describe('confusion by class', () => {
  it('rounds what it shows, and hides rows whose errors are few', () => {
    const confusion = confusionOf([
      [88, 12, 17],
      [3, 95, 2],
      [4, 8, 61],
    ]);
    expect(confusionOutput(confusion, publisher()).content.counts).toEqual([
      [90, 10, 15],
      // 5 errors in all: with the class's count they would be 100 − 95.
      [m, c, m],
      // 12 errors, none of them alone.
      [m, m, 60],
    ]);
  });
});

describe('accuracy by class', () => {
  it('gives rates where right and wrong ones are enough, and bounds else', () => {
    const confusion = confusionOf([
      [88, 12, 0],
      [30, 70, 0],
      [4, 5, 91],
    ]);
    const { content } = accuracyOutput(confusion, publisher());
    // 249 of 300 right.
    expect(content.overall).toBe(0.83);
    // The bound of the last class would follow from the whole and the others: another one is hidden.
    expect(content.classes).toEqual([
      { label: 0, examples: 100, accuracy: c },
      { label: 1, examples: 100, accuracy: 0.7 },
      { label: 2, examples: 100, accuracy: { atLeast: 0.9 } },
    ]);
  });

  it('bounds from below where nearly all are wrong, and says nothing of a small class', () => {
    const confusion = confusionOf([
      [4, 96],
      [2, 5],
    ]);
    const { content } = accuracyOutput(confusion, publisher());
    // 9 of 107 are right; 107 is published as 105, so that 9 of 103 is said at most.
    expect(content.overall).toEqual({ atMost: 0.09 });
    expect(content.classes).toEqual([
      { label: 0, examples: 100, accuracy: { atMost: 0.1 } },
      { label: 1, examples: m, accuracy: m },
    ]);
  });
});

describe('the publisher', () => {
  it('keeps back a sum that one example makes', () => {
    const nine = Array.from({ length: 9 }, () => 0.01);
    const shares = publisher();
    expect(shares.broken({ asked: 10, contributions: [[...nine, 5]] })).toBe('dominance');
    expect(shares.broken({ asked: 9, contributions: [nine] })).toBe('minimum-examples');
    expect(shares.broken({ asked: 30, trained: 9 })).toBe('minimum-examples');
    expect(shares.broken({ asked: 10, contributions: [[...nine, 0.02]] })).toBeNull();
  });

  it('gives histograms as parts of what is shown', () => {
    const shown = publisher().shares([30, 3, 50, 20], 1, [null, 'minimum-examples', null, null]);
    expect(shown).toEqual([0.3, m, 0.5, 0.2]);
  });

  it('adds Laplace noise of scale sensitivity / ε, anew for every number', () => {
    const random = Random.seeded(3, 'noise');
    const noisy = new Publisher(usual, 0.5, { uniform: () => random.uniform() });
    const drawn = Array.from({ length: 4000 }, () => noisy.mean(0, 1, null) as number);
    // Mean of |x| is the scale, 2; its standard error is 2 / √4000 = 0.032.
    const size = drawn.reduce((sum, x) => sum + Math.abs(x), 0) / drawn.length;
    expect(Math.abs(size - 2)).toBeLessThan(0.13);
    expect(new Set(drawn).size).toBeGreaterThan(500);
    const counts = Array.from({ length: 200 }, () => noisy.count(12, 1, null) as number);
    expect(counts.every((count) => count >= 0 && count % 5 === 0)).toBe(true);
  });
});
