import type { EncodedArray, LayerStorage, NumberCodec, PartStorage, RecordPart } from '../records';
import { blockFor, type Carry, dequantise, quantise } from './quantisation';

/**
 * A part as a codec stores it.
 *
 * @param length numbers in a row of it, which the blocks are to fit
 */
export function partStorage(part: RecordPart, codec: NumberCodec, length: number): PartStorage {
  return { part, codec, block: codec === 'dense' ? 0 : blockFor(codec, length) };
}

/** Every layer with the same parts in fp32: nothing lost. */
export function denseStorage(
  layers: readonly { readonly name: string }[],
  parts: readonly RecordPart[],
): ReadonlyMap<string, LayerStorage> {
  const stored = parts.map((part) => partStorage(part, 'dense', 0));
  return new Map(layers.map(({ name }) => [name, { layer: name, parts: stored, errorBound: 0 }]));
}

/** The parts that any layer holds. */
export function partsOfStorage(storage: ReadonlyMap<string, LayerStorage>): RecordPart[] {
  return [...new Set([...storage.values()].flatMap(({ parts }) => parts.map(({ part }) => part)))];
}

/** Encodes numbers in plain JavaScript. `dense` keeps the array itself. */
export function encode(
  data: Float32Array,
  { codec, block }: PartStorage,
  carry: Carry | null = null,
): EncodedArray {
  return codec === 'dense' ? { codec, values: data } : quantise(data, codec, block, carry);
}

/** Decodes numbers. `dense` gives the stored array itself. */
export function decode(encoded: EncodedArray, count: number): Float32Array {
  return encoded.codec === 'dense' ? encoded.values : dequantise(encoded, count);
}

/** Bytes of so many encoded numbers. */
export function encodedBytes({ codec, block }: PartStorage, count: number): number {
  if (codec === 'dense') return 4 * count;
  const bits = codec === 'int16' ? 16 : codec === 'int8' ? 8 : 4;
  return Math.ceil((count * bits) / 8) + 4 * Math.ceil(count / block);
}

/** Bytes that an array takes as it is encoded. */
export function bytesOfEncoded(encoded: EncodedArray): number {
  const scales = encoded.codec === 'dense' ? 0 : encoded.scales.byteLength;
  return encoded.values.byteLength + scales;
}

/** The same numbers in memory of their own. */
export function copyOf(encoded: EncodedArray): EncodedArray {
  if (encoded.codec === 'dense') return { codec: 'dense', values: encoded.values.slice() };
  return { ...encoded, values: encoded.values.slice(), scales: encoded.scales.slice() };
}
