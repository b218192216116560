import { DeltascopeError } from '../../src-shared/errors';
import { type Dtype, isDtype, tensorBytes } from './dtypes';

/**
 * The header of a safetensors file: u64 little-endian length, then JSON, then the tensors' bytes in
 * the header's order without gaps. A file is treated as hostile: everything is checked against the
 * file's true length before anything is allocated for it.
 */

/** Longest header that is written or read, bytes. */
export const maxHeaderBytes = 1_000_000;

/** Bytes of the length that stands before the header. */
export const lengthBytes = 8;

export interface TensorEntry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Position of the first byte in the file. */
  readonly start: number;
  /** Position after the last byte in the file. */
  readonly end: number;
}

export interface SafetensorsHeader {
  readonly tensors: readonly TensorEntry[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Position in the file where the tensors begin. */
  readonly dataStart: number;
}

/** Throws what is wrong with a file, naming it, the byte and the rule. */
function refuse(file: string, offset: number, rule: string): never {
  const message = `${file} is not a valid safetensors file: at byte ${offset}, ${rule}.`;
  throw new DeltascopeError('data-corrupt', 'trace', message);
}

/**
 * Length of the header, from the first 8 bytes of a file of `fileBytes` bytes.
 *
 * @throws DeltascopeError `data-corrupt` where it is cut off or longer than allowed.
 */
export function headerLength(prefix: Uint8Array, fileBytes: number, file: string): number {
  if (prefix.byteLength < lengthBytes || fileBytes < lengthBytes) {
    refuse(file, 0, 'the header length (8 bytes) is cut off');
  }
  const view = new DataView(prefix.buffer, prefix.byteOffset, lengthBytes);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(maxHeaderBytes)) {
    refuse(file, 0, `the header is ${length} bytes long, more than ${maxHeaderBytes}`);
  }
  if (length < 2n) refuse(file, 0, `the header is ${length} bytes long, too short for JSON`);
  if (Number(length) + lengthBytes > fileBytes) {
    refuse(file, 0, `the header is ${length} bytes long, but the file has only ${fileBytes}`);
  }
  return Number(length);
}

function entryOf(
  file: string,
  name: string,
  value: unknown,
  expectedBegin: number,
  dataStart: number,
): TensorEntry {
  const at = dataStart + expectedBegin;
  const what = `tensor "${name.slice(0, 80)}"`;
  if (typeof value !== 'object' || value === null) refuse(file, at, `${what} has no description`);
  const { dtype, shape, data_offsets: offsets } = value as Record<string, unknown>;
  if (!isDtype(dtype)) {
    refuse(file, at, `${what} has the element type ${JSON.stringify(dtype)}, which is not allowed`);
  }
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    refuse(file, at, `${what} has a shape that is no list of sizes`);
  }
  const bytes = tensorBytes(dtype, shape);
  if (bytes === null) refuse(file, at, `${what} is too large to be counted`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(Number.isSafeInteger)) {
    refuse(file, at, `${what} has no pair of data offsets`);
  }
  const [begin, end] = offsets as [number, number];
  if (begin !== expectedBegin) {
    refuse(file, at, `${what} begins at ${begin} of the data, where ${expectedBegin} comes next`);
  }
  if (end - begin !== bytes) {
    refuse(file, at, `${what} spans ${end - begin} bytes, but its shape and type take ${bytes}`);
  }
  return { name, dtype, shape, start: dataStart + begin, end: dataStart + end };
}

function metadataOf(file: string, value: unknown): Record<string, string> {
  if (value === undefined) return {};
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isMap || !Object.values(value).every((entry) => typeof entry === 'string')) {
    refuse(file, lengthBytes, '__metadata__ is no map from text to text');
  }
  return value as Record<string, string>;
}

/**
 * Reads a header and checks every rule of the format.
 *
 * @param header the header's bytes, without the length before them
 * @param fileBytes length of the whole file
 * @throws DeltascopeError `data-corrupt` naming file, byte and rule.
 */
export function parseHeader(
  header: Uint8Array,
  fileBytes: number,
  file: string,
): SafetensorsHeader {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(header));
  } catch {
    refuse(file, lengthBytes, 'the header is no JSON in UTF-8');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    refuse(file, lengthBytes, 'the header is no JSON object');
  }
  const { __metadata__: rawMetadata, ...rest } = parsed as Record<string, unknown>;
  const dataStart = lengthBytes + header.byteLength;
  // JSON objects list integer-like names ("12") first, so the file's order comes from the offsets.
  const entries = Object.entries(rest).sort((one, other) => beginOf(one[1]) - beginOf(other[1]));
  const tensors: TensorEntry[] = [];
  let next = 0;
  for (const [name, value] of entries) {
    const entry = entryOf(file, name, value, next, dataStart);
    tensors.push(entry);
    next = entry.end - dataStart;
  }
  if (dataStart + next !== fileBytes) {
    const rule = `the tensors end here, but the file has ${fileBytes} bytes`;
    refuse(file, dataStart + next, rule);
  }
  return { tensors, metadata: metadataOf(file, rawMetadata), dataStart };
}

/** First offset and then length of an entry, for sorting; empty tensors come before what follows. */
function beginOf(value: unknown): number {
  if (typeof value !== 'object' || value === null || !('data_offsets' in value)) return -1;
  const offsets = value.data_offsets;
  if (!Array.isArray(offsets)) return -1;
  const begin: unknown = offsets[0];
  const end: unknown = offsets[1];
  if (typeof begin !== 'number' || typeof end !== 'number') return -1;
  return end > begin ? begin : begin - 0.5;
}

/** One entry of a header as JSON text; offsets count from the start of the data. */
export function entryText(
  name: string,
  dtype: Dtype,
  shape: readonly number[],
  begin: number,
  end: number,
): string {
  const sizes = shape.join(',');
  return `${JSON.stringify(name)}:{"dtype":"${dtype}","shape":[${sizes}],"data_offsets":[${begin},${end}]}`;
}

/** Length of the smallest header, its length before it included, that ends on `alignment`. */
export function alignedHeaderBytes(textBytes: number, alignment = 64): number {
  return Math.ceil((lengthBytes + textBytes) / alignment) * alignment;
}

/**
 * Header bytes, the length before them included, padded with spaces to `totalBytes`.
 *
 * @throws DeltascopeError `internal` where the text doesn't fit.
 */
export function headerBytes(text: string, totalBytes?: number): Uint8Array {
  const encoded = new TextEncoder().encode(text);
  const total = totalBytes ?? alignedHeaderBytes(encoded.byteLength);
  if (lengthBytes + encoded.byteLength > total || total - lengthBytes > maxHeaderBytes) {
    const message = `A safetensors header of ${encoded.byteLength} bytes does not fit its place.`;
    throw new DeltascopeError('internal', 'trace', message);
  }
  const bytes = new Uint8Array(total).fill(0x20);
  bytes.set(encoded, lengthBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(total - lengthBytes), true);
  return bytes;
}
