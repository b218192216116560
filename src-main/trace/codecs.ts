import { DeltascopeError } from '../../src-shared/errors';
import { type Dtype, tensorBytes } from './dtypes';
import { bytesOf, floatsOf } from './safetensors';

/**
 * How a part's numbers become tensors of a shard, and back. A codec may use several tensors, told
 * apart by a suffix: one of 8-bit values and one of their scales, for example.
 */
export type CodecName = 'dense';

export interface EncodedTensor {
  /** Appended to the part's name; '' for the first. */
  readonly suffix: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

export interface Codec {
  readonly name: CodecName;
  encode(data: Float32Array, shape: readonly number[]): readonly EncodedTensor[];
  /** May return a view of the tensors' own bytes. */
  decode(tensors: readonly Uint8Array[], shape: readonly number[]): Float32Array;
}

/** fp32 as it is: no loss. */
const dense: Codec = {
  name: 'dense',
  encode: (data, shape) => [{ suffix: '', dtype: 'F32', shape, bytes: bytesOf(data) }],
  decode(tensors, shape) {
    const [bytes] = tensors;
    if (bytes === undefined || bytes.byteLength !== tensorBytes('F32', shape)) {
      throw new DeltascopeError('trace-damaged', 'trace', 'A dense part has the wrong size.');
    }
    return floatsOf(bytes);
  },
};

const codecs: Readonly<Record<CodecName, Codec>> = { dense };

/** The codec of a name that was read from a file; undefined where it is not known. */
export function codecNamed(name: string): Codec | undefined {
  return Object.hasOwn(codecs, name) ? codecs[name as CodecName] : undefined;
}

export { dense as denseCodec };
