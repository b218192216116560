import type { OptimizerSpec } from '../../src-shared/recipe/optimizer-spec';
import { coefficientsAt } from './optimizer';

/** Weights and momentum of one layer as flat arrays. */
export interface ArrayState {
  readonly weights: Float32Array;
  readonly velocity: Float32Array | null;
}

const { fround } = Math;

/**
 * The optimizer's step on plain arrays, rounded operation by operation as `updateParameter` is in
 * the tensor runtime, so that replaying recorded gradients gives the trained weights bit for bit.
 */
export function arrayUpdater(
  optimizer: OptimizerSpec,
): (
  state: ArrayState,
  gradient: Float32Array,
  at: { readonly step: number; readonly learningRate: number },
) => ArrayState & { readonly update: Float32Array } {
  if (optimizer.name !== 'sgd') return added;
  return (state, gradient, { step, learningRate }) => {
    const at = coefficientsAt(optimizer, step, learningRate);
    const [rate, coupled, decoupled] = [learningRate, at.coupledDecay, at.decoupledDecay].map(
      fround,
    );
    const [momentum, fresh, kappa] = [at.momentum, at.gradientWeight, at.kappa].map(fround);
    const size = gradient.length;
    const weights = new Float32Array(size);
    const velocity = at.kappa === 0 ? null : new Float32Array(size);
    const update = new Float32Array(size);
    for (let i = 0; i < size; i++) {
      const w = state.weights[i] as number;
      const g = gradient[i] as number;
      const d = at.coupledDecay === 0 ? g : fround(g + fround(w * (coupled as number)));
      const kept = at.decoupledDecay === 0 ? w : fround(w - fround(w * (decoupled as number)));
      let change = d;
      if (velocity) {
        const part = at.gradientWeight === 1 ? d : fround(d * (fresh as number));
        const held = state.velocity
          ? fround(fround((state.velocity[i] as number) * (momentum as number)) + part)
          : part;
        velocity[i] = held;
        const pushed = at.kappa === 1 ? held : fround(held * (kappa as number));
        change = at.nu === 0 ? pushed : fround(d + pushed);
      }
      const next = fround(kept - fround(change * (rate as number)));
      weights[i] = next;
      update[i] = next - w;
    }
    return { weights, velocity, update };
  };
}

/** W + Δ_t, where the record holds updates. */
function added(state: ArrayState, update: Float32Array): ArrayState & { update: Float32Array } {
  const weights = state.weights.map((w, i) => w + (update[i] as number));
  return { weights, velocity: null, update };
}
