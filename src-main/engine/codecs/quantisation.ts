import { DeltascopeError } from '../../../src-shared/errors';
import type { RecordPlace } from '../records';

/**
 * Numbers as small integers with a scale for each block along the flattened array: number i is about
 * values[i] · scales[⌊i / block⌋]. With m the largest magnitude of a block and L the codec's largest
 * integer, in fp32 operation by operation,
 *
 *   m' = max(m, 2⁻¹⁰⁰),   values = round(x · (L / m')),   scale = m' / L,
 *
 * halves rounded to even. So no scale is zero or denormal, a block of zeros stays zeros, and numbers
 * below about 1e-32 become 0. The tensor runtime does the same (`quantise-tensors.ts`).
 */
export type QuantisedCodec = 'int16' | 'int8' | 'int4';

/**
 * What rounding has left over of an array that is stored step after step, r_{t−1}. A step stores
 * u = x + ρ r_{t−1} in place of x and leaves r_t = u − û, so that Σ_t c_t x̂_t misses Σ_t c_t x_t by
 * c_T r_T alone where ρ_t = c_{t−1} / c_t, however many the steps.
 */
export interface Carry {
  /** r, changed in place; 0 at the start. */
  readonly rest: Float32Array;
  /** ρ. */
  readonly ratio: number;
}

/** Nothing left over yet. */
export function emptyCarry(count: number): Carry {
  return { rest: new Float32Array(count), ratio: 0 };
}

export interface Quantised {
  readonly codec: QuantisedCodec;
  /** int4 packs two to a byte, the first in the low half, −7…7 in two's complement. */
  readonly values: Int8Array | Int16Array | Uint8Array;
  readonly scales: Float32Array;
  readonly block: number;
}

/** L: the largest integer of a codec; the range is symmetric. */
export const largestInteger: Readonly<Record<QuantisedCodec, number>> = {
  int16: 32767,
  int8: 127,
  int4: 7,
};

/**
 * Numbers that share a scale. Long blocks cost nothing with 8 bits and more; with 4 bits a large
 * number in a block drowns its neighbours, and a scale for every 64 is worth its half bit.
 */
export const usualBlock: Readonly<Record<QuantisedCodec, number>> = {
  int16: 512,
  int8: 512,
  int4: 64,
};

/**
 * Numbers to a scale where the array is made of rows of `length`: the longest multiple of 16 up to
 * the usual block that divides a row, so that blocks neither straddle rows nor end short; the usual
 * block where there is none of at least 64.
 */
export function blockFor(codec: QuantisedCodec, length: number): number {
  for (let block = usualBlock[codec]; block >= 64; block -= 16) {
    if (length % block === 0) return block;
  }
  return usualBlock[codec];
}

/** Least magnitude that a block is scaled to; its scale is still a normal number. */
export const leastMagnitude = 2 ** -100;

/** Adding and taking it away rounds a double of less than 2⁵¹ to a whole number, halves to even. */
const rounder = 1.5 * 2 ** 52;

const { fround } = Math;

/**
 * @param carry what earlier steps left over, added before rounding
 * @throws `training-diverged` where a number is not finite
 */
export function quantise(
  data: Float32Array,
  codec: QuantisedCodec,
  block: number = usualBlock[codec],
  carry: Carry | null = null,
): Quantised {
  if (carry) {
    const { rest } = carry;
    const made = quantise(carriedOn(data, carry), codec, block);
    const decoded = dequantise(made, data.length);
    for (let i = 0; i < data.length; i++) rest[i] = (rest[i] as number) - (decoded[i] as number);
    return made;
  }
  const largest = largestInteger[codec];
  const made = emptyQuantised(codec, data.length, block);
  const { values, scales } = made;
  const packs = codec === 'int4';
  for (let b = 0; b < scales.length; b++) {
    const begin = b * block;
    const end = Math.min(begin + block, data.length);
    const magnitude = Math.max(magnitudeOf(data, begin, end), leastMagnitude);
    const inverse = fround(largest / magnitude);
    scales[b] = magnitude / largest;
    for (let i = begin; i < end; i++) {
      const value = fround((data[i] as number) * inverse) + rounder - rounder;
      if (packs) values[i >> 1] = (values[i >> 1] as number) | ((value & 15) << ((i & 1) << 2));
      else values[i] = value;
    }
  }
  return made;
}

/** u = x + ρ r, in the place of r. */
export function carriedOn(data: Float32Array, { rest, ratio }: Carry): Float32Array {
  const factor = fround(ratio);
  for (let i = 0; i < data.length; i++) {
    rest[i] = (data[i] as number) + fround((rest[i] as number) * factor);
  }
  return rest;
}

/**
 * Room for so many quantised numbers.
 *
 * @param placeFor where arrays of so many bytes are to lie; null: in memory of their own
 */
export function emptyQuantised(
  codec: QuantisedCodec,
  count: number,
  block: number,
  placeFor: (bytes: number) => RecordPlace | null = () => null,
): Quantised {
  const values = emptyValues(codec, count, placeFor);
  const scaleCount = Math.ceil(count / block);
  const place = placeFor(4 * scaleCount);
  const scales = place
    ? new Float32Array(place.buffer, place.offset, scaleCount)
    : new Float32Array(scaleCount);
  return { codec, values, scales, block };
}

/** The numbers again, in fp32. `count` is needed for int4 alone, where the last half may be empty. */
export function dequantise(
  { codec, values, scales, block }: Quantised,
  count: number,
): Float32Array {
  const data = new Float32Array(count);
  for (let b = 0; b < scales.length; b++) {
    const scale = scales[b] as number;
    const end = Math.min((b + 1) * block, count);
    if (codec === 'int4') {
      for (let i = b * block; i < end; i++) {
        // Shifting the half to the top and back extends its sign.
        const half = ((values[i >> 1] as number) << ((i & 1) === 0 ? 28 : 24)) >> 28;
        data[i] = half * scale;
      }
    } else {
      for (let i = b * block; i < end; i++) data[i] = (values[i] as number) * scale;
    }
  }
  return data;
}

function emptyValues(
  codec: QuantisedCodec,
  count: number,
  placeFor: (bytes: number) => RecordPlace | null,
): Quantised['values'] {
  const bytes = codec === 'int16' ? 2 * count : codec === 'int8' ? count : Math.ceil(count / 2);
  const { buffer, offset } = placeFor(bytes) ?? { buffer: new ArrayBuffer(bytes), offset: 0 };
  if (codec === 'int16') return new Int16Array(buffer, offset, count);
  return codec === 'int8'
    ? new Int8Array(buffer, offset, count)
    : new Uint8Array(buffer, offset, bytes);
}

function magnitudeOf(data: Float32Array, begin: number, end: number): number {
  let most = 0;
  for (let i = begin; i < end; i++) {
    const magnitude = Math.abs(data[i] as number);
    // Not (magnitude > most), which is false of NaN.
    if (!(magnitude <= most)) {
      if (!Number.isFinite(magnitude)) throw notFinite();
      most = magnitude;
    }
  }
  return most;
}

/** A gradient that is no number can't be scaled, and nothing after it would mean anything. */
export function notFinite(): DeltascopeError {
  return new DeltascopeError(
    'training-diverged',
    'engine',
    'A gradient is not finite: the training diverged. Lower the learning rate.',
  );
}
