import { createHash } from 'node:crypto';
import { throwIfCancelled } from '../../src-shared/errors';
import { blockBytes } from './block-hash';
import { fileOfRun, readingError } from './failures';
import { type FileSystem, nodeFileSystem, readFully } from './filesystem';
import { openIndexForReading } from './index-database';
import { readCheckpoints, readShards } from './index-reader';
import { readRunDescription, runFiles } from './run-folder';

/** A file of a run with its SHA-256, by which a report names exactly what it was made from. */
export interface ManifestFile {
  /** Path inside the run folder. */
  readonly name: string;
  readonly bytes: number;
  /** SHA-256, 64 hexadecimal digits. */
  readonly sha256: string;
}

export interface ManifestOptions {
  readonly signal?: AbortSignal;
  readonly fileSystem?: FileSystem;
}

/**
 * SHA-256 of every file of a run, in a fixed order. Of a run that is still recorded: of what its
 * last commit holds.
 *
 * @throws DeltascopeError what opening a run throws, `trace-damaged`, `no-permission`, `cancelled`.
 */
export async function manifestOf(
  folder: string,
  options: ManifestOptions = {},
): Promise<ManifestFile[]> {
  const { fileSystem = nodeFileSystem, signal } = options;
  await readRunDescription(folder, fileSystem);
  const database = openIndexForReading(folder);
  try {
    const place = fileOfRun(folder, runFiles.index);
    const files = [
      runFiles.description,
      ...readShards(database, place).map(({ file }) => file),
      ...readCheckpoints(database, place).map(({ file }) => file),
    ].sort();
    // Opening and closing the database as a plain file would drop this process's locks on it, so
    // its bytes come from SQLite; in a finished run they are the file's.
    const index = database.serialize();
    const sha256 = createHash('sha256').update(index).digest('hex');
    const manifest: ManifestFile[] = [{ name: runFiles.index, bytes: index.byteLength, sha256 }];
    for (const name of files) manifest.push(await hashFile(fileSystem, folder, name, signal));
    return manifest;
  } finally {
    database.close();
  }
}

async function hashFile(
  fileSystem: FileSystem,
  folder: string,
  name: string,
  signal: AbortSignal | undefined,
): Promise<ManifestFile> {
  try {
    const file = await fileSystem.openForReading(`${folder}/${name}`);
    try {
      const hash = createHash('sha256');
      const buffer = new Uint8Array(blockBytes);
      let bytes = 0;
      for (;;) {
        throwIfCancelled(signal, 'trace');
        const read = await readFully(file, buffer, bytes);
        hash.update(buffer.subarray(0, read));
        bytes += read;
        if (read < buffer.byteLength) break;
      }
      return { name, bytes, sha256: hash.digest('hex') };
    } finally {
      await file.close();
    }
  } catch (error) {
    throw readingError(error, fileOfRun(folder, name));
  }
}
