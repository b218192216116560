import { basename } from 'node:path';
import { DeltascopeError } from '../../src-shared/errors';

/** The system's or SQLite's name of an error (`ENOSPC`, `SQLITE_FULL` …), or '' where there is none. */
export function systemCode(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

// SQLite tells of a log's shared memory that finds no room as of any other error there.
const fullCodes = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE']);
const permissionCodes = new Set(['EACCES', 'EPERM', 'EROFS', 'SQLITE_CANTOPEN', 'SQLITE_PERM']);
const damageCodes = new Set(['SQLITE_CORRUPT', 'SQLITE_NOTADB', 'SQLITE_FORMAT']);

export function isDiskFull(error: unknown): boolean {
  return fullCodes.has(systemCode(error));
}

export function isMissing(error: unknown): boolean {
  const code = systemCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

export function isDenied(error: unknown): boolean {
  const code = systemCode(error);
  return permissionCodes.has(code) || code.startsWith('SQLITE_READONLY');
}

/** A number of bytes in words, rounded up: what has to be freed must suffice. */
export function bytesInWords(bytes: number): string {
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = Math.max(bytes, 1) / 1000;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const rounded = value < 10 ? Math.ceil(value * 10) / 10 : Math.ceil(value);
  return `${rounded} ${units[unit]}`;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** An error met while writing below `place`, as one clear sentence; our own errors pass through. */
export function writingError(error: unknown, place: string): DeltascopeError {
  if (error instanceof DeltascopeError) return error;
  const cause = { cause: error };
  if (isDiskFull(error)) {
    const message = `The disk is full: ${place} could not be written; free some space and try again.`;
    return new DeltascopeError('disk-full', 'trace', message, cause);
  }
  if (isDenied(error)) {
    const message = `There is no permission to write ${place}; choose another folder or change its permissions.`;
    return new DeltascopeError('no-permission', 'trace', message, cause);
  }
  if (damageCodes.has(systemCode(error))) return damaged(place, reasonOf(error), error);
  const message = `${place} could not be written (${reasonOf(error)}).`;
  return new DeltascopeError('write-failed', 'trace', message, cause);
}

/** An error met while reading `place`, as one clear sentence; our own errors pass through. */
export function readingError(error: unknown, place: string): DeltascopeError {
  if (error instanceof DeltascopeError) return error;
  if (isMissing(error)) return damaged(place, 'the file is missing', error);
  if (isDenied(error)) {
    const message = `There is no permission to read ${place}.`;
    return new DeltascopeError('no-permission', 'trace', message, { cause: error });
  }
  return damaged(place, `it can't be read: ${reasonOf(error)}`, error);
}

/** A file of a run that is not what was written. */
export function damaged(place: string, reason: string, cause?: unknown): DeltascopeError {
  const message = `${place} is damaged: ${reason}.`;
  return new DeltascopeError('trace-damaged', 'trace', message, { cause });
}

/** How an error names a file of a run: the run's own folder name and the path inside it. */
export function fileOfRun(folder: string, name: string): string {
  return `${basename(folder)}/${name}`;
}
