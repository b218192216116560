import type { RawSplit } from '../data-set';

/** 0, 1, 2 … up to the largest label of the splits. */
export function numberedClasses(splits: readonly Pick<RawSplit, 'labels'>[]): readonly string[] {
  let classes = 0;
  for (const { labels } of splits) {
    for (const label of labels) classes = Math.max(classes, label + 1);
  }
  return Array.from({ length: classes }, (_, label) => String(label));
}
