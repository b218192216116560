import { resolve } from 'node:path';
import { DeltascopeError } from '../../src-shared/errors';

/** How the application was started. */
export type StartMode =
  | { readonly kind: 'window'; readonly run: string | null; readonly runsFolder: string | null }
  /** Prints finished reports and ends; the command line's `report` uses it. */
  | { readonly kind: 'print'; readonly list: string }
  /** Opens a release and nothing else, in the mode `aggregates`. */
  | { readonly kind: 'release'; readonly file: string }
  /** Walks through the views of a run and saves a picture of each. */
  | { readonly kind: 'capture'; readonly run: string; readonly into: string };

/**
 * Reads the start mode from the command line. Switches that are not ours belong to Chromium.
 *
 * - `[--open RUN] [--runs FOLDER]` the window
 * - `--open-release FILE` a restricted window on a release file
 * - `--print-reports LIST.json`
 * - `--capture RUN --into FOLDER`
 */
export function readStartMode(argv: readonly string[], cwd: string): StartMode {
  const value = (name: string): string | null => {
    const at = argv.indexOf(name);
    if (at < 0) return null;
    const text = argv[at + 1];
    if (text === undefined || text.startsWith('--')) {
      throw new DeltascopeError('request-invalid', 'app', `${name} needs a path after it.`);
    }
    return resolve(cwd, text);
  };
  const both = (first: string, second: string): [string, string] | null => {
    const [a, b] = [value(first), value(second)];
    if (a !== null && b !== null) return [a, b];
    if (a === null && b === null) return null;
    throw new DeltascopeError('request-invalid', 'app', `${first} and ${second} go together.`);
  };
  const list = value('--print-reports');
  if (list !== null) return { kind: 'print', list };
  const capture = both('--capture', '--into');
  if (capture) return { kind: 'capture', run: capture[0], into: capture[1] };
  const release = value('--open-release');
  if (release !== null) return { kind: 'release', file: release };
  return { kind: 'window', run: value('--open'), runsFolder: value('--runs') };
}
