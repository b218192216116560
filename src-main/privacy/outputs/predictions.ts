import type { ReleasedNumber, ReleasedRate } from '../../../src-shared/privacy/release';
import {
  holds,
  type RuleId,
  roundedCount,
  roundedMean,
  thresholdOf,
} from '../../../src-shared/privacy/rules';
import type { Publisher } from '../publisher';
import { suppressLine } from '../suppression';
import type { Published } from './checked';

/** The sampled examples by true and predicted class. */
export class ConfusionCounts {
  /** [true class][predicted class] */
  readonly counts: readonly Int32Array[];

  constructor(
    labels: readonly number[],
    predicted: readonly number[],
    readonly classes: number,
  ) {
    this.counts = Array.from({ length: classes }, () => new Int32Array(classes));
    for (const [i, label] of labels.entries()) {
      const row = this.counts[label];
      if (row) row[predicted[i] as number] = (row[predicted[i] as number] as number) + 1;
    }
  }

  row(label: number): Int32Array {
    return this.counts[label] as Int32Array;
  }
}

/**
 * Accuracy, all in all and by class. Where fewer examples than the threshold are wrong (or right), a
 * bound stands for it. What is bounded of one class must not follow from the other classes and the
 * whole: the classes without a number hold together at least the threshold of wrong and of right ones.
 */
export function accuracyOutput(
  confusion: ConfusionCounts,
  publisher: Publisher,
): Published<'accuracy'> {
  const { thresholds } = publisher;
  const sides = confusion.counts.map((row, label) => {
    const all = row.reduce((sum, count) => sum + count, 0);
    const right = row[label] as number;
    return { all, right, wrong: all - right };
  });
  const tooFew = (count: number): boolean => !holds('minimum-examples', count, thresholds);
  const broken = sides.map(({ right, wrong }): RuleId | null =>
    tooFew(Math.min(right, wrong)) ? 'minimum-examples' : null,
  );
  const behind = (hidden: readonly boolean[]): number => {
    const sum = (side: 'right' | 'wrong'): number =>
      sides.reduce((total, each, i) => total + (hidden[i] ? each[side] : 0), 0);
    return Math.min(sum('right'), sum('wrong'));
  };
  const size = sides.map(({ right, wrong }) => Math.min(right, wrong));
  const hidden = suppressLine({ broken, size, behind }, thresholds);
  const whole = sides.reduce(
    (sum, { all, right }) => ({ all: sum.all + all, right: sum.right + right }),
    { all: 0, right: 0 },
  );
  const rate = ({ all, right }: { all: number; right: number }, rule: RuleId | null) =>
    releasedRate(right, all, rule, publisher);
  const overall = rate(whole, null);
  const classes = sides.map((side, label) => ({
    label,
    examples: publisher.count(side.all, 1, tooFew(side.all) ? 'minimum-examples' : null),
    accuracy: rate(side, hidden[label] ?? null),
  }));
  const groups = classes.filter(({ examples }) => typeof examples === 'number').length;
  return { content: { overall, classes }, groups };
}

/** A proportion: a bound where one side is too small, nothing where all of it is. */
function releasedRate(
  right: number,
  all: number,
  rule: RuleId | null,
  publisher: Publisher,
): ReleasedRate {
  const { thresholds } = publisher;
  const least = thresholdOf('minimum-examples', thresholds);
  if (all < least) return publisher.suppress('minimum-examples');
  // Bounds follow from the published count alone, which is up to 2 too high.
  const part = Math.min(1, (least - 1) / Math.max(least, roundedCount(all) - 2));
  const bound = Math.ceil(100 * part) / 100;
  if (all - right < least) return publisher.seen({ atLeast: roundedMean(1 - bound) });
  if (right < least) return publisher.seen({ atMost: bound });
  return publisher.mean(right / all, 1 / all, rule);
}

/**
 * Confusion by class. The count of a class is published beside it, so that each row adds up to something
 * known, and what is kept back of a row holds at least the threshold together.
 */
export function confusionOutput(
  confusion: ConfusionCounts,
  publisher: Publisher,
): Published<'confusion'> {
  const { thresholds } = publisher;
  const counts = confusion.counts.map((row): ReleasedNumber[] => {
    const broken = Array.from(row, (count): RuleId | null =>
      holds('minimum-examples', count, thresholds) ? null : 'minimum-examples',
    );
    const behind = (hidden: readonly boolean[]): number =>
      row.reduce((sum, count, i) => sum + (hidden[i] ? count : 0), 0);
    const kept = suppressLine({ broken, size: row, behind }, thresholds);
    return Array.from(row, (count, i) => publisher.count(count, 1, kept[i] ?? null));
  });
  const groups = counts.filter((row) => row.some((cell) => typeof cell === 'number')).length;
  return { content: { counts }, groups };
}
