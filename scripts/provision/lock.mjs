// @ts-check
import { readFileSync } from 'node:fs';
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
  await writeFile(join(lock, 'owner'), identity(process.pid) ?? '');
  return true;
}

/** @param {string} lock */
async function isAbandoned(lock) {
  try {
    const owner = await readFile(join(lock, 'owner'), 'utf8');
    if (owner !== '') return identity(Number.parseInt(owner, 10)) !== owner;
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

// A process number is given again after a restart, so the time of its start belongs to it.
/** @param {number} pid @returns {string | undefined} undefined where no such process lives */
function identity(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!isCode(error, 'EPERM')) return undefined;
  }
  return `${pid} ${startTime(pid)}`;
}

/** @param {number} pid */
function startTime(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name stands in brackets and may hold blanks.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return 'unknown';
  }
}

/** @param {unknown} error @param {string} code */
function isCode(error, code) {
  return error instanceof Error && 'code' in error && error.code === code;
}
