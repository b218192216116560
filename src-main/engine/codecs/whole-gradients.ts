import * as tf from '@tensorflow/tfjs';
import { productSum } from '../matrix-products';
import { biasGradient } from '../operations';
import type { TracedLayer } from '../records';
import { inScope } from '../scope';
import type { Wholes } from './encode-low-rank';
import type { Rows } from './rebuild';

/**
 * What a step's parts of a dense layer say of its gradient and of the ghosts' part of it, whichever
 * parts they are: the matrices themselves, X and D, or few directions.
 *
 * @param batch rows of X and D that are the batch's; those after them are the ghosts'
 * @returns null where the parts tell of no gradient; a ghosts' part only where they tell of one
 */
export function wholeGradients(
  layer: TracedLayer,
  parts: ReadonlyMap<string, Rows>,
  batch: number,
): Wholes<Float32Array> | null {
  const gradient = parts.get('gradient');
  if (gradient) return { gradient: gradient.data, ghost: parts.get('ghost')?.data ?? null };
  const [basis, coordinates] = [parts.get('basis'), parts.get('coordinates')];
  if (basis && coordinates) {
    const ghosts = parts.get('ghostCoordinates');
    return {
      gradient: lowRankGradient(basis, coordinates),
      ghost: ghosts ? lowRankGradient(basis, ghosts) : null,
    };
  }
  const [inputs, deltas] = [parts.get('inputs'), parts.get('deltas')];
  if (!inputs || !deltas) return null;
  const count = inputs.shape[0] ?? 0;
  return {
    gradient: rowsGradient(layer, inputs, deltas, 0, count),
    ghost: rowsGradient(layer, inputs, deltas, batch, count),
  };
}

/** Bᵀ C, flattened [rows, columns]. */
export function lowRankGradient(basis: Rows, coordinates: Rows): Float32Array {
  return inScope(() => {
    const [b, c] = [matrixOf(basis), matrixOf(coordinates)];
    return productSum([b], [c]).dataSync<'float32'>();
  });
}

/** Xᵀ D of some rows of a dense layer, flattened [rows, columns], the bias last. */
function rowsGradient(
  { rows, columns, bias }: TracedLayer,
  inputs: Rows,
  deltas: Rows,
  from: number,
  to: number,
): Float32Array {
  const found = new Float32Array(rows * columns);
  if (from >= to) return found;
  inScope(() => {
    const [x, d] = [inputs, deltas].map((each) =>
      tf.slice(matrixOf(each), [from, 0], [to - from, -1]),
    ) as [tf.Tensor, tf.Tensor];
    found.set(productSum([x], [d]).dataSync<'float32'>());
    if (bias) found.set(biasGradient(d).dataSync<'float32'>(), (rows - 1) * columns);
  });
  return found;
}

function matrixOf({ shape, data }: Rows): tf.Tensor2D {
  return tf.tensor2d(data, [shape[0] ?? 0, data.length / (shape[0] ?? 1)]);
}
