// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from './cache.mjs';
import { findCommand, runCommand } from './run-command.mjs';
import { SetUpError, say } from './say.mjs';

const STAMP = 'node_modules/.deltascope/lock';

/** @param {string} root @returns {string} hash of everything that decides what npm installs */
export function lockHash(root) {
  const hash = createHash('sha256');
  for (const name of ['package-lock.json', '.npmrc']) {
    hash.update(readFileSync(join(root, name)));
  }
  return hash.digest('hex');
}

/** @param {string} root @returns {boolean} */
export function dependenciesAreInstalled(root) {
  const stamp = join(root, STAMP);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === lockHash(root);
}

/**
 * Installs exactly what the lock file says, unless that is what lies there.
 *
 * @param {string} root
 */
export async function provideDependencies(root) {
  if (dependenciesAreInstalled(root)) return;
  say('installing the npm packages of the lock file');
  await runNpm(['ci', '--no-audit', '--no-fund', '--loglevel=error'], root);
  await writeWhole(join(root, STAMP), lockHash(root));
}

/**
 * Fetches the tarball of a package without installing it.
 *
 * @param {string} spec name@version
 * @param {string} folder
 * @returns {Promise<string>} the tarball
 */
export async function npmPack(spec, folder) {
  await runNpm(['pack', spec, '--pack-destination', folder, '--loglevel=error'], folder);
  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw new SetUpError(`npm pack ${spec} gave no file`);
  return join(folder, tarball);
}

/** @param {string[]} args @param {string} cwd */
async function runNpm(args, cwd) {
  // npm tells its scripts where it lies; run by hand, the one on the PATH is asked.
  const own = process.env.npm_execpath;
  if (own?.endsWith('.js') && existsSync(own)) {
    await runCommand(process.execPath, [own, ...args], { cwd });
    return;
  }
  const npm = findCommand('npm');
  if (npm === undefined)
    throw new SetUpError('npm is not on the PATH; install Node.js 20.19 or newer with npm');
  await runCommand(npm, args, { cwd });
}
