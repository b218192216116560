import { basename, dirname } from 'node:path';
import { DeltascopeError } from '../../src-shared/errors';
import type { NamedArray } from '../engine/records';
import { isDenied, isMissing, readingError, writingError } from './failures';
import {
  type FileSystem,
  nodeFileSystem,
  type OpenFile,
  readFully,
  replaceFile,
} from './filesystem';
import {
  alignedHeaderBytes,
  entryText,
  headerBytes,
  headerLength,
  lengthBytes,
  maxHeaderBytes,
  parseHeader,
  type SafetensorsHeader,
} from './safetensors-header';

/** Metadata that every file written here carries. */
const formatMetadata = { format: 'pt' } as const;

/** A Float32Array's bytes, without a copy. */
export function bytesOf(data: ArrayBufferView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** Bytes as fp32: a view where they lie on a multiple of 4, else a copy. */
export function floatsOf(bytes: Uint8Array): Float32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Float32Array(aligned.buffer, aligned.byteOffset, Math.floor(aligned.byteLength / 4));
}

/** A tensor of which only the place is known yet. */
export interface NamedShape {
  readonly name: string;
  readonly shape: readonly number[];
}

function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** The header of a file of fp32 tensors in their order; null where it would be too long. */
export function headerOfShapes(
  tensors: readonly NamedShape[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array | null {
  const texts = [`"__metadata__":${JSON.stringify({ ...formatMetadata, ...metadata })}`];
  let begin = 0;
  for (const { name, shape } of tensors) {
    const end = begin + elementsOf(shape) * Float32Array.BYTES_PER_ELEMENT;
    texts.push(entryText(name, 'F32', shape, begin, end));
    begin = end;
  }
  const text = `{${texts.join(',')}}`;
  if (alignedHeaderBytes(Buffer.byteLength(text)) - lengthBytes > maxHeaderBytes) return null;
  return headerBytes(text);
}

/** The header of a file that holds the given fp32 tensors in their order. */
function headerOf(
  tensors: readonly NamedArray[],
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  const wrong = tensors.find(({ shape, data }) => elementsOf(shape) !== data.length);
  if (wrong) {
    const message = `Tensor "${wrong.name}" has ${wrong.data.length} elements, but its shape ${elementsOf(wrong.shape)}.`;
    throw new DeltascopeError('internal', 'trace', message);
  }
  const header = headerOfShapes(tensors, metadata);
  if (header) return header;
  const message = `${tensors.length} tensors are too many for the header of one safetensors file.`;
  throw new DeltascopeError('internal', 'trace', message);
}

/** The bytes of a safetensors file, piece by piece, without copying the tensors. */
export function* fileChunks(
  tensors: readonly NamedArray[],
  metadata?: Readonly<Record<string, string>>,
): Iterable<Uint8Array> {
  yield headerOf(tensors, metadata);
  for (const { data } of tensors) yield bytesOf(data);
}

/**
 * Writes fp32 tensors as a safetensors file, atomically: a file that stood there is replaced only by
 * a whole one.
 *
 * @throws DeltascopeError `disk-full`, `no-permission` or `write-failed` naming the file.
 */
export async function writeTensors(
  path: string,
  tensors: readonly NamedArray[],
  metadata?: Readonly<Record<string, string>>,
  fileSystem: FileSystem = nodeFileSystem,
): Promise<void> {
  const chunks = fileChunks(tensors, metadata);
  try {
    await replaceFile(fileSystem, dirname(path), basename(path), chunks);
  } catch (error) {
    throw writingError(error, path);
  }
}

/**
 * Reads and checks the header of an open file.
 *
 * @param fileBytes length of the file
 * @param name how errors name the file
 * @throws DeltascopeError `data-corrupt` naming file, byte and rule.
 */
export async function readHeader(
  file: OpenFile,
  fileBytes: number,
  name: string,
): Promise<SafetensorsHeader> {
  const prefix = new Uint8Array(lengthBytes);
  const read = await readFully(file, prefix, 0);
  const length = headerLength(prefix.subarray(0, read), fileBytes, name);
  const header = new Uint8Array(length);
  const got = await readFully(file, header, lengthBytes);
  return parseHeader(header.subarray(0, got), fileBytes, name);
}

/**
 * Reads a whole safetensors file of fp32 tensors, in the file's order.
 *
 * @throws DeltascopeError `data-missing`, `no-permission`, or `data-corrupt` naming file, byte, rule.
 */
export async function readTensors(
  path: string,
  fileSystem: FileSystem = nodeFileSystem,
): Promise<NamedArray[]> {
  try {
    const { bytes: fileBytes } = await fileSystem.status(path);
    const file = await fileSystem.openForReading(path);
    try {
      const header = await readHeader(file, fileBytes, path);
      const data = new Uint8Array(fileBytes - header.dataStart);
      const read = await readFully(file, data, header.dataStart);
      return tensorsOf(header, data.subarray(0, read), path);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isMissing(error)) {
      throw new DeltascopeError('data-missing', 'trace', `${path} does not exist.`);
    }
    if (isDenied(error)) throw readingError(error, path);
    if (error instanceof DeltascopeError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new DeltascopeError('data-corrupt', 'trace', `${path} can't be read: ${reason}.`);
  }
}

/** The tensors of a file whose header has been checked; `data` begins at the header's `dataStart`. */
export function tensorsOf(header: SafetensorsHeader, data: Uint8Array, file: string): NamedArray[] {
  return header.tensors.map(({ name, dtype, shape, start, end }) => {
    if (dtype !== 'F32') {
      const message = `${file}: at byte ${start}, tensor "${name}" has the element type ${dtype}, but weights are F32.`;
      throw new DeltascopeError('data-corrupt', 'trace', message);
    }
    if (end - header.dataStart > data.byteLength) {
      const message = `${file} is cut off: at byte ${header.dataStart + data.byteLength}, tensor "${name}" goes on.`;
      throw new DeltascopeError('data-corrupt', 'trace', message);
    }
    const bytes = data.subarray(start - header.dataStart, end - header.dataStart);
    return { name, shape, data: floatsOf(bytes) };
  });
}
