import { randomBytes } from 'node:crypto';

/**
 * Randomness that nobody can repeat: which examples a release asks and the noise on its numbers.
 * From a seed one could work out both, so there is none.
 */
export interface SecretRandom {
  /** Uniform in [0, 1) with 53 bits. */
  uniform(): number;
}

/** The operating system's randomness. */
export const systemRandom: SecretRandom = {
  uniform: () => Number(randomBytes(8).readBigUInt64BE() >> 11n) / 2 ** 53,
};

/** `count` different ones of the numbers below `below`, ascending (Fisher and Yates). */
export function drawn(below: number, count: number, random: SecretRandom): number[] {
  const all = Int32Array.from({ length: below }, (_, i) => i);
  for (let i = 0; i < count; i++) {
    const other = i + Math.floor(random.uniform() * (below - i));
    const kept = all[i] as number;
    all[i] = all[other] as number;
    all[other] = kept;
  }
  return Array.from(all.subarray(0, count)).sort((a, b) => a - b);
}

/** Laplace(0, scale): the difference of two exponentials, so that no tail is cut by rounding. */
export function laplace(scale: number, random: SecretRandom): number {
  const exponential = () => -Math.log(1 - random.uniform());
  return scale * (exponential() - exponential());
}
