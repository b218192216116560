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
