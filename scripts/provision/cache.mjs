// @ts-check
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { withLock } from './lock.mjs';

/** @returns {string} the folder of this user where everything fetched or compiled is kept */
export function cacheRoot() {
  const base = process.env.XDG_CACHE_HOME;
  return join(base?.startsWith('/') ? base : join(homedir(), '.cache'), 'deltascope');
}

const COMPLETE = '.complete';

/** @param {string} folder @returns {boolean} whether an earlier `publish` of it came to its end */
export function isPublished(folder) {
  return existsSync(join(folder, COMPLETE));
}

/**
 * Fills a cache folder once. The work happens in a folder beside it that takes the final name only
 * when it is complete, so neither an interrupted try nor a second process ever shows a half one.
 *
 * @param {string} folder the final place
 * @param {(scratch: string) => Promise<void>} fill
 * @returns {Promise<string>} the folder
 */
export async function publish(folder, fill) {
  if (isPublished(folder)) return folder;
  await mkdir(dirname(folder), { recursive: true });
  return withLock(`${folder}.lock`, async () => {
    if (isPublished(folder)) return folder;
    const scratch = `${folder}.part`;
    await rm(scratch, { recursive: true, force: true });
    await mkdir(scratch, { recursive: true });
    try {
      await fill(scratch);
      await writeFile(join(scratch, COMPLETE), '');
      await rm(folder, { recursive: true, force: true });
      await rename(scratch, folder);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
    return folder;
  });
}

/**
 * Writes a file so that a reader sees either the old content or the new one.
 *
 * @param {string} file
 * @param {string | Uint8Array} content
 */
export async function writeWhole(file, content) {
  await mkdir(dirname(file), { recursive: true });
  const scratch = `${file}.${process.pid}.part`;
  await writeFile(scratch, content);
  await rename(scratch, file);
}
