import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobContext } from '../../src-shared/contract/progress';
import type { RawExamples } from './data-set';
import { ReadingProgress } from './imports/reading-progress';
import { descriptionFile, type StoredDescription } from './stored';

/** Bytes written at once, between two looks at whether the work was cancelled. */
const portion = 8 * 2 ** 20;

/**
 * Writes a data set into a folder that is empty, durable when this ends.
 *
 * @throws `cancelled`, and what writing throws
 */
export async function writeStored(
  folder: string,
  description: StoredDescription,
  splits: { readonly train: RawExamples; readonly test: RawExamples },
  context: JobContext,
): Promise<void> {
  const { train, test } = splits;
  const total = train.values.byteLength + test.values.byteLength;
  const progress = new ReadingProgress(context, 'bytes', total, 'writing');
  for (const [name, { labels, values, shape }] of Object.entries({ train, test })) {
    await writeNpy(join(folder, `y_${name}.npy`), labels, [labels.length], null);
    await writeNpy(join(folder, `x_${name}.npy`), values, [labels.length, ...shape], progress);
  }
  const text = Buffer.from(`${JSON.stringify(description, null, 1)}\n`);
  await writeDurably(join(folder, descriptionFile), (file) => writeAll(file, text, null));
  await syncFolder(folder);
}

/** Makes the names in a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function writeNpy(
  path: string,
  array: Uint8Array | Int32Array | Float32Array,
  shape: readonly number[],
  progress: ReadingProgress | null,
): Promise<void> {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  return writeDurably(path, async (file) => {
    await writeAll(file, npyHeader(array, shape), null);
    await writeAll(file, bytes, progress);
  });
}

/** NumPy's format 1.0: magic, version, length, and a dictionary that ends at a multiple of 64. */
function npyHeader(
  array: Uint8Array | Int32Array | Float32Array,
  shape: readonly number[],
): Buffer {
  const type = array instanceof Uint8Array ? '|u1' : array instanceof Int32Array ? '<i4' : '<f4';
  const sides = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${sides}), }`;
  const padded = `${text.padEnd(Math.ceil((11 + text.length) / 64) * 64 - 11)}\n`;
  const length = Buffer.alloc(2);
  length.writeUInt16LE(padded.length);
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), length, Buffer.from(padded)]);
}

async function writeDurably(
  path: string,
  write: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await write(file);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function writeAll(
  file: FileHandle,
  bytes: Uint8Array,
  progress: ReadingProgress | null,
): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, Math.min(portion, bytes.length - done));
    done += bytesWritten;
    progress?.count(bytesWritten);
  }
}
