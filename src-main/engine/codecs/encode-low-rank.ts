import * as tf from '@tensorflow/tfjs';
import type { EncodedArray, LayerStorage, PartStorage, RecordPart, TracedLayer } from '../records';
import { inScope } from '../scope';
import { factorise, productOf } from './low-rank';
import { type Carry, carriedOn } from './quantisation';
import { decode, encode, partStorage } from './storage';

/** The parts of a low-rank layer, in the order in which they are stored. */
const lowRankParts = ['basis', 'coordinates', 'ghostCoordinates'] as const;

/** A layer's gradient, and the ghosts' part of it where gradients flow to them, [rows, columns] each. */
export interface Wholes<T> {
  readonly gradient: T;
  readonly ghost: T | null;
}

export interface EncodedPart {
  readonly part: RecordPart;
  readonly shape: readonly number[];
  readonly encoded: EncodedArray;
}

/** Whether a layer is stored as few directions. */
export function isLowRank({ parts }: Pick<LayerStorage, 'parts'>): boolean {
  return parts.some(({ part }) => part === 'basis');
}

/** How the parts of a low-rank layer are stored. */
export function lowRankStorage(
  { rows, columns }: Pick<TracedLayer, 'rows' | 'columns'>,
  hasGhosts: boolean,
): PartStorage[] {
  return lowRankParts
    .filter((part) => hasGhosts || part !== 'ghostCoordinates')
    .map((part) => partStorage(part, 'int16', part === 'basis' ? rows : columns));
}

/**
 * Stores a step's gradient as B [rank, rows] and C [rank, columns] with g ≈ Bᵀ C, and the ghosts' part
 * of it as G with the same B. What is left over, by leaving out directions as by rounding, is carried on:
 * u = g + ρ r, r' = u − Bᵀ C of the rounded numbers.
 *
 * @param rests of the gradient and of the ghosts' part; changed in place
 * @returns the parts, and what they decode to
 * @throws `training-diverged` where a number is not finite
 */
export function encodeLowRank(
  { rows, columns }: TracedLayer,
  { parts, rank = 0 }: Pick<LayerStorage, 'parts' | 'rank'>,
  { gradient, ghost }: Wholes<Float32Array>,
  rests: Wholes<Carry>,
): { readonly parts: readonly EncodedPart[]; readonly decoded: Wholes<Float32Array> } {
  const carried = [carriedOn(gradient, rests.gradient)];
  if (ghost && rests.ghost) carried.push(carriedOn(ghost, rests.ghost));
  const encoded: EncodedPart[] = [];
  const decoded: Float32Array[] = [];
  inScope(() => {
    const matrices = carried.map((u) => tf.tensor2d(u, [rows, columns]));
    const found = factorise(tf.concat(matrices, 1), rank);
    const stored = [found.basis, ...tf.split(found.coordinates, matrices.length, 1)].map(
      (tensor, k) => {
        const storage = parts[k] as PartStorage;
        const made = encode(tensor.dataSync<'float32'>(), storage);
        encoded.push({ part: storage.part, shape: tensor.shape, encoded: made });
        return tf.tensor2d(decode(made, tensor.size), tensor.shape as [number, number]);
      },
    );
    const [basis, ...coordinates] = stored as [tf.Tensor2D, ...tf.Tensor2D[]];
    for (const each of coordinates) {
      decoded.push(productOf({ basis, coordinates: each }).dataSync<'float32'>());
    }
  });
  for (const [k, rest] of carried.entries()) {
    const said = decoded[k] as Float32Array;
    for (let i = 0; i < rest.length; i++) rest[i] = (rest[i] as number) - (said[i] as number);
  }
  const [whole, ghosts = null] = decoded as [Float32Array, Float32Array?];
  return { parts: encoded, decoded: { gradient: whole, ghost: ghosts } };
}
