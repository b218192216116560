import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobContext } from '../../src-shared/contract/progress';
import type { RawSplit, SplitName } from './data-set';
import { byteParts } from './file-numbers';
import type { ReadExamples } from './imports/importer';
import { ReadingProgress } from './imports/reading-progress';
import { originsFile, writtenOrigins } from './origins';
import { descriptionFile, type StoredDescription } from './stored';
import { areInts, arraysOf, type StoredArray } from './stored-arrays';

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
  read: Pick<ReadExamples, SplitName | 'origins'>,
  context: JobContext,
): Promise<void> {
  const { train, test, origins } = read;
  const total = [train, test]
    .flatMap(arraysOf)
    .reduce((sum, { array }) => sum + array.byteLength, 0);
  const progress = new ReadingProgress(context, 'bytes', total, 'writing');
  for (const [split, raw] of Object.entries({ train, test }) as [SplitName, RawSplit][]) {
    if (origins !== null) {
      const parts = writtenOrigins(raw.labels.length, origins[split]);
      await writeDurably(originsFile(folder, split), async (file) => {
        for (const part of parts) await writeAll(file, part, null);
      });
    }
    for (const { name, array, shape } of arraysOf(raw)) {
      await writeNpy(join(folder, `${name}_${split}.npy`), array, shape, progress);
    }
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
  array: StoredArray['array'],
  shape: readonly number[],
  progress: ReadingProgress | null,
): Promise<void> {
  return writeDurably(path, async (file) => {
    await writeAll(file, npyHeader(array, shape), null);
    for (const bytes of byteParts(array)) await writeAll(file, bytes, progress);
  });
}

/** NumPy's format 1.0: magic, version, length, and a dictionary that ends at a multiple of 64. */
function npyHeader(array: StoredArray['array'], shape: readonly number[]): Buffer {
  const type = array instanceof Uint8Array ? '|u1' : areInts(array) ? '<i4' : '<f4';
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
