import { throwIfCancelled } from '../../src-shared/errors';
import type { BlockFileRecord } from './block-file';
import { type HashBlock, hashBytes, sameHash } from './block-hash';
import { damaged, fileOfRun, readingError } from './failures';
import { type FileStatus, type FileSystem, type OpenFile, readFully } from './filesystem';
import type { StoredFile } from './index-reader';

export interface CheckOptions {
  readonly signal?: AbortSignal;
  /** Called with the number of bytes that have just been checked. */
  readonly onBytes?: (bytes: number) => void;
}

/** The stored checksum of a block. */
export function hashOf(record: BlockFileRecord, block: number): Uint8Array {
  return record.hashes.subarray(block * hashBytes, (block + 1) * hashBytes);
}

/** Length of a block; the last one may be shorter. */
export function blockLength(record: BlockFileRecord, block: number): number {
  return Math.min(record.blockBytes, record.bytes - block * record.blockBytes);
}

/**
 * Compares one block's bytes with its checksum.
 *
 * @throws DeltascopeError `trace-damaged` naming the file and the bytes.
 */
export function checkBlock(
  record: BlockFileRecord,
  block: number,
  content: Uint8Array,
  hash: HashBlock,
  place: string,
): void {
  const start = block * record.blockBytes;
  const expected = blockLength(record, block);
  if (content.byteLength !== expected) {
    throw damaged(place, `it ends at byte ${start + content.byteLength} of ${record.bytes}`);
  }
  if (!sameHash(hash(content), hashOf(record, block))) {
    const last = start + expected - 1;
    throw damaged(place, `bytes ${start} to ${last} differ from what was recorded`);
  }
}

/**
 * Checks that a file of a run is there with its exact length, without reading it.
 *
 * @returns what the file is now.
 * @throws DeltascopeError `trace-damaged` or `no-permission`.
 */
export async function checkLength(
  fileSystem: FileSystem,
  folder: string,
  stored: StoredFile,
): Promise<FileStatus> {
  const place = fileOfRun(folder, stored.file);
  try {
    const status = await fileSystem.status(`${folder}/${stored.file}`);
    if (status.bytes === stored.bytes) return status;
    throw damaged(place, `it has ${status.bytes} bytes in place of ${stored.bytes}`);
  } catch (error) {
    throw readingError(error, place);
  }
}

/**
 * Reads a whole file block by block and checks its length and every checksum.
 *
 * @throws DeltascopeError `trace-damaged`, `no-permission` or `cancelled`.
 */
export async function checkFile(
  fileSystem: FileSystem,
  folder: string,
  stored: StoredFile,
  hash: HashBlock,
  options: CheckOptions = {},
): Promise<void> {
  await checkLength(fileSystem, folder, stored);
  const place = fileOfRun(folder, stored.file);
  let file: OpenFile | undefined;
  try {
    file = await fileSystem.openForReading(`${folder}/${stored.file}`);
    const buffer = new Uint8Array(Math.min(stored.blockBytes, stored.bytes));
    for (let block = 0; block * stored.blockBytes < stored.bytes; block += 1) {
      throwIfCancelled(options.signal, 'trace');
      const target = buffer.subarray(0, blockLength(stored, block));
      const read = await readFully(file, target, block * stored.blockBytes);
      checkBlock(stored, block, target.subarray(0, read), hash, place);
      options.onBytes?.(read);
    }
  } catch (error) {
    throw readingError(error, place);
  } finally {
    await file?.close();
  }
}
