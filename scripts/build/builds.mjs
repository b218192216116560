// @ts-check
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from '../provision/cache.mjs';
import { withLock } from '../provision/lock.mjs';
import { runCommand } from '../provision/run-command.mjs';
import { say } from '../provision/say.mjs';
import { hasStamp, sourceStamp } from './stamp.mjs';

/**
 * @typedef {object} Build
 * @property {string} name in a sentence
 * @property {readonly string[]} inputs
 * @property {string} product file that is there when it is built
 * @property {(root: string) => Promise<void>} make
 */

const COMMON_INPUTS = ['package-lock.json', 'tsconfig.base.json', 'src-shared', 'src-main'];

/** @type {Build} */
const COMMAND_LINE = {
  name: 'the command line',
  inputs: [...COMMON_INPUTS, 'vite.cli.config.ts', 'scripts/vite'],
  product: 'out/cli/main.mjs',
  async make(root) {
    // Built beside and then swapped in, so that a command that starts meanwhile finds all of it.
    const scratch = 'out/cli.part';
    const vite = join(root, 'node_modules/vite/bin/vite.js');
    const args = [vite, 'build', '-c', 'vite.cli.config.ts', '--outDir', scratch];
    await runCommand(process.execPath, [...args, '--logLevel', 'warn'], { cwd: root });
    await rm(join(root, 'out/cli.old'), { recursive: true, force: true });
    if (existsSync(join(root, 'out/cli')))
      await rename(join(root, 'out/cli'), join(root, 'out/cli.old'));
    await rename(join(root, scratch), join(root, 'out/cli'));
    await rm(join(root, 'out/cli.old'), { recursive: true, force: true });
  },
};

/** @type {Build} */
const APPLICATION = {
  name: 'the application',
  inputs: [
    ...COMMON_INPUTS,
    'src-renderer',
    'resources',
    'electron.vite.config.ts',
    'svelte.config.js',
  ],
  product: 'out/main/main.js',
  async make(root) {
    const vite = join(root, 'node_modules/electron-vite/bin/electron-vite.js');
    await runCommand(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
      cwd: root,
      // Without a downloaded Electron, electron-vite can't ask it for its version.
      env: { ...process.env, ELECTRON_MAJOR_VER: '33', NODE_ENV: 'production' },
    });
  },
};

/** Builds `out/cli`, when a source has changed. @param {string} root */
export function buildCommandLine(root) {
  return build(root, COMMAND_LINE, 'cli');
}

/** Builds `out/main`, `out/preload` and `out/renderer`, when a source has changed. @param {string} root */
export function buildApplication(root) {
  return build(root, APPLICATION, 'app');
}

/** @param {string} root @param {Build} what @param {string} key */
async function build(root, what, key) {
  const stampFile = join(root, 'out', `.${key}.stamp`);
  const isCurrent = () =>
    hasStamp(stampFile, sourceStamp(root, what.inputs)) && existsSync(join(root, what.product));
  if (isCurrent()) return;
  await mkdir(join(root, 'out'), { recursive: true });
  await withLock(join(root, 'out', `.${key}.lock`), async () => {
    if (isCurrent()) return;
    say(`building ${what.name}`);
    const stamp = sourceStamp(root, what.inputs);
    await what.make(root);
    await writeWhole(stampFile, stamp);
  });
}
