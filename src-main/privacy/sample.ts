import type { Thresholds } from '../../src-shared/privacy/rules';
import { rules, thresholdOf } from '../../src-shared/privacy/rules';
import { drawn, type SecretRandom } from './secret-random';

/** The examples that a release asks, indices of the split; they are kept nowhere. */
export interface ReleaseSample {
  /** For accuracy and confusion. */
  readonly predicted: readonly number[];
  /** Among them, for everything else: of each predicted class enough for the rules, or none. */
  readonly explained: readonly number[];
}

/** Share of a split that is asked at most. */
const sampledShare = 0.5;

/**
 * Draws the examples of a release: a secret half of the split, and of it the same number of each class
 * that the network predicts. From two releases of runs that differ by one example it can't be told
 * whether that example was asked at all.
 *
 * @param predicted most probable class, one an example of the split
 * @param count examples to explain in all; null: three times the threshold of each class
 * @param eligible whether a predicted class takes part
 */
export function drawSample(
  predicted: Int32Array,
  count: number | null,
  eligible: (label: number) => boolean,
  thresholds: Thresholds,
  random: SecretRandom,
): ReleaseSample {
  const { length } = predicted;
  const half = drawn(length, Math.floor(sampledShare * length), random);
  const least = thresholdOf('minimum-examples', thresholds);
  const byClass = new Map<number, number[]>();
  for (const index of half) {
    const label = predicted[index] as number;
    if (!eligible(label)) continue;
    const list = byClass.get(label) ?? [];
    byClass.set(label, list);
    list.push(index);
  }
  // The largest classes first: where the count does not reach for all, small ones go without.
  const large = [...byClass.values()]
    .filter((list) => list.length >= least)
    .sort((a, b) => b.length - a.length);
  const taking = count === null ? large : large.slice(0, Math.floor(count / least));
  const each = count === null ? 3 * least : Math.floor(count / Math.max(1, taking.length));
  const explained = taking.flatMap((list) =>
    drawn(list.length, Math.min(each, list.length), random).map((place) => list[place] as number),
  );
  return { predicted: half, explained: explained.sort((a, b) => a - b) };
}

/** Examples of a split of which a release can say anything at all. */
export function smallestSplit(thresholds: Thresholds): number {
  return Math.ceil(
    Math.max(rules['minimum-examples'].threshold, thresholds.atLeast) / sampledShare,
  );
}
