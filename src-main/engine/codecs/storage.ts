import type { EncodedArray, LayerStorage, NumberCodec, PartStorage, RecordPart } from '../records';
import { dequantise, quantise, usualBlock } from './quantisation';

/** A part as a codec stores it, in the codec's usual blocks. */
export function partStorage(part: RecordPart, codec: NumberCodec): PartStorage {
  return { part, codec, block: codec === 'dense' ? 0 : usualBlock[codec] };
}

/** Every layer with the same parts in fp32: nothing lost. */
export function denseStorage(
  layers: readonly { readonly name: string }[],
  parts: readonly RecordPart[],
): ReadonlyMap<string, LayerStorage> {
  const stored = parts.map((part) => partStorage(part, 'dense'));
  return new Map(layers.map(({ name }) => [name, { layer: name, parts: stored, errorBound: 0 }]));
}

/** The parts that any layer holds. */
export function partsOfStorage(storage: ReadonlyMap<string, LayerStorage>): RecordPart[] {
  return [...new Set([...storage.values()].flatMap(({ parts }) => parts.map(({ part }) => part)))];
}

/** Encodes numbers in plain JavaScript. `dense` keeps the array itself. */
export function encode(data: Float32Array, { codec, block }: PartStorage): EncodedArray {
  return codec === 'dense' ? { codec, values: data } : quantise(data, codec, block);
}

/** Decodes numbers. `dense` gives the stored array itself. */
export function decode(encoded: EncodedArray, count: number): Float32Array {
  return encoded.codec === 'dense' ? encoded.values : dequantise(encoded, count);
}
