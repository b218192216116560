import * as tf from '@tensorflow/tfjs';
import { DeltascopeError } from '../../../src-shared/errors';
import type { GraphUnion } from '../graphs';
import {
  biasGradient,
  channelMoments,
  normalizationGradient,
  normalizeByOwn,
  normalizeChannels,
  normalizePooled,
  pooledGradient,
} from '../operations';
import {
  type GroupBackward,
  type Groups,
  type Layer,
  type ParameterSpec,
  type Parameters,
  rowwise,
  summed,
} from './layer';

/**
 * Batch normalisation over pooled groups (design: section 2.1). The ghosts count as n examples and
 * the whole batch as one virtual example, so every row has a weight w_i,
 *
 *   batch row: 1 / ((n+1) N_b),   ghost row: n / ((n+1) N_g),   without ghosts: 1 / N_b,
 *
 * and μ = Σ w x, σ² = Σ w (x − μ)². (This is the pooled form: σ² = (n σ_g² + σ_b²)/(n+1) +
 * n (μ_b − μ_g)²/(n+1)².) With x̂ = (x − μ)/√(σ² + ε) and δ the gradient by x̂,
 *
 *   ∂L/∂x_i = (δ_i − w_i Σ δ − w_i x̂_i Σ δ x̂) / √(σ² + ε).
 *
 * The sums run over both groups where gradients flow to the ghosts. Where they are stopped at the
 * ghosts' statistics, δ is 0 on the ghosts and the same formula holds on the batch alone. Without
 * ghosts both directions are single operations of the runtime, where it has them.
 */
export function batchNormalization(
  channels: number,
  options: { readonly momentum: number; readonly epsilon: number; readonly affine: boolean },
): Layer {
  const { momentum, epsilon, affine } = options;
  const spec = (name: string, trainable: boolean, start: 'zeros' | 'ones'): ParameterSpec => ({
    name,
    shape: [channels],
    trainable,
    start,
  });
  const scaled = (normalized: tf.Tensor, p: Readonly<Record<string, tf.Tensor>>): tf.Tensor =>
    affine ? tf.add(tf.mul(normalized, p.gamma as tf.Tensor), p.beta as tf.Tensor) : normalized;

  return {
    parameters: [
      ...(affine ? [spec('gamma', true, 'ones'), spec('beta', true, 'zeros')] : []),
      spec('movingMean', false, 'zeros'),
      spec('movingVariance', false, 'ones'),
    ],

    infer([x], p) {
      const { movingMean: mean, movingVariance: variance } = p;
      return scaled(
        normalizeChannels(x as tf.Tensor, mean as tf.Tensor, variance as tf.Tensor, epsilon),
        p,
      );
    },

    forward(inputs, p, graphs) {
      const groups = inputs.map(([x]) => x as tf.Tensor);
      const { normalized, mean, variance, memory } = normalizedGroups(
        groups,
        ghostCount(groups, graphs),
        epsilon,
      );
      const moved = (old: tf.Tensor, now: tf.Tensor): tf.Tensor =>
        tf.add(tf.mul(old, momentum), tf.mul(now, 1 - momentum));
      return {
        outputs: normalized.map((x) => scaled(x, p)),
        memory: {
          ...memory,
          ...Object.fromEntries(normalized.map((x, group) => [`normalized${group}`, x])),
        },
        state: {
          movingMean: moved(p.movingMean as tf.Tensor, mean),
          movingVariance: moved(p.movingVariance as tf.Tensor, variance),
        },
      };
    },

    backward(gradients, pass, p, wanted) {
      const groups = pass.inputs.map(([x]) => x as tf.Tensor);
      const weights = rowWeights(groups, ghostCount(groups, pass.graphs));
      const normalized = gradients.map(
        (_, group) => pass.memory[`normalized${group}`] as tf.Tensor,
      );
      const deltas = gradients.map((g) => (affine ? tf.mul(g, p.gamma as tf.Tensor) : g));
      const affineGradients = (gradient: tf.Tensor, group: number): Parameters =>
        affine
          ? {
              gamma: biasGradient(tf.mul(gradient, normalized[group] as tf.Tensor)),
              beta: biasGradient(gradient),
            }
          : {};
      const { kept0, kept1 } = pass.memory;
      if (kept0 && kept1) {
        const [x, delta, gradient] = [groups[0], deltas[0], gradients[0]] as tf.Tensor[];
        const inputs = wanted.inputs
          ? [normalizationGradient(delta as tf.Tensor, x as tf.Tensor, [kept0, kept1], epsilon)]
          : [];
        return summed([{ inputs, parameters: affineGradients(gradient as tf.Tensor, 0) }]);
      }
      const scale = pass.memory.scale as tf.Tensor;
      const pooled = wanted.inputs ? pooledGradient(scale, deltas, normalized, weights) : null;
      if (pooled) {
        const found = gradients.map((gradient, group) => ({
          inputs: [pooled[group] as tf.Tensor],
          parameters: affineGradients(gradient, group),
        }));
        return summed(found);
      }
      const sum = total(deltas.map(biasGradient));
      const productSum = total(
        deltas.map((delta, group) => biasGradient(tf.mul(delta, normalized[group] as tf.Tensor))),
      );
      const found = gradients.map((gradient, group): GroupBackward => {
        const xHat = normalized[group] as tf.Tensor;
        const weight = weights[group] as number;
        const pull = tf.add(tf.mul(xHat, tf.mul(productSum, weight)), tf.mul(sum, weight));
        return {
          inputs: wanted.inputs ? [tf.mul(tf.sub(deltas[group] as tf.Tensor, pull), scale)] : [],
          parameters: affineGradients(gradient, group),
        };
      });
      return summed(found);
    },
  };
}

