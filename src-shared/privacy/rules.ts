/**
 * What may leave a run in aggregates: one table of rules (design: section 5). Nothing else decides
 * about disclosure; the check, the window, the release and the report take words and numbers from here.
 *
 * Sources: at least 10 examples, dominance and p % as in SACRO and the handbooks on statistical
 * disclosure control that it implements; rounding to base 5 as statistical offices do.
 */

/** What each rule looks at. */
export interface RuleSubjects {
  /** Distinct examples behind a number. */
  'minimum-examples': number;
  /** What is kept back of a line of cells that add up to something known. */
  complementary: HiddenCells;
  /** What each contributor put into a sum, signs aside. */
  dominance: ArrayLike<number>;
  'p-percent': ArrayLike<number>;
  /** A count as it is published. */
  rounding: number;
  /** A mean or share as it is published. */
  precision: number;
  /** A histogram as it is published. */
  bins: { readonly edges: ArrayLike<number>; readonly examples: number };
}

export type RuleId = keyof RuleSubjects;

export interface HiddenCells {
  readonly cells: number;
  /** Distinct examples behind them together. */
  readonly examples: number;
}

export interface Rule<Subject> {
  readonly title: string;
  /** What it asks for, `N` standing for the threshold. */
  readonly words: string;
  readonly threshold: number;
  /** Whether the owner of a run may make it stricter by a higher threshold. None can be relaxed. */
  readonly tightened: 'by raising' | 'never';
  /** What to do where it is broken. */
  readonly fix: string;
  /** Whether the rule is kept. */
  readonly holds: (subject: Subject, threshold: number) => boolean;
}

/** Bins of a histogram, at most. */
const mostBins = 20;

export const rules: { readonly [Id in RuleId]: Rule<RuleSubjects[Id]> } = {
  'minimum-examples': {
    title: 'At least N examples',
    words: 'At least N examples stand behind every number, of those asked and of those trained on.',
    threshold: 10,
    tightened: 'by raising',
    fix: 'Ask a larger sample, or train and test on more examples of the class.',
    holds: (examples, threshold) => examples >= threshold,
  },
  complementary: {
    title: 'Complementary suppression',
    words:
      'Where cells add up to something that is known, those kept back are two at least, and hold at least N examples together.',
    threshold: 10,
    tightened: 'by raising',
    fix: 'Nothing to do: further cells of the line are kept back until it holds.',
    holds: ({ cells, examples }, threshold) => cells === 0 || (cells >= 2 && examples >= threshold),
  },
  dominance: {
    title: 'Dominance',
    words: 'The two largest contributors make less than N % of a sum.',
    threshold: 90,
    tightened: 'never',
    fix: 'Ask a larger sample, so that no one stands out of it.',
    holds: (contributions, threshold) => {
      const { first, second, total } = largest(contributions);
      return total > 0 && 100 * (first + second) < threshold * total;
    },
  },
  'p-percent': {
    title: 'p % rule',
    words:
      'All but the two largest contributors make at least N % of the largest, so that the second can’t work out the first.',
    threshold: 10,
    tightened: 'never',
    fix: 'Ask a larger sample, so that no one stands out of it.',
    holds: (contributions, threshold) => {
      const { first, second, total } = largest(contributions);
      return total > 0 && 100 * (total - first - second) >= threshold * first;
    },
  },
  rounding: {
    title: 'Rounded counts',
    words: 'Counts are rounded to multiples of N.',
    threshold: 5,
    tightened: 'never',
    fix: 'Nothing to do: counts are rounded.',
    holds: (count, base) => Number.isInteger(count / base),
  },
  precision: {
    title: 'Rounded means',
    words: 'Means, shares and probabilities are rounded to N decimals.',
    threshold: 2,
    tightened: 'never',
    fix: 'Nothing to do: means are rounded.',
    holds: (value, decimals) => rounded(value, decimals) === value,
  },
  bins: {
    title: 'Coarse histograms',
    words:
      'Densities are histograms over fixed edges of equal width from −1 to 1, of at most N bins and at most one for every three examples.',
    threshold: mostBins,
    tightened: 'never',
    fix: 'Ask a larger sample.',
    holds: ({ edges, examples }, most) => {
      const bins = edges.length - 1;
      const fixed = fixedEdges(bins);
      return (
        bins >= 1 &&
        bins <= Math.min(most, Math.floor(examples / 3)) &&
        fixed.every((edge, i) => edge === edges[i])
      );
    },
  },
};

export const ruleIds = Object.keys(rules) as RuleId[];

/** How many examples a release asks for behind a number; the rules that go with it use it too. */
export interface Thresholds {
  readonly atLeast: number;
}

/** The threshold in force: only what is tightened by raising follows the owner's. */
export function thresholdOf(id: RuleId, { atLeast }: Thresholds): number {
  const { threshold, tightened } = rules[id];
  return tightened === 'by raising' ? Math.max(threshold, atLeast) : threshold;
}

/** Whether a rule is kept under the thresholds in force. */
export function holds<Id extends RuleId>(
  id: Id,
  subject: RuleSubjects[Id],
  thresholds: Thresholds,
): boolean {
  return rules[id].holds(subject, thresholdOf(id, thresholds));
}

/** A rule's words with its threshold. */
export function ruleWords(id: RuleId, thresholds: Thresholds): string {
  return rules[id].words.replace(/\bN\b/, String(thresholdOf(id, thresholds)));
}

/** Edges of equal width from −1 to 1: they depend on nothing but how many there are. */
export function fixedEdges(bins: number): number[] {
  return Array.from({ length: bins + 1 }, (_, i) => -1 + (2 * i) / bins);
}

/** As many bins as the rule allows for so many examples; 0: none. */
export function allowedBins(examples: number): number {
  return Math.min(mostBins, Math.floor(examples / 3));
}

/** A count as it is published. */
export function roundedCount(count: number): number {
  const base = rules.rounding.threshold;
  return base * Math.round(count / base);
}

/** A mean, share or probability as it is published. */
export function roundedMean(value: number): number {
  return rounded(value, rules.precision.threshold);
}

function rounded(value: number, decimals: number): number {
  const scale = 10 ** decimals;
  // Never −0, which JSON would not keep.
  return Math.round(value * scale) / scale + 0;
}

function largest(contributions: ArrayLike<number>): {
  first: number;
  second: number;
  total: number;
} {
  let [first, second, total] = [0, 0, 0];
  for (let i = 0; i < contributions.length; i++) {
    const size = Math.abs(contributions[i] as number);
    total += size;
    if (size > first) [first, second] = [size, first];
    else if (size > second) second = size;
  }
  return { first, second, total };
}
