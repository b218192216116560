import { constants } from 'node:fs';
import { open, readdir, realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { bytesInWords, corrupt, missing, readingFailure } from '../failures';

/** Files and folders below a root that the user chose: nothing outside of it is opened. */

/**
 * The path of `name` in `root`; null where it is not there.
 *
 * @param root a real path
 * @throws `data-corrupt` where a link leads out of it
 */
export async function fileBelow(root: string, name: string): Promise<string | null> {
  const path = await realpath(join(root, name)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw readingFailure(error, name);
  });
  if (path === null || path.startsWith(root.endsWith(sep) ? root : root + sep)) return path;
  throw corrupt({ file: name, offset: 0 }, 'this link leads out of the folder that is imported.');
}

/**
 * A whole file that is small enough, as bytes. Links are not followed.
 *
 * @param path absolute
 * @param file how errors name it
 */
export async function readWhole(path: string, file: string, most: number): Promise<Buffer> {
  try {
    // Without waiting: what isn't a file, such as a pipe, is refused after a look at it.
    const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
    const handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const found = await handle.stat();
      if (!found.isFile()) throw missing(`${file} is not a file.`);
      if (found.size > most) {
        const rule = `it takes ${bytesInWords(found.size)}; at most ${bytesInWords(most)} are read.`;
        throw corrupt({ file, offset: most }, rule);
      }
      const bytes = Buffer.alloc(found.size);
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
      return bytes.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw readingFailure(error, file);
  }
}

/** What stands in a folder, by name. */
export interface FolderEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'other';
}

/**
 * The entries of a folder in the order of their code points; hidden ones and those that systems leave
 * behind are left out.
 *
 * @throws `data-corrupt` for a link: it could lead anywhere
 */
export async function entriesOf(root: string, folder: string): Promise<FolderEntry[]> {
  const shown = relative(root, folder) || '.';
  const found = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw readingFailure(error, shown);
  });
  const entries: FolderEntry[] = [];
  for (const entry of found) {
    const { name } = entry;
    if (name.startsWith('.') || leftBySystems.has(name.toLowerCase())) continue;
    if (entry.isSymbolicLink()) {
      const file = join(relative(root, folder), name);
      throw corrupt(
        { file, offset: 0 },
        'this is a link, which is not followed; copy what it names.',
      );
    }
    const kind = entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : 'other';
    entries.push({ name, kind });
  }
  return entries.sort((a, b) => byCodePoints(a.name, b.name));
}

const leftBySystems = new Set(['__macosx', 'thumbs.db', 'desktop.ini']);

/** An order of texts that is the same everywhere, whatever the language. */
export function byCodePoints(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
