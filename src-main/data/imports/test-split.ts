import { DeltascopeError } from '../../../src-shared/errors';
import { Random } from '../../../src-shared/random';
import type { OriginOf } from '../origins';

/** The share of a source without a test split that becomes one, where no other is asked for. */
export const usualTestFraction = 0.2;
/** Of the choice of test examples: the same source gives the same splits every time. */
const seed = 7;

/** The rows of a table that examples stood in, as their origins. */
export function rowsOf(indices: Int32Array, rows: ArrayLike<number>): OriginOf {
  return (at) => `row ${rows[indices[at] as number]}`;
}

/** The numbers of graphs, as their origins; `first` is that of the first one. */
export function graphNumbers(indices: Int32Array, first: 0 | 1): OriginOf {
  return (at) => `graph ${(indices[at] as number) + first}`;
}

/**
 * Divides examples into two splits, class by class: of a class of n, round(fraction · n) chosen at
 * random, but never all, are for testing. Both keep the order of the source.
 *
 * @param refuse the error of a rule, for sources that can name a place
 * @returns the indices of each split
 * @throws `request-invalid` where nothing is left to test on
 */
export function dividedByClass(
  labels: Int32Array,
  classes: number,
  fraction: number,
  refuse: (rule: string) => DeltascopeError = requestRefused,
): { readonly train: Int32Array; readonly test: Int32Array } {
  const random = Random.seeded(seed, 'test split');
  const members = Array.from({ length: classes }, (): number[] => []);
  for (const [index, label] of labels.entries()) members[label]?.push(index);
  const isTest = new Uint8Array(labels.length);
  for (const indices of members) {
    const wanted = Math.min(Math.round(fraction * indices.length), indices.length - 1);
    for (const index of random.shuffle(indices).slice(0, Math.max(0, wanted))) isTest[index] = 1;
  }
  const places = Int32Array.from(labels.keys());
  const test = places.filter((index) => isTest[index] === 1);
  if (test.length === 0) {
    throw refuse(
      `With a test fraction of ${fraction} no class is large enough to leave an example for testing; give a larger one.`,
    );
  }
  return { train: places.filter((index) => isTest[index] === 0), test };
}

function requestRefused(rule: string): DeltascopeError {
  return new DeltascopeError('request-invalid', 'data', rule);
}

/** How the splits came about, for the preview. */
export function divisionNote(fraction: number): string {
  return `Of each class ${Number((100 * fraction).toPrecision(4))} % are the test split, chosen at random by a fixed seed.`;
}
