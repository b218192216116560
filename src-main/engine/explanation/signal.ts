import type { ExplanationTarget } from '../../../src-shared/explanation/explanation';

/** The signal that is taken apart. */
export interface Signal {
  /** Z, what γ projects on: z, z − W_0 f, or e_A − e_B. */
  readonly direction: Float32Array;
  readonly directionSquared: number;
  readonly directionNorm: number;
  /** What shares are parts of: ‖Z‖², or z_A − z_B. */
  readonly total: number;
  /** ‖z‖, what the residual is relative to. */
  readonly norm: number;
  /** ⟨Z, W_0 f⟩. */
  readonly initial: number;
}

/**
 * The signal of one layer for a target; margins exist at the output layer alone.
 *
 * @param initialMap W_0 f; only the target `learned` is made of it
 */
export function signalOf(
  target: ExplanationTarget,
  preActivation: Float32Array,
  initialMap: ArrayLike<number> | null,
): Omit<Signal, 'initial'> {
  const direction =
    target.kind === 'representation'
      ? preActivation
      : target.kind === 'learned'
        ? preActivation.map((z, i) => z - (initialMap?.[i] as number))
        : preActivation.map((_, i) => Number(i === target.over[0]) - Number(i === target.over[1]));
  const squared = inner(direction, direction);
  const isWhole = direction === preActivation;
  return {
    direction,
    directionSquared: squared,
    directionNorm: Math.sqrt(squared),
    total: target.kind === 'margin' ? inner(direction, preActivation) : squared,
    norm: isWhole ? Math.sqrt(squared) : lengthOf(preActivation),
  };
}

/** part / whole; nothing is no part of anything, of nothing neither. */
export function shareOf(part: number, whole: number): number {
  return part === 0 ? 0 : part / whole;
}

/** ⟨a, b⟩ in double precision, b from the number `first` on. */
export function inner(a: ArrayLike<number>, b: ArrayLike<number>, first = 0): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[first + i] as number);
  return sum;
}

/** ‖v‖ in double precision. */
export function lengthOf(vector: ArrayLike<number>): number {
  return Math.sqrt(inner(vector, vector));
}
