// @ts-check

/** Tells the person at the terminal what happens; results alone go to standard output. */
export function say(/** @type {string} */ line) {
  process.stderr.write(`deltascope: ${line}\n`);
}

/**
 * A set-up problem with a sentence for the person who has to act on it.
 */
export class SetUpError extends Error {
  /** @param {string} message @param {unknown} [cause] */
  constructor(message, cause) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'SetUpError';
  }
}

/** @param {unknown} error @returns {string} one line that fits into a sentence */
export function reason(error) {
  const text = error instanceof Error ? error.message : String(error);
  return text.trim().split('\n')[0] ?? 'unknown reason';
}

/**
 * Ends a script with 1 and what is known about the failure: one line, then what a failing tool said.
 *
 * @param {string} what
 * @param {unknown} error
 */
export function fail(what, error) {
  say(`${what}: ${reason(error)}`);
  const detail =
    error instanceof Error && typeof error.cause === 'string' ? error.cause : undefined;
  if (detail !== undefined) process.stderr.write(`${detail}\n`);
  process.exitCode = 1;
}
