import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { damaged, fileOfRun, isDenied, readingError, systemCode, writingError } from './failures';
import { indexVersion, migrate, versionOf } from './migrate';
import { newerError, runFiles } from './run-folder';
import { lockRun } from './run-lock';

/** Milliseconds that a statement waits for another connection. */
const busyTimeout = 5000;

function indexPath(folder: string): string {
  return resolve(folder, runFiles.index);
}

/** Settings that SQLite forgets when a connection closes. */
function configure(database: Database): void {
  database.pragma('synchronous = FULL');
  database.pragma('foreign_keys = ON');
  database.pragma('trusted_schema = OFF');
}

function refuseNewer(database: Database, folder: string): void {
  const found = versionOf(database);
  if (found > indexVersion) throw newerError(folder, 'index version', found, indexVersion);
}

/**
 * Opens the index for the one writer, who must hold the run's lock; creates or migrates it.
 *
 * @throws DeltascopeError `run-newer`, `trace-damaged`, `no-permission` or `disk-full`.
 */
export function openIndexForWriting(folder: string): Database {
  let database: Database | undefined;
  try {
    database = new Sqlite(indexPath(folder), { timeout: busyTimeout });
    refuseNewer(database, folder);
    database.pragma('journal_mode = WAL');
    configure(database);
    migrate(database);
    return database;
  } catch (error) {
    database?.close();
    throw writingError(error, fileOfRun(folder, runFiles.index));
  }
}

/**
 * Opens the index read-only, also while a run is being recorded.
 *
 * @throws DeltascopeError `run-newer`, `trace-damaged` or `no-permission`.
 */
export function openIndexForReading(folder: string): Database {
  const place = fileOfRun(folder, runFiles.index);
  if (!existsSync(indexPath(folder))) throw damaged(place, 'the file is missing');
  let database: Database | undefined;
  try {
    database = openReadOnly(indexPath(folder));
    refuseNewer(database, folder);
    if (versionOf(database) < indexVersion) {
      database.close();
      migrateUnderLock(folder);
      database = openReadOnly(indexPath(folder));
    }
    configure(database);
    return database;
  } catch (error) {
    database?.close();
    throw readingError(error, place);
  }
}

/** Brings an older index up to date before it is read. */
function migrateUnderLock(folder: string): void {
  const lock = lockRun(folder);
  try {
    openIndexForWriting(folder).close();
  } finally {
    lock.release();
  }
}

function openReadOnly(path: string): Database {
  const database = new Sqlite(path, { readonly: true, timeout: busyTimeout });
  try {
    versionOf(database);
    return database;
  } catch (error) {
    database.close();
    // In a folder that can't be written SQLite finds no place for the shared memory of its log. An
    // index without a log is whole, though, and nobody can change it there.
    if (!isDenied(error) || existsSync(`${path}-wal`)) throw error;
    return openCopy(path);
  }
}

/** Positions in a database's header that say whether it uses a log (2) or not (1). */
const logVersions = [18, 19] as const;

/** Opens a copy in memory, marked as using no log. */
function openCopy(path: string): Database {
  const bytes = readFileSync(path);
  for (const position of logVersions) bytes[position] = 1;
  return new Sqlite(bytes, { readonly: true });
}

/**
 * SQLite's own check of the index.
 *
 * @returns what is wrong, '' where nothing is.
 */
export function checkIndex(database: Database): string {
  try {
    const rows = database.pragma('integrity_check(1)', { simple: true });
    return rows === 'ok' ? '' : String(rows);
  } catch (error) {
    return `${systemCode(error)} ${error instanceof Error ? error.message : String(error)}`;
  }
}
