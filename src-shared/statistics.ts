import { Random } from './random';

/** A mean with its 95 % interval. */
export interface Estimate {
  readonly mean: number;
  readonly interval: readonly [number, number];
  /** Numbers that it is the mean of. */
  readonly count: number;
}

const resamples = 2000;

/** Mean of the finite values with its 95 % interval by the percentile bootstrap. */
export function bootstrapMean(values: readonly number[], seed: number): Estimate {
  const finite = values.filter(Number.isFinite);
  const mean = meanOf(finite);
  return {
    mean,
    interval: bootstrap(finite.length, seed, (pick) => meanOf(pick(finite))),
    count: finite.length,
  };
}

/**
 * 95 % interval of a statistic by the percentile bootstrap over `count` items.
 *
 * @param statistic is given what picks an item's values in a resample; NaN is left out
 */
export function bootstrap(
  count: number,
  seed: number,
  statistic: (pick: <T>(items: readonly T[]) => T[]) => number,
): [number, number] {
  const random = Random.seeded(seed, 'bootstrap');
  const found: number[] = [];
  for (let round = 0; round < resamples; round++) {
    const drawn = Array.from({ length: count }, () => random.integer(count));
    const value = statistic((items) => drawn.map((i) => items[i] as (typeof items)[number]));
    if (Number.isFinite(value)) found.push(value);
  }
  found.sort((a, b) => a - b);
  const at = (share: number): number =>
    found[Math.min(found.length - 1, Math.floor(share * found.length))] ?? Number.NaN;
  return [at(0.025), at(0.975)];
}

/** Student's t at .975 for 1 … 30 degrees of freedom, from the usual table. */
const studentT = [
  ...[12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228],
  ...[2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11, 2.101, 2.093, 2.086],
  ...[2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042],
] as const;

/**
 * Mean of the finite values with its 95 % interval by Student's t, mean ± t s / √n: for a few
 * trainings, of which the bootstrap would promise too much. Null of fewer than two.
 */
export function estimateOverRuns(values: readonly number[]): Estimate | null {
  const finite = values.filter(Number.isFinite);
  const { length } = finite;
  if (length < 2) return null;
  const mean = meanOf(finite);
  const variance = finite.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (length - 1);
  const reach = (studentT[length - 2] ?? 1.96) * Math.sqrt(variance / length);
  return { mean, interval: [mean - reach, mean + reach], count: length };
}

/** Spearman's rank correlation, ties with their mean rank; NaN where either side does not vary. */
export function spearman(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [x, y] = [meanRanks(a), meanRanks(b)];
  const middle = (x.length - 1) / 2;
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    const [u, v] = [(x[i] as number) - middle, (y[i] as number) - middle];
    xy += u * v;
    xx += u * u;
    yy += v * v;
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : Number.NaN;
}

/** Ranks from 0, equal values sharing the mean of theirs. */
export function meanRanks(values: ArrayLike<number>): Float64Array {
  const order = Uint32Array.from({ length: values.length }, (_, i) => i);
  order.sort((a, b) => (values[a] as number) - (values[b] as number));
  const ranks = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    const value = values[order[from] as number];
    while (to < order.length && values[order[to] as number] === value) to++;
    for (let k = from; k < to; k++) ranks[order[k] as number] = (from + to - 1) / 2;
    from = to;
  }
  return ranks;
}

/** NaN of nothing. */
export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
