import { DeltascopeError } from '../../src-shared/errors';

/** Where in a file something stands: errors name the file, the offset and the rule it breaks. */
export interface Place {
  readonly file: string;
  readonly offset: number;
}

/** The error of a file that breaks a rule of its format. */
export function corrupt(place: Place, rule: string, cause?: unknown): DeltascopeError {
  const message = `${place.file}, byte ${place.offset}: ${rule}`;
  return new DeltascopeError('data-corrupt', 'data', message, { cause });
}

/** The error of data that is not there, or of a kind that can't be used. */
export function missing(message: string, cause?: unknown): DeltascopeError {
  return new DeltascopeError('data-missing', 'data', message, { cause });
}

/** Any failure to read `file` as one clear sentence; our own errors pass through. */
export function readingFailure(error: unknown, file: string, offset = 0): DeltascopeError {
  if (error instanceof DeltascopeError) return error;
  const code = systemCode(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return missing(`${file} does not exist.`, error);
  if (code === 'EISDIR') return missing(`${file} is a folder, not a file.`, error);
  if (code === 'EACCES' || code === 'EPERM') {
    const message = `There is no permission to read ${file}.`;
    return new DeltascopeError('no-permission', 'data', message, { cause: error });
  }
  if (code.startsWith('Z_')) {
    return corrupt({ file, offset }, 'the compressed data is damaged or ends early.', error);
  }
  const reason = error instanceof Error ? error.message : String(error);
  return corrupt({ file, offset }, `it can't be read (${reason}).`, error);
}

/** Any failure to write below `folder` as one clear sentence; our own errors pass through. */
export function writingFailure(error: unknown, folder: string): DeltascopeError {
  if (error instanceof DeltascopeError) return error;
  const code = systemCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const message = `The disk is full: make room in ${folder} and import again; nothing was kept.`;
    return new DeltascopeError('disk-full', 'data', message, { cause: error });
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    const message = `There is no permission to write to ${folder}.`;
    return new DeltascopeError('no-permission', 'data', message, { cause: error });
  }
  const reason = error instanceof Error ? error.message : String(error);
  const message = `The data set can't be written to ${folder} (${reason}).`;
  return new DeltascopeError('write-failed', 'data', message, { cause: error });
}

function systemCode(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

/** A number of bytes in words. */
export function bytesInWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  const power = Math.min(4, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toPrecision(3)} ${['', 'kB', 'MB', 'GB', 'TB'][power]}`;
}
