import { formatCount, formatFixed, formatPercent } from '../../../src-shared/format/numbers';
import {
  isSuppressed,
  type OutputCheck,
  type ReleasedNumber,
  type ReleasedRate,
} from '../../../src-shared/privacy/release';
import type { RuleId } from '../../../src-shared/privacy/rules';

/** What stands where a number is kept back. */
export const keptBack = 'kept back';

/** Why the rules keep a number back, in a few words. */
const because: Readonly<Record<RuleId, string>> = {
  'minimum-examples': 'too few examples are behind it',
  complementary: 'others could be worked out from it',
  dominance: 'two examples make nearly all of it',
  'p-percent': 'one example could be worked out of it',
  rounding: 'it is not rounded',
  precision: 'it is too precise',
  bins: 'its bins are too fine',
};

/** Why a number is kept back; null where it is shown. */
export function reasonOf(value: ReleasedRate): string | null {
  return isSuppressed(value) ? `kept back: ${because[value.suppressed]}` : null;
}

/** A proportion in words: 93 %, ≥ 90 %, kept back. */
export function rateInWords(value: ReleasedRate): string {
  if (typeof value === 'number') return formatPercent(value, 0);
  if (isSuppressed(value)) return keptBack;
  return 'atLeast' in value
    ? `≥ ${formatPercent(value.atLeast, 0)}`
    : `≤ ${formatPercent(value.atMost, 0)}`;
}

export function countInWords(value: ReleasedNumber): string {
  return typeof value === 'number' ? formatCount(value) : keptBack;
}

export function fixedInWords(value: ReleasedNumber): string {
  return typeof value === 'number' ? formatFixed(value, 2) : keptBack;
}

/** What the rules say, with a sign that needs no colour. */
export const checkLooks = {
  pass: { sign: '✔', text: 'pass', tone: 'good' },
  review: { sign: '?', text: 'review', tone: 'warn' },
  fail: { sign: '✖', text: 'fail', tone: 'bad' },
} as const satisfies Record<OutputCheck['state'], { sign: string; text: string; tone: string }>;

/** How much of an output is kept back, in a sentence. */
export function suppressedInWords({ cells, suppressed }: OutputCheck): string {
  const hidden = suppressed.reduce((sum, each) => sum + each.cells, 0);
  if (hidden === 0) return `All ${formatCount(cells)} numbers are shown.`;
  const by = suppressed.map(
    ({ rule, cells: count }) => `${formatCount(count)} as ${because[rule]}`,
  );
  return `${formatCount(hidden)} of ${formatCount(cells)} numbers are kept back: ${by.join(', ')}.`;
}
