import type { StepCoefficients } from '../optimizer';
import { type Credit, UpdateRecursion } from './credit';
import { lengthOf } from './signal';

/** What all steps of a pass have in common. */
export interface PassSteps {
  readonly coefficients: readonly StepCoefficients[];
  readonly credit: Credit;
  /** Whether norms are those of credited gradients rather than of updates. */
  readonly byCredit: boolean;
}

/**
 * Follows one layer's updates in coordinates in which ‖Δ_t f‖ is measured, R Δ_t with RᵀR = PᵀP, and
 * with them what stays unexplained.
 */
export class UpdateNorms {
  readonly #steps: PassSteps;
  readonly #recursion: UpdateRecursion | null;
  /** R (W_T − p_0 W_0 + Σ c_t g_t), growing with the steps to what stays unexplained. */
  readonly #missing: Float64Array;

  /**
   * @param initial R W_0, taken over
   * @param final R W_T, taken over
   */
  constructor(steps: PassSteps, initial: Float64Array, final: Float64Array) {
    this.#steps = steps;
    this.#missing = final;
    addScaled(final, initial, -steps.credit.initialization);
    const simple = steps.byCredit || steps.coefficients.every(isPlain);
    this.#recursion = simple ? null : new UpdateRecursion(initial);
  }

  /** Takes R g_t of the next step; gives ‖Δ_t f‖, or ‖c_t g_t f‖ by credit. */
  take(step: number, image: ArrayLike<number>): number {
    const { coefficients, credit, byCredit } = this.#steps;
    const at = coefficients[step] as StepCoefficients;
    const credited = credit.gradients[step] as number;
    addScaled(this.#missing, image, credited);
    if (this.#recursion) return lengthOf(this.#recursion.step(image, at));
    return Math.abs(byCredit ? credited : at.learningRate) * lengthOf(image);
  }

  /** ‖z − W_0 f − Σ Δ_t f‖ once all steps have been taken. */
  get unexplained(): number {
    return lengthOf(this.#missing);
  }
}

/** Whether Δ_t = −η_t g_t. */
export function isPlain(at: StepCoefficients): boolean {
  return at.kappa === 0 && at.coupledDecay === 0 && at.decoupledDecay === 0;
}

function addScaled(sum: Float64Array, values: ArrayLike<number>, factor: number): void {
  for (let i = 0; i < sum.length; i++) {
    sum[i] = (sum[i] as number) + factor * (values[i] as number);
  }
}
