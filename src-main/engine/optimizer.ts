import * as tf from '@tensorflow/tfjs';
import type { DescentSpec, OptimizerSpec } from '../../src-shared/recipe/optimizer-spec';
import { patchedBackend } from './backend';

/** How weights and momentum follow from a gradient: the numbers of the recursion at one step. */
export interface StepCoefficients {
  /** η_t. */
  readonly learningRate: number;
  /** μ. */
  readonly momentum: number;
  /** a_t: 1 at the first step, then 1 − dampening; 1 without momentum, as in PyTorch. */
  readonly gradientWeight: number;
  /** ν and κ: the parts of d_t and b_t in the update. */
  readonly nu: number;
  readonly kappa: number;
  /** λ added to the gradient (coupled), 0 if decoupled. */
  readonly coupledDecay: number;
  /** η_t λ taken off the weights directly, 0 if coupled. */
  readonly decoupledDecay: number;
}

/**
 * The recursion of the design's section 2.3,
 *
 *   d_t = g_t + λ W_t,   b_t = μ b_{t−1} + a_t d_t,   W_{t+1} = W_t − η_t (ν d_t + κ b_t),
 *
 * with (ν, κ) = (1, 0) without momentum, (0, 1) for heavy ball, (1, μ) for Nesterov; decoupled decay
 * leaves λ out of d_t and takes η_t λ W_t off instead.
 */
export function coefficientsAt(
  optimizer: DescentSpec,
  step: number,
  learningRate: number,
): StepCoefficients {
  const { momentum, nesterov, dampening, weightDecay, decoupled } = optimizer;
  const [nu, kappa] = momentum === 0 ? [1, 0] : nesterov ? [1, momentum] : [0, 1];
  return {
    learningRate,
    momentum,
    gradientWeight: step === 0 || momentum === 0 ? 1 : 1 - dampening,
    nu,
    kappa,
    coupledDecay: decoupled ? 0 : weightDecay,
    decoupledDecay: decoupled ? learningRate * weightDecay : 0,
  };
}

/**
 * How the stored numbers of every step become its update. Gradients follow the recursion; updates,
 * which Adam and SAM store themselves, are what −1 times plain descent makes of them.
 *
 * @param rates η_t, one a step
 */
export function storedCoefficients(
  optimizer: OptimizerSpec,
  rates: ArrayLike<number>,
): StepCoefficients[] {
  return Array.from(rates, (rate, step) =>
    optimizer.name === 'sgd' ? coefficientsAt(optimizer, step, rate) : ofUpdates,
  );
}

/** Whether the stored numbers are updates: those have no parts of single examples, even of one. */
export function areUpdates(at: StepCoefficients): boolean {
  return at === ofUpdates;
}

const ofUpdates: StepCoefficients = {
  learningRate: -1,
  momentum: 0,
  gradientWeight: 1,
  nu: 1,
  kappa: 0,
  coupledDecay: 0,
  decoupledDecay: 0,
};

export interface Updated {
  readonly weights: tf.Tensor;
  /** b_t; null without momentum. */
  readonly velocity: tf.Tensor | null;
}

/** One step of the recursion for one parameter. */
export function updateParameter(
  weights: tf.Tensor,
  velocity: tf.Tensor | null,
  gradient: tf.Tensor,
  at: StepCoefficients,
): Updated {
  const direction =
    at.coupledDecay === 0 ? gradient : tf.add(gradient, tf.mul(weights, at.coupledDecay));
  const kept =
    at.decoupledDecay === 0 ? weights : tf.sub(weights, tf.mul(weights, at.decoupledDecay));
  if (at.kappa === 0) {
    return { weights: tf.sub(kept, tf.mul(direction, at.learningRate)), velocity: null };
  }
  const fresh = at.gradientWeight === 1 ? direction : tf.mul(direction, at.gradientWeight);
  const next = velocity ? tf.add(tf.mul(velocity, at.momentum), fresh) : fresh;
  const pushed = at.kappa === 1 ? next : tf.mul(next, at.kappa);
  const change = at.nu === 0 ? pushed : tf.add(direction, pushed);
  return { weights: tf.sub(kept, tf.mul(change, at.learningRate)), velocity: next };
}

/** A parameter about to move. */
export interface Moving {
  readonly weights: tf.Tensor;
  readonly velocity: tf.Tensor | null;
  readonly gradient: tf.Tensor;
}

/**
 * The same step, bit for bit, of all parameters where their numbers lie: every number is read and written
 * once, where each operation of the runtime makes a tensor of its own.
 *
 * @returns false where it can't be done here: on a GPU, without the patched binding, or at the first
 *   step of a velocity
 */
export function descendInPlace(all: readonly Moving[], at: StepCoefficients): boolean {
  const native = patchedBackend();
  if (!native?.binding.descend) return false;
  const moves = at.kappa !== 0;
  if (moves && all.some(({ velocity }) => !velocity)) return false;
  const tensors = all.flatMap(({ weights, gradient, velocity }) =>
    moves && velocity ? [weights, gradient, velocity] : [weights, gradient],
  );
  if (tensors.length === 0) return true;
  const { learningRate, coupledDecay, decoupledDecay, momentum, gradientWeight, nu, kappa } = at;
  native.binding.descend(
    native.getInputTensorIds(tensors),
    Float32Array.of(
      learningRate,
      coupledDecay,
      decoupledDecay,
      momentum,
      gradientWeight,
      nu,
      kappa,
    ),
  );
  return true;
}
