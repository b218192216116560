import { dirname, relative, resolve } from 'node:path';
import { DeltascopeError, throwIfCancelled } from '../../src-shared/errors';
import { copyFile, isThere, treeOf, writeFile } from './copy-tree';
import { damaged, fileOfRun, readingError, writingError } from './failures';
import { type FileSystem, nodeFileSystem } from './filesystem';
import { openIndexForReading } from './index-database';
import { readCheckpoints, readProgress, readShards } from './index-reader';
import { clearedName, marks, removeMarked } from './marked-folder';
import { readRunDescription, runFiles } from './run-folder';
import { lockRun } from './run-lock';
import { verifyFiles } from './verify-files';

export interface MoveOptions {
  readonly fileSystem?: FileSystem;
  readonly signal?: AbortSignal;
  readonly onBytes?: (copied: number, of: number) => void;
}

/**
 * Copies a run that nobody writes, as its last commit holds it. The copy comes together under another
 * name, every file is read back and compared with its checksum, and one rename makes it a run: whenever
 * it is cut off, the run at `from` is whole, and the one at `to` is whole or not there.
 *
 * @throws DeltascopeError `run-missing`, `run-not-a-run`, `run-locked`, `request-invalid` where `to` is
 * there already or lies inside the run, `trace-damaged`, `disk-full`, `no-permission`, `write-failed`,
 * `cancelled`; nothing is left at `to` then
 */
export async function copyRun(
  from: string,
  to: string,
  { fileSystem = nodeFileSystem, signal, onBytes }: MoveOptions = {},
): Promise<void> {
  await readRunDescription(from, fileSystem);
  const lock = lockRun(from);
  try {
    await checkTarget(fileSystem, from, to);
    const staging = await clearedName(fileSystem, `${to}.moving`, marks.moving);
    try {
      await copyInto(fileSystem, from, staging, onBytes, signal);
      throwIfCancelled(signal, 'trace');
      await fileSystem.rename(staging, to);
    } catch (error) {
      await removeMarked(fileSystem, staging, marks.moving).catch(() => undefined);
      throw writingError(error, to);
    }
    // It harms nobody where it stays.
    await fileSystem.remove(`${to}/${marks.moving}`).catch(() => undefined);
    await fileSystem.syncFolder(dirname(to)).catch((error: unknown) => {
      throw writingError(error, to);
    });
  } finally {
    lock.release();
  }
}

/**
 * Removes a run that was copied to `to`. First it loses its description, which a full disk has room for, and
 * its name, so that no part of it is taken for a run.
 *
 * @throws DeltascopeError `run-differs` where the run at `to` lacks steps of it; `run-locked`,
 * `no-permission`, `write-failed`
 */
export async function removeCopied(
  from: string,
  to: string,
  fileSystem: FileSystem = nodeFileSystem,
): Promise<void> {
  const lock = lockRun(from);
  try {
    if (stepsOf(from) > stepsOf(to)) {
      const message = `${from} has steps that ${to} lacks, so it stays; both are whole runs.`;
      throw new DeltascopeError('run-differs', 'trace', message);
    }
  } finally {
    lock.release();
  }
  try {
    const leaving = await clearedName(fileSystem, `${from}.moved`, marks.moved);
    const [named, marked] = [`${from}/${runFiles.description}`, `${from}/${marks.moved}`];
    await fileSystem.rename(named, marked);
    try {
      await fileSystem.rename(from, leaving);
    } catch (error) {
      await fileSystem.rename(marked, named);
      throw error;
    }
    await removeMarked(fileSystem, leaving, marks.moved);
  } catch (error) {
    throw writingError(error, from);
  }
}

async function checkTarget(fileSystem: FileSystem, from: string, to: string): Promise<void> {
  const inside = relative(resolve(from), resolve(to));
  if (inside === '' || !inside.startsWith('..')) {
    const message = `${to} lies inside the run itself; choose another folder.`;
    throw new DeltascopeError('request-invalid', 'trace', message);
  }
  const taken = await isThere(fileSystem, to).catch((error: unknown) => {
    throw readingError(error, to);
  });
  if (!taken) return;
  const message = `${to} is there already; choose another folder.`;
  throw new DeltascopeError('request-invalid', 'trace', message);
}

async function copyInto(
  fileSystem: FileSystem,
  from: string,
  to: string,
  onBytes: MoveOptions['onBytes'],
  signal: AbortSignal | undefined,
): Promise<void> {
  const { index, named } = committed(from);
  const { files, folders } = await treeOf(fileSystem, from);
  const wanted = files.filter(({ name }) => belongs(name, named));
  const all = wanted.reduce((sum, { bytes }) => sum + bytes, index.byteLength);
  let copied = 0;
  const count = (bytes: number): void => {
    copied += bytes;
    onBytes?.(copied, all);
  };
  await fileSystem.makeFolder(to);
  await writeFile(fileSystem, `${to}/${marks.moving}`, []);
  for (const name of folders) await fileSystem.makeFolder(`${to}/${name}`);
  for (const { name } of wanted) {
    await copyFile(fileSystem, `${from}/${name}`, `${to}/${name}`, count, signal);
  }
  await writeFile(fileSystem, `${to}/${runFiles.index}`, [index], count);
  for (const name of folders) await fileSystem.syncFolder(`${to}/${name}`);
  await fileSystem.syncFolder(to);
  const verdicts = await verifyFiles(to, signal ? { signal } : {}, fileSystem);
  const bad = verdicts.find(({ ok }) => !ok);
  if (bad) throw damaged(fileOfRun(from, bad.name), bad.reason);
}

/** What the last commit holds: the index as one file, its log included, and the files it names. */
function committed(folder: string): { index: Uint8Array; named: ReadonlySet<string> } {
  const database = openIndexForReading(folder);
  try {
    const place = fileOfRun(folder, runFiles.index);
    const stored = [...readShards(database, place), ...readCheckpoints(database, place)];
    return { index: database.serialize(), named: new Set(stored.map(({ file }) => file)) };
  } finally {
    database.close();
  }
}

/** Whether a file goes along: shards and checkpoints that no commit knows do not, nor does the lock. */
function belongs(name: string, named: ReadonlySet<string>): boolean {
  if (name.startsWith(runFiles.index) || name.startsWith(runFiles.lock)) return false;
  if (name.endsWith('.tmp') || name === marks.moving || name === marks.moved) return false;
  const isTrace = /^(shards|checkpoints)\/(\d+|initial|final)\.safetensors$/.test(name);
  return !isTrace || named.has(name);
}

function stepsOf(folder: string): number {
  const database = openIndexForReading(folder);
  try {
    return readProgress(database).steps;
  } finally {
    database.close();
  }
}
