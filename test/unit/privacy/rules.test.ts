import { describe, expect, it } from 'vitest';
import {
  allowedBins,
  fixedEdges,
  holds,
  type RuleId,
  type RuleSubjects,
  roundedCount,
  roundedMean,
  ruleIds,
  rules,
  ruleWords,
  thresholdOf,
} from '../../../src-shared/privacy/rules';

const usual = { atLeast: 10 };

/** Each rule with what it has to let pass and what not, as numbers one can check by hand. */
const cases: { readonly [Id in RuleId]: readonly [RuleSubjects[Id], boolean][] } = {
  'minimum-examples': [
    [10, true],
    [9, false],
    [0, false],
  ],
  complementary: [
    [{ cells: 0, examples: 0 }, true],
    // One cell alone is the line's total minus the rest.
    [{ cells: 1, examples: 50 }, false],
    [{ cells: 2, examples: 10 }, true],
    [{ cells: 2, examples: 9 }, false],
    [{ cells: 3, examples: 0 }, false],
  ],
  dominance: [
    // (50 + 39) / 100 = 89 %, (50 + 40) / 100 = 90 %.
    [[50, 39, 5, 6], true],
    [[50, 40, 5, 5], false],
    // Signs do not cancel: (60 + 35) / 100.
    [[60, -35, 5], false],
    [[1, 1, 1], true],
    [[1, 1], false],
    [[7], false],
    [[0, 0, 0], false],
    [[], false],
  ],
  'p-percent': [
    // What is left beside 50 and 40 is 5, 10 % of 50.
    [[50, 40, 3, 2], true],
    [[50, 40, 3, 1], false],
    [[-50, 40, 5], true],
    [[100, 0, 0], false],
    [[0, 0], false],
  ],
  rounding: [
    [0, true],
    [15, true],
    [12, false],
    [12.5, false],
  ],
  precision: [
    [0.37, true],
    [-0.05, true],
    [0.371, false],
  ],
  bins: [
    [{ edges: fixedEdges(10), examples: 30 }, true],
    [{ edges: fixedEdges(10), examples: 29 }, false],
    [{ edges: fixedEdges(20), examples: 1000 }, true],
    [{ edges: fixedEdges(21), examples: 1000 }, false],
    // Edges that follow the data tell where they lie.
    [{ edges: [-0.2, 0, 0.3], examples: 1000 }, false],
    [{ edges: [], examples: 1000 }, false],
  ],
};

describe('the rules of disclosure', () => {
  for (const id of ruleIds) {
    it.each(cases[id] as [unknown, boolean][])(`${id}: %j is kept: %s`, (subject, kept) => {
      expect(holds(id, subject as never, usual)).toBe(kept);
    });
  }

  it('has the thresholds of the design, and says them', () => {
    const thresholds = ruleIds.map((id) => [id, rules[id].threshold]);
    expect(Object.fromEntries(thresholds)).toEqual({
      'minimum-examples': 10,
      complementary: 10,
      dominance: 90,
      'p-percent': 10,
      rounding: 5,
      precision: 2,
      bins: 20,
    });
    for (const id of ruleIds) expect(ruleWords(id, usual)).not.toMatch(/\bN\b/);
    expect(ruleWords('minimum-examples', { atLeast: 25 })).toMatch(/^At least 25 examples/);
  });

  it('lets the owner raise, and never lower', () => {
    expect(thresholdOf('minimum-examples', { atLeast: 25 })).toBe(25);
    expect(holds('minimum-examples', 24, { atLeast: 25 })).toBe(false);
    expect(holds('complementary', { cells: 2, examples: 24 }, { atLeast: 25 })).toBe(false);
    for (const id of ruleIds) {
      expect(thresholdOf(id, { atLeast: 1 })).toBe(rules[id].threshold);
      if (rules[id].tightened === 'never') {
        expect(thresholdOf(id, { atLeast: 1000 })).toBe(rules[id].threshold);
      }
    }
  });
});

describe('the published form', () => {
  it('rounds counts to base 5', () => {
    expect([0, 2, 3, 7, 8, 12, 13, 100].map(roundedCount)).toEqual([0, 0, 5, 5, 10, 10, 15, 100]);
  });

  it('rounds means to two decimals', () => {
    expect([0.123456, -0.001, 0.995, 1].map(roundedMean)).toEqual([0.12, 0, 1, 1]);
    expect(Object.is(roundedMean(-0.001), 0)).toBe(true);
  });

  it('has as many bins as examples allow, over edges that know no data', () => {
    expect([2, 3, 29, 30, 60, 1000].map(allowedBins)).toEqual([0, 1, 9, 10, 20, 20]);
    expect(fixedEdges(4)).toEqual([-1, -0.5, 0, 0.5, 1]);
  });
});
