import { sizeOf } from '../../src-shared/model/resolved';
import type { EncodedArray, NumberCodec } from '../engine/records';
import { type Dtype, dtypeBytes } from './dtypes';
import { floatsOf } from './safetensors';

/**
 * How encoded numbers lie in tensors of a shard. `dense` is one F32 tensor in the part's shape. The
 * quantised codecs are two: the integers, and under the suffix `.scales` one F32 scale for each
 * block. int8 and int16 keep the part's shape; int4 is flat, two numbers to a byte.
 */
export interface TensorForm {
  /** Appended to the part's name; '' for the first. */
  readonly suffix: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
}

const scalesSuffix = '.scales';

const integers = { int16: 'I16', int8: 'I8', int4: 'U8' } as const satisfies Record<
  Exclude<NumberCodec, 'dense'>,
  Dtype
>;

/** Whether a name that was read from a file is a codec's. */
export function isCodec(name: string): name is NumberCodec {
  return name === 'dense' || Object.hasOwn(integers, name);
}

/** The arrays that a part's tensors are made of. */
export function arraysOfPart(encoded: EncodedArray): readonly ArrayBufferView[] {
  return encoded.codec === 'dense' ? [encoded.values] : [encoded.values, encoded.scales];
}

/** What tensors a codec makes of numbers in some shape. */
export function layoutOfPart(
  codec: NumberCodec,
  block: number,
  shape: readonly number[],
): readonly TensorForm[] {
  if (codec === 'dense') return [{ suffix: '', dtype: 'F32', shape }];
  const count = sizeOf(shape);
  const values = codec === 'int4' ? [Math.ceil(count / 2)] : shape;
  return [
    { suffix: '', dtype: integers[codec], shape: values },
    { suffix: scalesSuffix, dtype: 'F32', shape: [Math.ceil(count / block)] },
  ];
}

/** The part again, as views of the tensors' bytes where those lie aligned, else copies. */
export function partOfTensors(
  codec: NumberCodec,
  block: number,
  [values, scales]: readonly Uint8Array[],
): EncodedArray {
  const bytes = values ?? new Uint8Array(0);
  if (codec === 'dense') return { codec, values: floatsOf(bytes) };
  return {
    codec,
    values: integersOf(codec, bytes),
    scales: floatsOf(scales ?? new Uint8Array(0)),
    block,
  };
}

function integersOf(
  codec: Exclude<NumberCodec, 'dense'>,
  bytes: Uint8Array,
): Int8Array | Int16Array | Uint8Array {
  if (codec === 'int4') return bytes;
  if (codec === 'int8') return new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = dtypeBytes.I16;
  const aligned = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  return new Int16Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / size);
}
