import type { Recipe } from '../recipe/recipe';
import type { RunAccount } from './run-account';
import type { SeedSpread } from './seed-spread';

/** Two recordings of the same data, one by the shallower network, side by side. */
export interface ArchitectureComparison {
  /** Linear layers of the first that the second does not have. */
  readonly without: readonly string[];
  /** Whether the first was given weights to begin with that the second, by its shapes, could not take. */
  readonly startedAnew: boolean;
  readonly first: RunAccount;
  readonly second: RunAccount;
  /** Accuracy of the second less that of the first; null where there are no test examples. */
  readonly accuracyDifference: PairedDifference | null;
  /** What other seeds say; null where only these two runs were asked about. */
  readonly spread: SeedSpread | null;
}

/** What a network without some of a run's layers is recorded from. */
export interface ShallowerRecipe {
  readonly recipe: Recipe;
  /** Whether it can't take the weights that the run was given, so that all its layers begin anew. */
  readonly startsAnew: boolean;
}

/** A difference over the same examples. */
export interface PairedDifference {
  readonly difference: number;
  /** 95 % interval, of other test examples like these; other seeds are not in it. */
  readonly interval: readonly [number, number];
}

/**
 * Difference of two accuracies over the same examples, with its 95 % interval by the normal
 * approximation to the mean of d_i ∈ {−1, 0, 1}.
 *
 * @param first whether each example is predicted rightly; @param second the same, of the other
 */
export function pairedDifference(
  first: readonly boolean[],
  second: readonly boolean[],
): PairedDifference | null {
  const count = first.length;
  if (count === 0) return null;
  const each = first.map((right, i) => Number(second[i]) - Number(right));
  const difference = each.reduce((sum, d) => sum + d, 0) / count;
  const variance = each.reduce((sum, d) => sum + (d - difference) ** 2, 0) / Math.max(1, count - 1);
  const reach = 1.96 * Math.sqrt(variance / count);
  return { difference, interval: [difference - reach, difference + reach] };
}
