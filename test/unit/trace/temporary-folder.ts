import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';

const folders: string[] = [];

/** Memory in place of a disk where there is such a file system: these tests sync thousands of times. */
export const testDisk = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** A folder of its own for a test, removed after it. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(testDisk, 'deltascope-trace-'));
  folders.push(folder);
  return folder;
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});
