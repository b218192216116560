// @ts-check
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Lets all temporary folders of a run of tests, and of the programs that they start, lie in one that goes
 * with the run: a test that fails, is filtered out or is killed can't leave anything behind.
 */
export default function setUp() {
  const before = process.env.TMPDIR;
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'deltascope-tests-')));
  process.env.TMPDIR = folder;
  return () => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
}
