// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Sums up which files there are, how long and how old: it changes when one is edited, added or
 * removed, and costs milliseconds since nothing is read.
 *
 * @param {string} root
 * @param {readonly string[]} inputs files and folders below `root`
 * @returns {string}
 */
export function sourceStamp(root, inputs) {
  const hash = createHash('sha256');
  for (const input of inputs) addPath(hash, root, input);
  return hash.digest('hex');
}

/** @param {import('node:crypto').Hash} hash @param {string} root @param {string} path */
function addPath(hash, root, path) {
  const stats = statSync(join(root, path), { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (!stats.isDirectory()) {
    hash.update(`${path}\0${stats.size}\0${stats.mtimeMs}\n`);
    return;
  }
  for (const name of readdirSync(join(root, path)).sort()) addPath(hash, root, join(path, name));
}

/** @param {string} file @param {string} stamp @returns {boolean} */
export function hasStamp(file, stamp) {
  return existsSync(file) && readFileSync(file, 'utf8') === stamp;
}
