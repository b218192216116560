import type { StepCoefficients } from '../optimizer';

/** Exact credit: W_T = p_0 W_0 − Σ c_t g_t. */
export interface Credit {
  /** What weight decay has left of the initialization. */
  readonly initialization: number;
  /** c_t, one a step. */
  readonly gradients: Float64Array;
}

/**
 * How much of each step's gradient is in the final weights (design: section 2.3). Runs the
 * optimizer's recursion backward from p = 1, q = 0:
 *
 *   r = q − η κ p;   e = a r − η ν p;   c_t = −e;   p += λ e (coupled) or p *= 1 − η λ (decoupled);
 *   q = μ r.
 */
export function credit(steps: readonly StepCoefficients[]): Credit {
  const gradients = new Float64Array(steps.length);
  let p = 1;
  let q = 0;
  for (let t = steps.length - 1; t >= 0; t--) {
    const at = steps[t] as StepCoefficients;
    const r = q - at.learningRate * at.kappa * p;
    const e = at.gradientWeight * r - at.learningRate * at.nu * p;
    gradients[t] = -e;
    p = at.coupledDecay !== 0 ? p + at.coupledDecay * e : p * (1 - at.decoupledDecay);
    q = at.momentum * r;
  }
  return { initialization: p, gradients };
}

/**
 * The updates as a linear functional φ sees them: φ(Δ_t) for every t, from φ(g_t) and φ(W_0), by
 * running the optimizer forward on the numbers alone.
 *
 * @param products φ(g_t), one a step
 * @param start φ(W_0)
 */
export function updatesOf(
  products: ArrayLike<number>,
  start: number,
  steps: readonly StepCoefficients[],
): Float64Array {
  const recursion = new UpdateRecursion(Float64Array.of(start));
  const gradient = new Float64Array(1);
  return Float64Array.from(steps, (at, t) => {
    gradient[0] = products[t] as number;
    return recursion.step(gradient, at)[0] as number;
  });
}

/** The optimizer's recursion on vectors: feeds on R g_t and gives R Δ_t, starting from R W_0. */
export class UpdateRecursion {
  private readonly velocity: Float64Array;
  private readonly update: Float64Array;

  /** @param weights R W_0; changed in place to R W_t as steps go by */
  constructor(private readonly weights: Float64Array) {
    this.velocity = new Float64Array(weights.length);
    this.update = new Float64Array(weights.length);
  }

  /** R Δ_t; valid until the next step. */
  step(gradient: ArrayLike<number>, at: StepCoefficients): Float64Array {
    const { weights, velocity, update } = this;
    for (let i = 0; i < weights.length; i++) {
      const w = weights[i] as number;
      const d = (gradient[i] as number) + at.coupledDecay * w;
      const b = at.kappa === 0 ? 0 : at.momentum * (velocity[i] as number) + at.gradientWeight * d;
      const change = -at.learningRate * (at.nu * d + at.kappa * b) - at.decoupledDecay * w;
      velocity[i] = b;
      update[i] = change;
      weights[i] = w + change;
    }
    return update;
  }
}
