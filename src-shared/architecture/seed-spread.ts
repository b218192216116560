import { type Estimate, estimateOverRuns } from '../statistics';
import { isFlagged } from './architecture';
import type { RunAccount } from './run-account';

/** Seeds that two runs are compared over, in all. */
export const mostSeeds = 30;

/** Two networks, each recorded with the same seeds: what of a difference other seeds would repeat. */
export interface SeedSpread {
  /** The first is that of the two runs themselves. */
  readonly seeds: readonly number[];
  readonly first: RunSpread;
  readonly second: RunSpread;
  /** Accuracy of the second less that of the first with the same seed; null without test examples. */
  readonly accuracyDifference: Estimate | null;
}

/** One network over the seeds; intervals by Student's t. */
export interface RunSpread {
  /** Of each seed, in their order. */
  readonly accuracies: readonly (number | null)[];
  /** Null where fewer than two seeds have the number; so are all below. */
  readonly accuracy: Estimate | null;
  /** By true class. */
  readonly classAccuracy: readonly (Estimate | null)[];
  readonly layers: readonly LayerSpread[];
}

export interface LayerSpread {
  readonly name: string;
  /** Mean specificity over the classes. */
  readonly specificity: Estimate | null;
  /** By class; of the seeds whose network predicts it somewhere in the sample. */
  readonly classes: readonly (Estimate | null)[];
  /** Seeds with which the layer's specificity lies inside the band of chance, and with which it is flagged. */
  readonly inside: number;
  readonly flagged: number;
}

/**
 * Mean and interval over the seeds of everything that two networks are compared by.
 *
 * @param first one account a seed; @param second the same seeds, in the same order
 */
export function seedSpread(
  seeds: readonly number[],
  first: readonly RunAccount[],
  second: readonly RunAccount[],
): SeedSpread {
  const differences = first.map(({ accuracy }, place) => {
    const other = second[place]?.accuracy ?? null;
    return accuracy === null || other === null ? Number.NaN : other - accuracy;
  });
  return {
    seeds,
    first: spreadOf(first),
    second: spreadOf(second),
    accuracyDifference: estimateOverRuns(differences),
  };
}

function spreadOf(accounts: readonly RunAccount[]): RunSpread {
  const over = (numberOf: (account: RunAccount) => number | null | undefined): Estimate | null =>
    estimateOverRuns(accounts.map((account) => numberOf(account) ?? Number.NaN));
  const [any] = accounts;
  const classes = any?.classAccuracy ?? [];
  return {
    accuracies: accounts.map(({ accuracy }) => accuracy),
    accuracy: over(({ accuracy }) => accuracy),
    classAccuracy: classes.map((_, label) => over(({ classAccuracy }) => classAccuracy[label])),
    layers: (any?.analysis.layers ?? []).map(({ name }, l): LayerSpread => {
      const found = accounts.flatMap(({ analysis }) => analysis.layers[l] ?? []);
      return {
        name,
        specificity: over(({ analysis }) => analysis.layers[l]?.whole?.specificity),
        classes: classes.map((_, label) =>
          over(
            ({ analysis }) =>
              analysis.layers[l]?.classes.find((cell) => cell.label === label)?.specificity,
          ),
        ),
        inside: found.filter(({ whole }) => whole?.inside).length,
        flagged: found.filter(isFlagged).length,
      };
    }),
  };
}
