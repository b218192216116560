/**
 * The ranks of weighted values: all that a weighted AUC needs, whichever values are the positives.
 *
 * With weights that add up to 1, F_i = Σ_{v_j < v_i} w_j + ½ Σ_{v_j = v_i} w_j is the share of the
 * weight that value i beats, half of ties included, itself among them.
 */
export interface WeightedRanks {
  /** w_i, adding up to 1. */
  readonly weight: Float64Array;
  /** w_i F_i. */
  readonly beaten: Float64Array;
}

/**
 * Ranks values once, O(n log n).
 *
 * @param values any finite numbers; @param weights one a value, ≥ 0
 * @returns weights and beaten shares all 0 where no value has weight
 */
export function weightedRanks(
  values: ArrayLike<number>,
  weights: ArrayLike<number>,
): WeightedRanks {
  const count = values.length;
  const weight = new Float64Array(count);
  const beaten = new Float64Array(count);
  let total = 0;
  for (let i = 0; i < count; i++) total += weights[i] as number;
  if (!(total > 0)) return { weight, beaten };
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  order.sort((a, b) => (values[a] as number) - (values[b] as number));
  let below = 0;
  for (let from = 0; from < count; ) {
    const value = values[order[from] as number] as number;
    let to = from;
    let tied = 0;
    for (; to < count && values[order[to] as number] === value; to++) {
      tied += (weights[order[to] as number] as number) / total;
    }
    for (let k = from; k < to; k++) {
      const i = order[k] as number;
      weight[i] = (weights[i] as number) / total;
      beaten[i] = (weight[i] as number) * (below + tied / 2);
    }
    below += tied;
    from = to;
  }
  return { weight, beaten };
}

/**
 * Probability that a positive's value is higher than another's, a tie counting half; positives and
 * others drawn by their weights:
 *
 *   A = Σ_{i∈P, j∉P} w_i w_j ([v_i > v_j] + ½ [v_i = v_j]) / (Σ_{i∈P} w_i · Σ_{j∉P} w_j)
 *
 * What positives beat of each other adds up to ½ W², W = Σ_{i∈P} w_i, whatever they are, so
 * A = (Σ_{i∈P} w_i F_i − ½ W²) / (W (1 − W)): one pass over the positives.
 *
 * @param positives indices of the positives, each once
 * @returns NaN where either side has no weight
 */
export function weightedAuc(
  { weight, beaten }: WeightedRanks,
  positives: ArrayLike<number>,
): number {
  let own = 0;
  let sum = 0;
  for (let k = 0; k < positives.length; k++) {
    const i = positives[k] as number;
    own += weight[i] as number;
    sum += beaten[i] as number;
  }
  // Weights of a side that holds nothing add up to 0 but for rounding.
  if (!(own > 1e-12 && own < 1 - 1e-12)) return Number.NaN;
  // A probability, which rounding must not carry past its ends.
  return Math.min(1, Math.max(0, (sum - (own * own) / 2) / (own * (1 - own))));
}
