// @ts-check
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasDisplay } from '../../build/launch.mjs';
import { SetUpError } from '../../provision/say.mjs';
import { writeLongRecipe } from './long-run.mjs';

/** @typedef {import('../../provision/status.mjs').ProvisionStatus} ProvisionStatus */

/**
 * Measures how the window feels, in a process of its own, within a virtual screen where there is none.
 *
 * @param {string} root the checkout
 * @param {ProvisionStatus} status
 * @param {string} folder for what has to be recorded
 * @param {string} run a finished run of some hundred steps
 * @param {(recipe: string, into: string) => void} record
 * @param {(what: string) => void} tell
 * @returns {import('./feel.mjs').Feel}
 */
export function measureFeel(root, { electron, display }, folder, run, record, tell) {
  if (electron.path === null) throw new SetUpError(`Electron is missing (${electron.why})`);
  const longRun = join(folder, 'long');
  tell('recording 300,000 steps (some minutes)');
  record(writeLongRecipe(folder), longRun);
  tell('measuring how the window feels (some minutes)');
  const entry = join(dirname(fileURLToPath(import.meta.url)), 'feel.mjs');
  const command = [process.execPath, entry];
  if (!hasDisplay(process.platform, process.env)) {
    if (display.xvfbRun === null) throw new SetUpError('there is neither a display nor Xvfb');
    command.unshift(display.xvfbRun, '-a', '-s', '-screen 0 1600x1200x24');
  }
  const [program = '', ...args] = command;
  const input = JSON.stringify({ electron: electron.path, application: root, run, longRun });
  const result = spawnSync(program, args, { input, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (result.status !== 0) throw new SetUpError('the window could not be measured', result.stderr);
  return JSON.parse(result.stdout);
}
