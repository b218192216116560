import * as tf from '@tensorflow/tfjs';
import type { ResolvedNode } from '../../../src-shared/model/resolved';
import { linearMathematics } from '../layers/build';
import { linearGradient } from '../layers/linear';

/**
 * Σ over rows of what X and D put into a layer's kernel and bias, g = Xᵀ D (a convolution's X being
 * its patches). With an input f and its pre-activation z for X and D this is Q, so that
 * ⟨z, Δ f⟩ = ⟨Q, Δ⟩. Call it inside `tf.tidy`.
 *
 * @returns the kernel's part, then the bias' where there is one; one after another they are the
 *   flattened matrix [rows, columns]
 */
export function productOfRows(
  node: ResolvedNode,
  inputs: tf.Tensor,
  deltas: tf.Tensor,
): tf.Tensor[] {
  const found = linearGradient(linearMathematics(node), inputs, deltas);
  return ['kernel', 'bias'].flatMap((name) => found[name] ?? []);
}

/** Numbers with their shape, as a stored part has them. */
export interface Rows {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Xᵀ D as one flattened matrix [rows, columns], bias last. */
export function rebuildGradient(node: ResolvedNode, inputs: Rows, deltas: Rows): Float32Array {
  const found: Float32Array[] = [];
  tf.tidy(() => {
    const [x, d] = [inputs, deltas].map(({ shape, data }) =>
      tf.tensor(data, [...shape], 'float32'),
    );
    if (!x || !d) return;
    for (const tensor of productOfRows(node, x, d)) found.push(tensor.dataSync<'float32'>());
  });
  const [only] = found;
  if (found.length === 1 && only) return only;
  const all = new Float32Array(found.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const each of found) {
    all.set(each, at);
    at += each.length;
  }
  return all;
}
