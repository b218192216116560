import { createHash } from 'node:crypto';
import { throwIfCancelled } from '../../src-shared/errors';
import { blockBytes } from './block-hash';
import { damaged, isMissing, readingError, writingError } from './failures';
import { type FileSystem, readFully, writeFully } from './filesystem';

/** A file below a folder. */
export interface TreeFile {
  /** Path inside the folder, with `/`. */
  readonly name: string;
  readonly bytes: number;
}

/** The files below a folder, and the folders between, those above before those below. */
export async function treeOf(
  fileSystem: FileSystem,
  folder: string,
): Promise<{ readonly files: TreeFile[]; readonly folders: string[] }> {
  const files: TreeFile[] = [];
  const folders: string[] = [];
  const visit = async (below: string): Promise<void> => {
    for (const entry of (await fileSystem.list(`${folder}/${below}`)).sort()) {
      const name = `${below}${entry}`;
      const { isFolder, bytes } = await fileSystem.status(`${folder}/${name}`);
      if (!isFolder) files.push({ name, bytes });
      else {
        folders.push(name);
        await visit(`${name}/`);
      }
    }
  };
  await visit('');
  return { files, folders };
}

/** Whether a file or folder is there. */
export async function isThere(fileSystem: FileSystem, path: string): Promise<boolean> {
  try {
    await fileSystem.status(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/**
 * Copies a file, waits until the disk holds it, and reads it back.
 *
 * @param onBytes is told of each block that was copied
 * @throws DeltascopeError `trace-damaged` where the copy is not what was read, `disk-full`,
 * `no-permission`, `write-failed`, `cancelled`
 */
export async function copyFile(
  fileSystem: FileSystem,
  from: string,
  to: string,
  onBytes: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  const read = await sha256Of(fileSystem, from, signal, async (blocks) => {
    await writeFile(fileSystem, to, blocks, onBytes);
  });
  if ((await sha256Of(fileSystem, to, signal)) === read) return;
  throw damaged(to, 'the disk gives back other bytes than were written');
}

/** Writes a file and waits until the disk holds it. */
export async function writeFile(
  fileSystem: FileSystem,
  path: string,
  blocks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  onBytes: (bytes: number) => void = () => undefined,
): Promise<void> {
  const wrong = (error: unknown): Error => writingError(error, path);
  const file = await fileSystem
    .create(path)
    .catch((error: unknown) => Promise.reject(wrong(error)));
  try {
    let position = 0;
    for await (const block of blocks) {
      await writeFully(file, block, position);
      position += block.byteLength;
      onBytes(block.byteLength);
    }
    await file.sync();
  } catch (error) {
    throw wrong(error);
  } finally {
    await file.close().catch((error: unknown) => Promise.reject(wrong(error)));
  }
}

/** SHA-256 of a file, whose blocks `use` may take as they are read. */
async function sha256Of(
  fileSystem: FileSystem,
  path: string,
  signal: AbortSignal | undefined,
  use: (blocks: AsyncIterable<Uint8Array>) => Promise<void> = drained,
): Promise<string> {
  const hash = createHash('sha256');
  async function* blocks(): AsyncGenerator<Uint8Array> {
    try {
      const file = await fileSystem.openForReading(path);
      try {
        const buffer = new Uint8Array(blockBytes);
        for (let position = 0; ; ) {
          throwIfCancelled(signal, 'trace');
          const read = await readFully(file, buffer, position);
          position += read;
          const block = buffer.subarray(0, read);
          hash.update(block);
          if (read > 0) yield block;
          if (read < buffer.byteLength) return;
        }
      } finally {
        await file.close();
      }
    } catch (error) {
      throw readingError(error, path);
    }
  }
  await use(blocks());
  return hash.digest('hex');
}

async function drained(blocks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of blocks);
}
