/**
 * Errors that cross a boundary (worker → main → window, or command line → user).
 *
 * Every failure an auditor can meet has a code, one sentence that says what happened, where, and
 * what to do, and the part of the program it came from.
 */

/** What failed; each code has one meaning everywhere and a fixed number for support. */
export const errorNumbers = {
  'recipe-invalid': 1001,
  'model-invalid': 1002,
  'data-missing': 1101,
  'data-corrupt': 1102,
  'data-exists': 1103,
  'run-missing': 1201,
  'run-not-a-run': 1202,
  'disk-full': 1203,
  'no-permission': 1204,
  'write-failed': 1205,
  'trace-damaged': 1206,
  'run-locked': 1207,
  'run-newer': 1208,
  'run-unfinished': 1209,
  'run-differs': 1210,
  'request-invalid': 1301,
  'example-missing': 1302,
  'layer-missing': 1303,
  'not-disclosable': 1401,
  'engine-missing': 1501,
  'training-diverged': 1502,
  'print-failed': 1601,
  cancelled: 1900,
  internal: 1999,
} as const;

export type ErrorCode = keyof typeof errorNumbers;

/** The part of the program an error came from. */
export type ErrorOrigin =
  | 'recipe'
  | 'engine'
  | 'trace'
  | 'data'
  | 'privacy'
  | 'worker'
  | 'app'
  | 'cli';

/** The plain form of an error, as it crosses a process or thread boundary. */
export interface ErrorReport {
  readonly code: ErrorCode;
  readonly message: string;
  readonly origin: ErrorOrigin;
}

/** An error an auditor may see: its message is one clear sentence. */
export class DeltascopeError extends Error {
  readonly code: ErrorCode;
  readonly origin: ErrorOrigin;

  constructor(code: ErrorCode, origin: ErrorOrigin, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DeltascopeError';
    this.code = code;
    this.origin = origin;
  }
}

/** The error of a job that was cancelled by the user or by a newer request. */
export function cancelledError(origin: ErrorOrigin): DeltascopeError {
  return new DeltascopeError('cancelled', origin, 'Cancelled.');
}

/** Throws the cancellation error once `signal` has been aborted. */
export function throwIfCancelled(signal: AbortSignal | undefined, origin: ErrorOrigin): void {
  if (signal?.aborted) throw cancelledError(origin);
}

/** Any thrown value as a report; what is not ours is reported as `internal` with its own message. */
export function reportOf(error: unknown, origin: ErrorOrigin): ErrorReport {
  if (error instanceof DeltascopeError) {
    return { code: error.code, message: error.message, origin: error.origin };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'internal', message, origin };
}

/** An error with what was being done put before its message; a cancellation stays as it is. */
export function told(doing: string, error: unknown): unknown {
  if (!(error instanceof DeltascopeError) || error.code === 'cancelled') return error;
  const message = `${doing} ${error.message}`;
  return new DeltascopeError(error.code, error.origin, message, { cause: error });
}

/** A report turned back into an error on the other side of a boundary. */
export function errorFrom(report: ErrorReport): DeltascopeError {
  return new DeltascopeError(report.code, report.origin, report.message);
}
