import * as tf from '@tensorflow/tfjs';
import { Random } from '../../../src-shared/random';
import { matrixProduct, productSum } from '../matrix-products';
import { orthonormalise } from './orthonormalise';

/** u ≈ Bᵀ C of few directions. */
export interface LowRank {
  /** B [rank, rows], orthonormal rows, most of u first. */
  readonly basis: tf.Tensor2D;
  /** C = B u [rank, columns], what u has along each of them. */
  readonly coordinates: tf.Tensor2D;
}

/** Rounds of orthogonal iteration: each presses down what lies outside by the square of the spectrum. */
const rounds = 2;

/**
 * A truncated factorisation of u [rows, columns] by orthogonal iteration from fixed random
 * directions (Halko, Martinsson & Tropp 2011, algorithm 4.4): B spans what u has most of, and Bᵀ B u
 * is the nearest to u of all that B can say. B is made orthonormal in double precision after every
 * product, so that small directions are not drowned by large ones. The same u gives the same bits.
 * Call it inside `tf.tidy`.
 */
export function factorise(u: tf.Tensor2D, rank: number): LowRank {
  const [, columns] = u.shape;
  let directions = tf.tensor2d(randomDirections(rank, columns), [rank, columns]);
  let basis = directions;
  for (let round = 0; round < rounds; round++) {
    basis = orthonormal(matrixProduct(directions, u, true) as tf.Tensor2D);
    if (round < rounds - 1) directions = orthonormal(matrixProduct(basis, u) as tf.Tensor2D);
  }
  return { basis, coordinates: matrixProduct(basis, u) as tf.Tensor2D };
}

/** Bᵀ C [rows, columns]. */
export function productOf({ basis, coordinates }: LowRank): tf.Tensor2D {
  return productSum([basis], [coordinates]) as tf.Tensor2D;
}

function orthonormal(rows: tf.Tensor2D): tf.Tensor2D {
  const [count, length] = rows.shape;
  const values = Float64Array.from(rows.dataSync<'float32'>());
  orthonormalise(values, count, length);
  return tf.tensor2d(Float32Array.from(values), [count, length]);
}

const drawn = new Map<string, Float32Array>();

/** Normal numbers, the same ones for the same sizes. */
function randomDirections(count: number, length: number): Float32Array {
  const key = `${count}/${length}`;
  const known = drawn.get(key);
  if (known) return known;
  const random = Random.seeded(0, key);
  const made = Float32Array.from({ length: count * length }, () => random.normal());
  drawn.set(key, made);
  return made;
}
