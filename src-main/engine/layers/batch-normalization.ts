import * as tf from '@tensorflow/tfjs';
import type { Backward, Groups, Layer, ParameterSpec } from './layer';

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
 * ghosts' statistics, δ is 0 on the ghosts and the same formula holds on the batch alone.
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
      const scale = tf.rsqrt(tf.add(p.movingVariance as tf.Tensor, epsilon));
      return scaled(tf.mul(tf.sub(x as tf.Tensor, p.movingMean as tf.Tensor), scale), p);
    },

    forward(inputs, p) {
      const groups = inputs.map(([x]) => x as tf.Tensor);
      const weights = rowWeights(groups.map(rowsOf), groups[1]?.shape[0] ?? 0);
      const mean = weightedSum(groups, weights);
      const centered = groups.map((x) => tf.sub(x, mean));
      const variance = weightedSum(
        centered.map((x) => tf.square(x)),
        weights,
      );
      const scale = tf.rsqrt(tf.add(variance, epsilon));
      const normalized = centered.map((x) => tf.mul(x, scale));
      const moved = (old: tf.Tensor, now: tf.Tensor): tf.Tensor =>
        tf.add(tf.mul(old, momentum), tf.mul(now, 1 - momentum));
      return {
        outputs: normalized.map((x) => scaled(x, p)),
        memory: {
          scale,
          ...Object.fromEntries(normalized.map((x, group) => [`normalized${group}`, x])),
        },
        state: {
          movingMean: moved(p.movingMean as tf.Tensor, mean),
          movingVariance: moved(p.movingVariance as tf.Tensor, variance),
        },
      };
    },

    backward(gradients, pass, p, wantsInputs) {
      const groups = pass.inputs.map(([x]) => x as tf.Tensor);
      const weights = rowWeights(groups.map(rowsOf), groups[1]?.shape[0] ?? 0);
      const normalized = gradients.map(
        (_, group) => pass.memory[`normalized${group}`] as tf.Tensor,
      );
      const deltas = gradients.map((g) => (affine ? tf.mul(g, p.gamma as tf.Tensor) : g));
      const products = deltas.map((delta, group) => tf.mul(delta, normalized[group] as tf.Tensor));
      const ones = gradients.map(() => 1);
      const sum = weightedSum(deltas, ones);
      const productSum = weightedSum(products, ones);
      return gradients.map((gradient, group): Backward => {
        const xHat = normalized[group] as tf.Tensor;
        const pull = tf.mul(tf.add(sum, tf.mul(xHat, productSum)), weights[group] as number);
        const scale = pass.memory.scale as tf.Tensor;
        return {
          inputs: wantsInputs ? [tf.mul(tf.sub(deltas[group] as tf.Tensor, pull), scale)] : [],
          parameters: affine
            ? {
                gamma: weightedSum([tf.mul(gradient, xHat)], [1]),
                beta: weightedSum([gradient], [1]),
              }
            : {},
        };
      });
    },
  };
}

/** Examples times positions: how many values a channel has. */
function rowsOf(x: tf.Tensor): number {
  return x.size / (x.shape[x.rank - 1] as number);
}

/** The weight of a row of each group; `ghosts` counts ghost samples, `rows` their positions too. */
function rowWeights(rows: Groups<number>, ghosts: number): Groups<number> {
  const [batch = 1, ghost] = rows;
  if (ghost === undefined) return [1 / batch];
  return [1 / ((ghosts + 1) * batch), ghosts / ((ghosts + 1) * ghost)];
}

/** Σ over groups and rows of weight · x, per channel [channels]. */
function weightedSum(groups: Groups<tf.Tensor>, weights: Groups<number>): tf.Tensor {
  const sums = groups.map((x, group) => {
    const channels = x.shape[x.rank - 1] as number;
    const weight = weights[group] as number;
    const rows = rowsOf(x);
    const row = tf.fill([1, rows], weight);
    return tf.reshape(tf.matMul(row, tf.reshape(x, [rows, channels])), [channels]);
  });
  return sums.length === 1 ? (sums[0] as tf.Tensor) : tf.addN(sums);
}