/** Batch normalisation by its moving statistics in training too, as a frozen layer has it in Keras. */
export function inferring(layer: Layer, { epsilon }: { readonly epsilon: number }): Layer {
  const through = rowwise({
    forward: (inputs, p, graphs) => layer.infer(inputs, p, graphs),
    backward(gradient, _inputs, _output, { gamma, movingVariance }) {
      const scale = tf.rsqrt(tf.add(movingVariance as tf.Tensor, epsilon));
      return { inputs: [tf.mul(gradient, gamma ? tf.mul(scale, gamma) : scale)] };
    },
  });
  return { ...through, parameters: layer.parameters };
}

interface NormalizedGroups {
  readonly normalized: readonly tf.Tensor[];
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
  /** What the gradient needs beside x̂. */
  readonly memory: Readonly<Record<string, tf.Tensor>>;
}

/**
 * x̂ of each group, in as few operations as the runtime at hand has for it.
 *
 * @throws `request-invalid` where a group has no rows, and so no mean
 */
function normalizedGroups(groups: Groups<tf.Tensor>, n: number, epsilon: number): NormalizedGroups {
  if (groups.some(({ size }) => size === 0)) {
    // Edges alone can be missing: every example has a row, and every graph a node.
    const message =
      'Batch normalisation over edges met a step whose graphs have none; normalise nodes instead.';
    throw new DeltascopeError('request-invalid', 'engine', message);
  }
  const isPooled = groups.length > 1;
  const pooled = isPooled ? normalizePooled(groups, [1 / (n + 1), n / (n + 1)], epsilon) : null;
  if (pooled) return { ...pooled, memory: { scale: pooled.scale } };
  const own = isPooled ? null : normalizeByOwn(groups[0] as tf.Tensor, epsilon);
  if (own) {
    const [kept0, kept1] = own.kept;
    return { ...own, normalized: [own.normalized], memory: { kept0, kept1 } };
  }
  const { mean, variance } = pooledMoments(groups, n);
  const normalized = groups.map((x) => normalizeChannels(x, mean, variance, epsilon));
  return { normalized, mean, variance, memory: { scale: tf.rsqrt(tf.add(variance, epsilon)) } };
}

/**
 * μ = (n μ_g + μ_b) / (n+1) and σ² = (n σ_g² + σ_b²) / (n+1) + n (μ_b − μ_g)² / (n+1)²; without
 * ghosts the batch's own.
 */
function pooledMoments(
  [batch, ghosts]: Groups<tf.Tensor>,
  n: number,
): {
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
} {
  const own = channelMoments(batch as tf.Tensor);
  if (!ghosts) return own;
  const theirs = channelMoments(ghosts);
  const mixed = (a: tf.Tensor, b: tf.Tensor): tf.Tensor => tf.div(tf.add(tf.mul(b, n), a), n + 1);
  const between = tf.mul(tf.square(tf.sub(own.mean, theirs.mean)), n / (n + 1) ** 2);
  return {
    mean: mixed(own.mean, theirs.mean),
    variance: tf.add(mixed(own.variance, theirs.variance), between),
  };
}

/** n: how many examples the ghosts are, of graphs not their nodes or edges. */
function ghostCount([, ghosts]: Groups<tf.Tensor>, [, graphs]: Groups<GraphUnion | null>): number {
  return graphs?.graphs ?? ghosts?.shape[0] ?? 0;
}

/** The weight w_i of a row of each group in μ and σ². */
function rowWeights([batch, ghosts]: Groups<tf.Tensor>, n: number): Groups<number> {
  const positions = (x: tf.Tensor): number => x.size / (x.shape[x.rank - 1] as number);
  const own = positions(batch as tf.Tensor);
  if (!ghosts) return [1 / own];
  return [1 / ((n + 1) * own), n / ((n + 1) * positions(ghosts))];
}

function total(parts: Groups<tf.Tensor>): tf.Tensor {
  return parts.length === 1 ? (parts[0] as tf.Tensor) : tf.addN([...parts]);
}
