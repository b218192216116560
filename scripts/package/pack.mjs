// @ts-check
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reason, SetUpError, say } from '../provision/say.mjs';
import { configuration } from './configuration.mjs';
import { makeDebianPackage } from './debian.mjs';

/** @typedef {import('../provision/status.mjs').ProvisionStatus} ProvisionStatus */

/**
 * Packs the built application for the system that this runs on.
 *
 * @param {string} root the checkout
 * @param {ProvisionStatus} status
 * @param {readonly string[]} [targets] electron-builder's names, as AppImage, nsis or dmg; it fetches
 *   the tools that they need. None: a Debian package on Linux, which needs no tool, and what the
 *   configuration names elsewhere
 * @returns {Promise<readonly string[]>} the files or folders made
 */
export async function packApplication(root, status, targets = []) {
  const { electron, engine } = status;
  if (electron.path === null) throw new SetUpError(`Electron is missing (${electron.why})`);
  if (electron.kind === 'fallback') {
    say(`packing Electron ${electron.version}, good for trying only: ${electron.why}`);
  }
  if (engine.path === null) {
    say(`packing without the native engine, so it will train on WebAssembly: ${engine.why}`);
  }
  const folders = { output: join(root, 'dist'), resources: join(root, 'out/package') };
  const icon = await drawIcon(root, folders.resources);
  const own = process.platform === 'linux' && targets.length === 0;
  say('packing the application');
  keepExitCode();
  const { build, Platform } = await import('electron-builder');
  const made = await build({
    projectDir: root,
    config: configuration(status, folders),
    targets: Platform.current().createTarget(own ? ['dir'] : [...targets]),
  }).catch((error) => {
    throw own ? error : withRemedy(error, targets);
  });
  if (!own) return made;
  const application = join(folders.output, 'linux-unpacked');
  say('making the Debian package (about a minute)');
  const about = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const scalableIcon = join(root, 'resources/icon.svg');
  const parts = { application, icon, scalableIcon, output: folders.output, about };
  return [application, await makeDebianPackage(parts)];
}

/**
 * What electron-builder failed by, with what to do about it where it could not fetch a tool.
 *
 * @param {unknown} error
 * @param {readonly string[]} targets
 * @returns {unknown}
 */
export function withRemedy(error, targets) {
  const said = reason(error);
  if (!/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT/.test(said)) return error;
  return new SetUpError(
    `electron-builder could not fetch its tool for ${targets.join(', ')} (${said}); try again with a network that reaches it, or make the Debian package by npm run package, which needs no tool`,
  );
}

/**
 * Lets this process end with its exit code: electron-builder clears up as soon as nothing is left to do,
 * and ends the process with 0 then, whatever has failed.
 */
export function keepExitCode() {
  process.once('beforeExit', () => process.exit());
}

/** @param {string} root @param {string} folder @returns {Promise<string>} the icon as PNG */
async function drawIcon(root, folder) {
  const { default: sharp } = await import('sharp');
  const file = join(folder, 'icon.png');
  await mkdir(folder, { recursive: true });
  const drawing = await readFile(join(root, 'resources/icon.svg'));
  await writeFile(file, await sharp(drawing).resize(512, 512).png().toBuffer());
  return file;
}
