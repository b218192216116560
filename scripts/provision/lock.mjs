// @ts-check
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { say } from './say.mjs';

const POLL_MS = 200;
// A lock folder without an owner file is one that a process is just about to sign, or died before.
const UNSIGNED_MS = 10_000;

/**
 * Runs `work` while no other process holds the same lock. A lock whose owner no longer lives is
 * taken over, so an interrupted set-up never blocks the next one.
 *
 * @template T
 * @param {string} lock path of the lock folder
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(lock, work) {
  await mkdir(dirname(lock), { recursive: true });
  let told = false;
  while (!(await take(lock))) {
    if (await isAbandoned(lock)) {
      await remove(lock);
      continue;
    }
    if (!told) {
      say('waiting for another set-up that is under way');
      told = true;
    }
    await wait(POLL_MS);
  }
  try {
    return await work();
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

/** @param {string} lock */
async function take(lock) {
  try {
    await mkdir(lock);
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
  await writeFile(join(lock, 'owner'), String(process.pid));
  return true;
}

/** @param {string} lock */
async function isAbandoned(lock) {
  try {
    const owner = Number(await readFile(join(lock, 'owner'), 'utf8'));
    if (Number.isInteger(owner) && owner > 0) return !isAlive(owner);
  } catch {
    // Not signed yet.
  }
  try {
    return Date.now() - (await stat(lock)).mtimeMs > UNSIGNED_MS;
  } catch {
    return false;
  }
}

// Two waiting processes may both find the lock abandoned: only one of them can rename it away, and
// the other must not delete the lock that the first has taken meanwhile.
/** @param {string} lock */
async function remove(lock) {
  const grave = `${lock}.${process.pid}.stale`;
  try {
    await rename(lock, grave);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return;
    throw error;
  }
  await rm(grave, { recursive: true, force: true });
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, 'EPERM');
  }
}

/** @param {unknown} error @param {string} code */
function isCode(error, code) {
  return error instanceof Error && 'code' in error && error.code === code;
}
