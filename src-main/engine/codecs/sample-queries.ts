import * as tf from '@tensorflow/tfjs';
import { type Examples, rowsOf } from '../examples';
import type { Network } from '../network';
import { queryCount } from './gamma-error';
import { productOfRows } from './rebuild';

/** Q = f zᵀ, or Pᵀ Z, of the first few examples in a network at a layer, flattened [rows, columns]. */
export function sampleQueries(network: Network, examples: Examples, layer: string): Float32Array[] {
  const node = network.model.nodes.find(({ spec }) => spec.name === layer);
  if (!node) throw new Error(`no layer ${layer}`);
  const count = Math.min(queryCount(node.parameters), examples.count);
  return Array.from({ length: count }, (_, index) => {
    const found: Float32Array[] = [];
    tf.tidy(() => {
      const { layers } = network.signals(rowsOf(examples, [index]));
      const signal = layers.get(layer);
      if (!signal) return;
      const parts = productOfRows(node, signal.input, signal.preActivation);
      found.push(tf.concat(parts.map((part) => tf.reshape(part, [-1]))).dataSync<'float32'>());
    });
    return found[0] as Float32Array;
  });
}
