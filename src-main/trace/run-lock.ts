import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { DeltascopeError } from '../../src-shared/errors';
import { fileOfRun, systemCode, writingError } from './failures';
import { runFiles } from './run-folder';

/** Milliseconds to wait for a lock that is only being looked at. */
const lockTimeout = 300;

/** The right to write a run, held until released or until the process ends, however it ends. */
export interface RunLock {
  release(): void;
  /** Whether the run still lies where it was locked: not removed, moved away or replaced meanwhile. */
  stands(): boolean;
}

function isBusy(error: unknown): boolean {
  const code = systemCode(error);
  return code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED');
}

/**
 * Takes the right to write a run. The lock is an exclusive transaction on an empty database of its
 * own: the operating system gives it back when the process dies, and readers of the index are not
 * kept out.
 *
 * @throws DeltascopeError `run-locked` where another process (or this one) is writing the run.
 */
export function lockRun(folder: string): RunLock {
  const path = resolve(folder, runFiles.lock);
  let database: Database | undefined;
  try {
    database = new Sqlite(path, { timeout: lockTimeout });
    // Nothing is ever written, so no journal needs to stand beside it.
    database.pragma('journal_mode = MEMORY');
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    if (isBusy(error)) {
      const message = `${folder} is being recorded by another process; wait until it ends, or stop it first.`;
      throw new DeltascopeError('run-locked', 'trace', message, { cause: error });
    }
    throw writingError(error, fileOfRun(folder, runFiles.lock));
  }
  const held = database;
  const locked = identityOf(path);
  return {
    release: () => void held.close(),
    stands: () => locked !== null && identityOf(path) === locked,
  };
}

/** Which file a path leads to; null where to none. */
function identityOf(path: string): string | null {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found ? `${found.dev}:${found.ino}` : null;
}

/** Whether a process is writing the run now. */
export function isBeingRecorded(folder: string): boolean {
  const path = resolve(folder, runFiles.lock);
  if (!existsSync(path)) return false;
  let database: Database | undefined;
  try {
    database = new Sqlite(path, { readonly: true, timeout: 0 });
    database.prepare('SELECT count(*) FROM sqlite_schema').get();
    return false;
  } catch (error) {
    return isBusy(error);
  } finally {
    database?.close();
  }
}
