import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

const PACK = resolve('scripts/package/pack.mjs');
// electron-builder makes such a folder as soon as it works.
const program = (first: string): string => `
  import { createRequire } from 'node:module';
  import { keepExitCode } from ${JSON.stringify(PACK)};
  const require = createRequire(${JSON.stringify(resolve('node_modules/app-builder-lib/package.json'))});
  ${first}
  await new (require('temp-file').TmpDir)('deltascope').getTempDir();
  process.exitCode = 3;
`;

/** The code that a process with a failure ends with. */
function exitCode(first: string): Promise<number | string | null | undefined> {
  return new Promise((done) => {
    const words = ['--input-type=module', '-e', program(first)];
    execFile(process.execPath, words, (error) => done(error?.code ?? 0));
  });
}

it('what fails beside packing still ends with its own exit code', async () => {
  expect(await exitCode('keepExitCode();')).toBe(3);
});

it('which electron-builder alone would change', async () => {
  expect(await exitCode('')).toBe(0);
});
