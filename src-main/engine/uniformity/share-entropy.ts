/**
 * How evenly a layer's signal comes from the classes: −Σ p_c ln p_c / ln K with p_c = |share_c| /
 * Σ |share|, K the number of classes. 1: every class alike; 0: one class alone. Shares count by their
 * size, since they may be negative.
 *
 * @returns NaN where all shares are 0, or where there is but one class
 */
export function shareEntropy(shares: readonly number[]): number {
  const total = shares.reduce((sum, share) => sum + Math.abs(share), 0);
  let sum = 0;
  for (const share of shares) {
    const p = Math.abs(share) / total;
    if (p > 0) sum -= p * Math.log(p);
  }
  return total > 0 && shares.length > 1 ? sum / Math.log(shares.length) : Number.NaN;
}
