import type { ReleasedNumber, Suppressed } from '../../src-shared/privacy/release';
import {
  holds,
  type RuleId,
  roundedCount,
  roundedMean,
  type Thresholds,
} from '../../src-shared/privacy/rules';
import { laplace, type SecretRandom } from './secret-random';

/** The distinct examples behind a number, and what each put into it where it is a sum. */
export interface Evidence {
  /** Examples that were asked. */
  readonly asked: number;
  /** Training examples; absent where the number is of no training example in particular. */
  readonly trained?: number;
  /** One list for each way of looking at the sum: by examples asked, by training examples. */
  readonly contributions?: readonly ArrayLike<number>[];
}

/**
 * Puts numbers into the form in which they may leave: kept back where a rule is broken, with noise
 * where it was asked for, rounded. It counts what it has seen, by rule.
 */
export class Publisher {
  readonly #suppressed = new Map<RuleId, number>();
  #cells = 0;

  constructor(
    readonly thresholds: Thresholds,
    private readonly epsilon: number | null,
    private readonly random: SecretRandom,
  ) {}

  get cells(): number {
    return this.#cells;
  }

  get suppressed(): { rule: RuleId; cells: number }[] {
    return [...this.#suppressed].map(([rule, cells]) => ({ rule, cells }));
  }

  /** The first rule that a number breaks; null: none. */
  broken({ asked, trained, contributions = [] }: Evidence): RuleId | null {
    const examples = Math.min(asked, trained ?? asked);
    if (!holds('minimum-examples', examples, this.thresholds)) return 'minimum-examples';
    for (const list of contributions) {
      if (!holds('dominance', list, this.thresholds)) return 'dominance';
      if (!holds('p-percent', list, this.thresholds)) return 'p-percent';
    }
    return null;
  }

  suppress(rule: RuleId): Suppressed {
    this.#cells += 1;
    this.#suppressed.set(rule, (this.#suppressed.get(rule) ?? 0) + 1);
    return { suppressed: rule };
  }

  /**
   * A mean as it is published.
   *
   * @param sensitivity by how much one example asked can change it
   * @param rule for which it is kept back; null: it is published
   */
  mean(value: number, sensitivity: number, rule: RuleId | null): ReleasedNumber {
    if (rule !== null) return this.suppress(rule);
    this.#cells += 1;
    return roundedMean(value + this.#noise(sensitivity));
  }

  /** A count as it is published; with noise never below 0. */
  count(value: number, sensitivity: number, rule: RuleId | null): ReleasedNumber {
    if (rule !== null) return this.suppress(rule);
    this.#cells += 1;
    return roundedCount(Math.max(0, value + this.#noise(sensitivity)));
  }

  /**
   * Counts as parts of those that are published, adding up to 1.
   *
   * @param broken per count the rule for which it is kept back; null: it is published
   */
  shares(
    counts: readonly number[],
    sensitivity: number,
    broken: readonly (RuleId | null)[],
  ): ReleasedNumber[] {
    const noisy = counts.map((count, i) =>
      broken[i] ? 0 : Math.max(0, count + this.#noise(sensitivity)),
    );
    const total = noisy.reduce((sum, count) => sum + count, 0);
    return noisy.map((count, i) => {
      const rule = broken[i];
      if (rule) return this.suppress(rule);
      this.#cells += 1;
      return roundedMean(total > 0 ? count / total : 0);
    });
  }

  /** A number that was made fit to be published already. */
  seen<T>(value: T): T {
    this.#cells += 1;
    return value;
  }

  /** Values that noise can cover have known ends. */
  clipped(value: number, low: number, high: number): number {
    return this.epsilon === null ? value : Math.min(high, Math.max(low, value));
  }

  #noise(sensitivity: number): number {
    return this.epsilon === null ? 0 : laplace(sensitivity / this.epsilon, this.random);
  }
}
