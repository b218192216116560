import type { EpochInfluence, StepInfluence, StepRange } from './explanation';

/** Where each step stands in the training: one entry a step, the same for every layer. */
export interface StepCourse {
  /** Epoch, from 0. */
  readonly epoch: Int32Array;
  /** η_t. */
  readonly learningRate: Float64Array;
}

/**
 * Sums γ by epoch.
 *
 * @param gamma γ_t of the steps read so far
 * @param initialization share that was there before the first step
 * @param whole ‖z‖² of the signal, or a margin's total
 */
export function epochInfluences(
  gamma: Float64Array,
  course: StepCourse,
  initialization: number,
  whole: number,
): EpochInfluence[] {
  const epochs: EpochInfluence[] = [];
  let reached = initialization;
  for (let from = 0, to = 0; from < gamma.length; from = to) {
    let gammaSum = 0;
    let rates = 0;
    while (to < gamma.length && course.epoch[to] === course.epoch[from]) {
      gammaSum += gamma[to] as number;
      rates += course.learningRate[to] as number;
      to++;
    }
    // Nothing is no part of anything, of nothing neither.
    const share = gammaSum === 0 ? 0 : gammaSum / whole;
    reached += share;
    const learningRate = rates / (to - from);
    const epoch = (course.epoch[from] as number) + 1;
    epochs.push({ epoch, steps: { from, to }, learningRate, gammaSum, share, reached });
  }
  return epochs;
}

/** The influence of the steps of a range alone. */
export function stepsWithin(steps: StepInfluence, { from, to }: StepRange): StepInfluence {
  return {
    gamma: steps.gamma.subarray(from, to),
    cos: steps.cos.subarray(from, to),
    norm: steps.norm.subarray(from, to),
    label: steps.label.subarray(from, to),
  };
}
