import { appendFileSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type ErrorReport, errorNumbers } from '../../src-shared/errors';
import { uncheckedKinds } from '../../src-shared/privacy/output-words';
import type { ReleaseOutput } from '../../src-shared/privacy/release';

/** A file that has grown so far gives way to a new one; the one before it is kept. */
const largestBytes = 512 * 1024;

/**
 * What the application notes down about itself: starts, ends, and which calls failed how. It holds
 * codes and names of methods only: no data, no messages, no names of runs, no paths.
 */
export class Log {
  readonly #file: string | null;

  constructor(file: string | null) {
    this.#file = file;
  }

  /** Notes an event, in words that say nothing of data. */
  note(event: string): void {
    if (this.#file === null) return;
    try {
      mkdirSync(dirname(this.#file), { recursive: true });
      if (sizeOf(this.#file) > largestBytes) renameSync(this.#file, `${this.#file}.1`);
      appendFileSync(this.#file, `${new Date().toISOString()} ${event}\n`);
    } catch {
      // A log that can't be written must not stop the work that it tells of.
    }
  }

  /** Notes that a call failed. */
  failed(method: string, { code, origin }: ErrorReport): void {
    if (code !== 'cancelled')
      this.note(`${method} failed: DS-${errorNumbers[code]} ${code} (${origin})`);
  }

  /** Notes which outputs of a release no rule could be run on. */
  unchecked(outputs: readonly ReleaseOutput[]): void {
    for (const kind of uncheckedKinds(outputs)) {
      this.note(`release.check: the rules could not be run on ${kind}`);
    }
  }

  /** The last lines, the newest at the end. */
  read(): string {
    if (this.#file === null) return '';
    try {
      return readFileSync(this.#file, 'utf8').slice(-64 * 1024);
    } catch {
      return '';
    }
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
