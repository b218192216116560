import { constants, promises } from 'node:fs';
import { dirname } from 'node:path';

/** An open file, read and written at explicit positions. */
export interface OpenFile {
  /** The system's number of the file, for native code that reads it itself. */
  readonly descriptor?: number;
  /** Reads up to `target.length` bytes at `position`; the number read, 0 at the end of the file. */
  read(target: Uint8Array, position: number): Promise<number>;
  /** Writes bytes at `position`; the number written, which may be fewer than asked. */
  write(bytes: Uint8Array, position: number): Promise<number>;
  /** Waits until the disk holds the file's bytes. Must never be tried again once it has failed. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** What a file is, and enough of its identity to see that it has changed. */
export interface FileStatus {
  readonly bytes: number;
  readonly identity: string;
  /** Last change of the content, milliseconds since 1970. */
  readonly changedAt: number;
  readonly isFolder: boolean;
}

/**
 * The file-system calls the trace is made of. They are gathered here so that a test can let each of
 * them fail in turn: durability is only as good as the handling of its rarest error.
 */
export interface FileSystem {
  openForReading(path: string): Promise<OpenFile>;
  /** Creates the file, or empties the one there. */
  create(path: string): Promise<OpenFile>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Removes an empty folder. */
  removeFolder(path: string): Promise<void>;
  /** Makes a folder's entries (new, renamed and removed names) durable. */
  syncFolder(path: string): Promise<void>;
  makeFolder(path: string): Promise<void>;
  list(path: string): Promise<string[]>;
  status(path: string): Promise<FileStatus>;
}

/** A handle of Node's as an open file. */
export function openFile(handle: promises.FileHandle): OpenFile {
  return {
    descriptor: handle.fd,
    read: async (target, position) =>
      (await handle.read(target, 0, target.byteLength, position)).bytesRead,
    write: async (bytes, position) =>
      (await handle.write(bytes, 0, bytes.byteLength, position)).bytesWritten,
    sync: () => handle.sync(),
    close: () => handle.close(),
  };
}

/**
 * Makes a folder and those above it. Node's own recursive form tells of a missing file where in truth
 * the disk can't be written.
 */
async function makeFolder(path: string): Promise<void> {
  try {
    await promises.mkdir(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'EEXIST' && (await promises.stat(path)).isDirectory()) return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await promises.mkdir(path);
  }
}

/** The machine's own file system. */
export const nodeFileSystem: FileSystem = {
  openForReading: async (path) => openFile(await promises.open(path, constants.O_RDONLY)),
  create: async (path) => openFile(await promises.open(path, 'w')),
  rename: (from, to) => promises.rename(from, to),
  remove: (path) => promises.unlink(path),
  removeFolder: (path) => promises.rmdir(path),
  async syncFolder(path) {
    // Windows can't open a folder; there a rename is made durable with the file system's journal.
    if (process.platform === 'win32') return;
    const handle = await promises.open(path, constants.O_RDONLY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  makeFolder,
  list: (path) => promises.readdir(path),
  async status(path) {
    const found = await promises.stat(path, { bigint: true });
    return {
      bytes: Number(found.size),
      identity: `${found.dev}:${found.ino}:${found.size}:${found.mtimeNs}`,
      changedAt: Number(found.mtimeMs),
      isFolder: found.isDirectory(),
    };
  },
};

/** Writes all of `bytes`, however few the system takes at a time. */
export async function writeFully(
  file: OpenFile,
  bytes: Uint8Array,
  position: number,
): Promise<void> {
  let done = 0;
  while (done < bytes.byteLength) {
    const written = await file.write(bytes.subarray(done), position + done);
    // A write of nothing without an error would loop for ever; the disk has no room for it.
    if (written === 0) throw Object.assign(new Error('nothing was written'), { code: 'ENOSPC' });
    done += written;
  }
}

/** Fills `target` from `position` on; the number of bytes read, fewer only at the end of the file. */
export async function readFully(
  file: OpenFile,
  target: Uint8Array,
  position: number,
): Promise<number> {
  let done = 0;
  while (done < target.byteLength) {
    const read = await file.read(target.subarray(done), position + done);
    if (read === 0) break;
    done += read;
  }
  return done;
}

/** Replaces a file as a whole: after a crash there is the old one or the new one, never a part. */
export async function replaceFile(
  fileSystem: FileSystem,
  folder: string,
  name: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  const temporary = `${folder}/${name}.tmp`;
  try {
    const file = await fileSystem.create(temporary);
    try {
      let position = 0;
      for await (const chunk of chunks) {
        await writeFully(file, chunk, position);
        position += chunk.byteLength;
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await fileSystem.rename(temporary, `${folder}/${name}`);
  } catch (error) {
    await fileSystem.remove(temporary).catch(() => undefined);
    throw error;
  }
  await fileSystem.syncFolder(folder);
}
