/**
 * The band in which numbers stay that depend on nothing but chance.
 *
 * Cells have different spreads under the null, so each is measured in its own standard deviations
 * and the band is as wide for all of them: the level-quantile over permutations of the largest
 * deviation of any cell (Westfall & Young's maximum statistic). Under the null all cells together lie
 * inside with at least that probability, however they depend on each other.
 */
export interface NullBand {
  /** Per cell: mean over the permutations. */
  readonly centre: Float64Array;
  /** Per cell: half the band's width. */
  readonly half: Float64Array;
  /** How many standard deviations of a cell that is. */
  readonly deviations: number;
}

/**
 * @param permuted one array a permutation, one number a cell; NaN: the cell does not exist
 * @param level share of the permutations whose cells all lie inside, 0 … 1
 */
export function nullBand(permuted: readonly Float64Array[], level: number): NullBand {
  const cells = permuted[0]?.length ?? 0;
  const centre = new Float64Array(cells);
  const spread = new Float64Array(cells);
  const count = permuted.length;
  for (let cell = 0; cell < cells; cell++) {
    let sum = 0;
    for (const values of permuted) sum += values[cell] as number;
    const mean = sum / count;
    let squares = 0;
    for (const values of permuted) squares += ((values[cell] as number) - mean) ** 2;
    centre[cell] = mean;
    spread[cell] = Math.sqrt(squares / (count - 1));
  }
  const largest = Float64Array.from(permuted, (values) => {
    let most = 0;
    for (let cell = 0; cell < cells; cell++) {
      const off = Math.abs((values[cell] as number) - (centre[cell] as number));
      // A NaN cell is no cell, and one that cannot vary never leaves its place.
      if ((spread[cell] as number) > 0) most = Math.max(most, off / (spread[cell] as number));
    }
    return most;
  }).sort();
  const place = Math.min(count - 1, Math.ceil(level * (count + 1)) - 1);
  const deviations = largest[place] ?? Number.NaN;
  return { centre, half: spread.map((sd) => deviations * sd), deviations };
}
