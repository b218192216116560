import * as tf from '@tensorflow/tfjs';
import { type Layer, rowwise } from './layer';

/**
 * Scaled dot-product attention (Vaswani et al., 2017, Eq. 1) in each head, A = softmax(Q Kᵀ / √d),
 * Y = A V, of query [n, tokens, features], value and key [n, source tokens, …] (Keras' order), whose
 * features are those of the heads one after another. Backward:
 *
 *   ∂V = Aᵀ ∂Y,   ∂A = ∂Y Vᵀ,   ∂S = A ∘ (∂A − Σ_j A ∂A),   ∂Q = ∂S K / √d,   ∂K = ∂Sᵀ Q / √d.
 */
export function attention(heads: number, useCausalMask: boolean): Layer {
  const parts = (inputs: readonly tf.Tensor[]) => {
    const [query, value, key] = inputs.map((x) => split(x, heads)) as [
      tf.Tensor4D,
      tf.Tensor4D,
      tf.Tensor4D,
    ];
    const scale = 1 / Math.sqrt(query.shape[3]);
    const scores = tf.mul(tf.matMul(query, key, false, true), scale);
    const masked = useCausalMask ? tf.add(scores, causalMask(scores.shape)) : scores;
    return { query, value, key, scale, weights: tf.softmax(masked) };
  };
  return rowwise({
    forward(inputs) {
      const { value, weights } = parts(inputs);
      return join(tf.matMul(weights, value));
    },
    backward(gradient, inputs) {
      const { query, value, key, scale, weights } = parts(inputs);
      const delta = split(gradient, heads);
      const byWeights = tf.matMul(delta, value, false, true);
      const mean = tf.sum(tf.mul(weights, byWeights), -1, true);
      const byScores = tf.mul(tf.mul(weights, tf.sub(byWeights, mean)), scale);
      return {
        inputs: [
          join(tf.matMul(byScores, key)),
          join(tf.matMul(weights, delta, true, false)),
          join(tf.matMul(byScores, query, true, false)),
        ],
      };
    },
  });
}

/** [n, tokens, heads · d] → [n, heads, tokens, d]. */
function split(x: tf.Tensor, heads: number): tf.Tensor4D {
  const [n = 0, tokens = 0, features = 0] = x.shape;
  return tf.transpose(tf.reshape(x, [n, tokens, heads, features / heads]), [0, 2, 1, 3]);
}

function join(x: tf.Tensor): tf.Tensor {
  const [n = 0, heads = 0, tokens = 0, features = 0] = x.shape;
  return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [n, tokens, heads * features]);
}

/** What is added to scores [.., queries, keys]: so little that softmax makes 0 of a later token. */
function causalMask(shape: readonly number[]): tf.Tensor {
  const [queries = 0, keys = 0] = shape.slice(-2);
  const values = Float32Array.from({ length: queries * keys }, (_, i) =>
    i % keys > Math.floor(i / keys) ? -1e9 : 0,
  );
  return tf.tensor2d(values, [queries, keys]);
}
