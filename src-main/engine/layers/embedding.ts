import * as tf from '@tensorflow/tfjs';
import { DeltascopeError } from '../../../src-shared/errors';
import type { LinearMathematics } from './linear';

/**
 * A row of W [tokens there are, features] for each token: x W with x the one-hot rows of the token
 * numbers [n, tokens], never formed. Reads the data, so nothing needs its input's gradient.
 */
export function embedding(name: string, inputs: number, features: number): LinearMathematics {
  return {
    kernelShape: [inputs, features],
    columns: features,
    useBias: false,
    apply: (x, kernel) => tf.gather(kernel, tokenNumbers(name, x, inputs)),
    kernelGradient(x, delta) {
      const numbers = tf.reshape(tokenNumbers(name, x, inputs), [-1, 1]);
      return tf.scatterND(numbers, tf.reshape(delta, [-1, features]), [inputs, features]);
    },
    inputGradient: (_delta, _kernel, x) => tf.zerosLike(x),
  };
}

/** @throws `data-corrupt` where a number is none of the vocabulary's */
function tokenNumbers(name: string, x: tf.Tensor, inputs: number): tf.Tensor {
  const numbers = Int32Array.from(x.dataSync<'float32'>(), (token) => {
    if (Number.isInteger(token) && token >= 0 && token < inputs) return token;
    throw new DeltascopeError(
      'data-corrupt',
      'engine',
      `Layer '${name}' (Embedding) reads token ${token}, but inputDim is ${inputs}: tokens are whole ` +
        `numbers from 0 to ${inputs - 1}.`,
    );
  });
  return tf.tensor(numbers, x.shape, 'int32');
}

/** W [tokens, features] for every example: x W with x the identity, a token's place being its row. */
export function positionEmbedding(tokens: number, features: number): LinearMathematics {
  return {
    kernelShape: [tokens, features],
    columns: features,
    useBias: false,
    reads: (x) => tf.ones([x.shape[0] as number, 1]),
    apply: (x, kernel) => tf.tile(tf.expandDims(kernel, 0), [x.shape[0] as number, 1, 1]),
    kernelGradient: (_x, delta) => tf.sum(delta, 0),
    inputGradient: (_delta, _kernel, x) => tf.zerosLike(x),
  };
}
