import { expect, it } from 'vitest';
import { pairedDifference } from '../../../src-shared/architecture/comparison';

it('compares two accuracies over the same examples', () => {
  const first = [true, true, false, false, true];
  const second = [true, false, true, true, true];
  // d = 0, −1, 1, 1, 0: mean 0.2, variance (0.04 + 1.44 + 0.64 + 0.64 + 0.04) / 4 = 0.7.
  const { difference, interval } = pairedDifference(first, second) ?? {
    difference: Number.NaN,
    interval: [0, 0],
  };
  expect(difference).toBeCloseTo(0.2, 12);
  expect(interval[0]).toBeCloseTo(0.2 - 1.96 * Math.sqrt(0.7 / 5), 12);
  expect(interval[1]).toBeCloseTo(0.2 + 1.96 * Math.sqrt(0.7 / 5), 12);
  expect(pairedDifference([], [])).toBeNull();
});
