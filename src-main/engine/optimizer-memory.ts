import * as tf from '@tensorflow/tfjs';
import {
  type AdamSpec,
  type DescentSpec,
  type OptimizerSpec,
  storesUpdates,
} from '../../src-shared/recipe/optimizer-spec';
import { coefficientsAt, descendInPlace, updateParameter } from './optimizer';
import { arrayOf } from './parameters';
import type { NamedArray } from './records';

/** Where a step stands: its number from 0, and η_t. */
export interface StepPlace {
  readonly step: number;
  readonly learningRate: number;
}

/** An optimizer with what it remembers of every parameter. */
export interface Optimizer {
  /**
   * The weights of all parameters that have a gradient after this step; call it once a step. They may be
   * the same tensors with other numbers, but for an optimizer that stores updates.
   */
  next(
    gradients: ReadonlyMap<string, tf.Tensor>,
    weightsOf: (name: string) => tf.Tensor,
    at: StepPlace,
  ): ReadonlyMap<string, tf.Tensor>;
  /** What it remembers, under `optimizer/…`. */
  state(): NamedArray[];
  restore(state: readonly NamedArray[]): void;
  dispose(): void;
}

/** The optimizer of a recipe. SAM descends as SGD does, by the gradient of a neighbour. */
export function optimizerOf(spec: OptimizerSpec): Optimizer {
  const memory = new Memory();
  const next =
    spec.name === 'adam' ? adam(spec, memory) : descent(spec, memory, !storesUpdates(spec));
  return {
    next,
    state: () => memory.state(),
    restore: (state) => memory.restore(state),
    dispose: () => memory.dispose(),
  };
}

/**
 * Gradient descent with momentum: the recursion of `updateParameter`.
 *
 * @param inPlace whether the weights of before are needed no more
 */
function descent(spec: DescentSpec, memory: Memory, inPlace: boolean): Optimizer['next'] {
  return (gradients, weightsOf, { step, learningRate }) => {
    const at = coefficientsAt(spec, step, learningRate);
    const all = [...gradients].map(([name, gradient]) => {
      return { name, weights: weightsOf(name), velocity: memory.get(name), gradient };
    });
    const areMoved = inPlace && descendInPlace(all, at);
    return new Map(
      all.map(({ name, weights, velocity, gradient }) => {
        if (areMoved) return [name, weights];
        const updated = updateParameter(weights, velocity, gradient, at);
        if (updated.velocity) memory.set(name, updated.velocity);
        return [name, updated.weights];
      }),
    );
  };
}

/**
 * Adam (Kingma & Ba, 2015), in PyTorch's order of operations,
 *
 *   m = β₁ m + (1 − β₁) g,   v = β₂ v + (1 − β₂) g²,
 *   W −= η m̂ / (√v̂ + ε),   m̂ = m / (1 − β₁ᵗ),   v̂ = v / (1 − β₂ᵗ),   t from 1;
 *
 * coupled decay adds λ W to g, decoupled decay (AdamW) first takes η λ W off W.
 */
function adam(spec: AdamSpec, memory: Memory): Optimizer['next'] {
  const { beta1, beta2, epsilon, weightDecay, decoupled } = spec;
  return (gradients, weightsOf, { step, learningRate }) => {
    const blend = (key: string, fresh: tf.Tensor, beta: number): tf.Tensor => {
      const old = memory.get(key);
      const part = tf.mul(fresh, 1 - beta);
      const now = old ? tf.add(tf.mul(old, beta), part) : part;
      memory.set(key, now);
      return tf.div(now, 1 - beta ** (step + 1));
    };
    return new Map(
      [...gradients].map(([name, gradient]) => {
        const weights = weightsOf(name);
        const g =
          decoupled || weightDecay === 0
            ? gradient
            : tf.add(gradient, tf.mul(weights, weightDecay));
        const kept =
          decoupled && weightDecay !== 0
            ? tf.mul(weights, 1 - learningRate * weightDecay)
            : weights;
        const mean = blend(`m/${name}`, g, beta1);
        const square = blend(`v/${name}`, tf.square(g), beta2);
        const change = tf.div(mean, tf.add(tf.sqrt(square), epsilon));
        return [name, tf.sub(kept, tf.mul(change, learningRate))];
      }),
    );
  };
}

/** Owns one tensor a key. */
class Memory {
  private readonly tensors = new Map<string, tf.Tensor>();

  get(key: string): tf.Tensor | null {
    return this.tensors.get(key) ?? null;
  }

  /** Takes ownership of `tensor` and frees the one it replaces. */
  set(key: string, tensor: tf.Tensor): void {
    this.tensors.get(key)?.dispose();
    this.tensors.set(key, tf.keep(tensor));
  }

  state(): NamedArray[] {
    return [...this.tensors].map(([key, tensor]) => arrayOf(`optimizer/${key}`, tensor));
  }

  restore(state: readonly NamedArray[]): void {
    for (const { name, shape, data } of state) {
      // What recording carries on stands there too, under a name that is no layer's.
      if (!name.startsWith('optimizer/') || name.startsWith('optimizer/_')) continue;
      this.set(name.slice('optimizer/'.length), tf.tensor(data.slice(), [...shape], 'float32'));
    }
  }

  dispose(): void {
    for (const tensor of this.tensors.values()) tensor.dispose();
    this.tensors.clear();
  }
}
