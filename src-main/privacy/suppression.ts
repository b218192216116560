import { holds, type RuleId, type Thresholds } from '../../src-shared/privacy/rules';

/** A line of cells that add up to something that is known or published. */
export interface Line {
  /** Per cell the rule that it breaks by itself; null: none. */
  readonly broken: readonly (RuleId | null)[];
  /** Per cell how much is lost with it: of those that may be kept back too, the least goes first. */
  readonly size: ArrayLike<number>;
  /** Distinct examples behind some cells together. */
  readonly behind: (hidden: readonly boolean[]) => number;
}

/**
 * Complementary suppression: keeps further cells back, the smallest first, until those kept back can't
 * be worked out from the rest of the line.
 *
 * @returns per cell the rule for which it is kept back; null: it may be published
 */
export function suppressLine(
  { broken, size, behind }: Line,
  thresholds: Thresholds,
): (RuleId | null)[] {
  const result = [...broken];
  const order = Array.from(broken.keys()).sort(
    (a, b) => (size[a] as number) - (size[b] as number) || a - b,
  );
  for (const next of order) {
    const hidden = result.map((rule) => rule !== null);
    const cells = hidden.filter(Boolean).length;
    if (holds('complementary', { cells, examples: behind(hidden) }, thresholds)) return result;
    result[next] ??= 'complementary';
  }
  return result;
}
