// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { patchName } from './binding-patch.mjs';
import { writeWhole } from './cache.mjs';
import { hasCompiler } from './compiler.mjs';
import { provideElectron } from './electron-runtime.mjs';
import { provideFashionMnist } from './fashion-mnist.mjs';
import { withLock } from './lock.mjs';
import { provideEngine } from './native-engine.mjs';
import { dependenciesAreInstalled, lockHash, provideDependencies } from './npm.mjs';
import { findCommand } from './run-command.mjs';
import { SetUpError, say } from './say.mjs';
import { provideSqlite } from './sqlite.mjs';
import { readStatus, statusFile, writeStatus } from './status.mjs';
import { provideSystemLibraries } from './system-libraries.mjs';
import { hasNvidiaGpu } from './wheels.mjs';

/** @typedef {import('./status.mjs').ProvisionStatus} ProvisionStatus */
/** @typedef {import('./status.mjs').Lack} Lack */

const STAMP = 'node_modules/.deltascope/provisioned';
// Raised when a step changes what it makes.
const REVISION = 4;
const SQLITE_REMEDY =
  'sudo apt-get install g++, or use Node 22.14 or newer, then npm run provision';
const RETRY_MS = 24 * 3600 * 1000;

/**
 * Makes everything ready that the application and its tests need. Done before, it takes
 * milliseconds; what could not be had is tried again after a day, or at once with `force`.
 *
 * @param {string} root the checkout
 * @param {{ force?: boolean }} [options]
 * @returns {Promise<ProvisionStatus>}
 */
export async function provision(root, options = {}) {
  const known = () => (options.force ? undefined : knownStatus(root, conditions(root)));
  return known() ?? withLock(join(root, '.set-up.lock'), async () => known() ?? setUp(root));
}

/** @param {string} root @returns {Promise<ProvisionStatus>} */
async function setUp(root) {
  const libraries = provideSystemLibraries();
  await provideDependencies(root);
  const systemLacks = await libraries;
  const electron = provideElectron(root);
  const [engine, electronStatus, sqlite, fashionMnist] = await Promise.all([
    provideEngine(root),
    electron,
    provideSqlite(root, electron),
    provideFashionMnist(),
  ]);
  /** @type {ProvisionStatus} */
  const status = {
    format: 1,
    checkedAt: new Date().toISOString(),
    engine,
    electron: electronStatus,
    sqlite,
    display: {
      xvfbRun: findCommand('xvfb-run') ?? null,
      pdfToText: findCommand('pdftotext') ?? null,
    },
    data: { fashionMnist },
    lacks: [],
  };
  status.lacks = [...systemLacks, ...lacksOf(status)];
  await writeStatus(status);
  await writeWhole(join(root, STAMP), conditions(root));
  for (const lack of status.lacks) say(`${lack.what}. What to do: ${lack.remedy}`);
  say(status.lacks.length > 0 ? 'the rest of the set-up is complete' : 'set-up is complete');
  return status;
}

// Everything whose change makes an earlier set-up doubtful.
/** @param {string} root */
function conditions(root) {
  /** @type {unknown[]} */
  const facts = [
    REVISION,
    patchName(),
    lockHash(root),
    process.version,
    process.arch,
    statusFile(),
  ];
  facts.push(hasNvidiaGpu(), hasCompiler(), findCommand('python3'), findCommand('xvfb-run'));
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}

/** @param {string} root @param {string} wanted @returns {ProvisionStatus | undefined} */
function knownStatus(root, wanted) {
  const stamp = join(root, STAMP);
  if (!dependenciesAreInstalled(root) || !existsSync(stamp)) return undefined;
  if (readFileSync(stamp, 'utf8') !== wanted) return undefined;
  const status = readStatus();
  if (status === undefined) return undefined;
  for (const path of [status.engine.path, status.electron.path, status.sqlite.path]) {
    if (path !== null && !existsSync(path)) return undefined;
  }
  const age = Date.now() - Date.parse(status.checkedAt);
  return status.lacks.length > 0 && age > RETRY_MS ? undefined : status;
}

/**
 * Refuses to start what opens runs where SQLite is lacking: its binary for another Node would end the
 * process without a word.
 *
 * @param {ProvisionStatus} status
 * @throws {SetUpError} with what to do
 */
export function requireSqlite({ sqlite }) {
  if (sqlite.kind !== 'none') return;
  throw new SetUpError(`SQLite is not there (${sqlite.why}). What to do: ${SQLITE_REMEDY}`);
}

/** @param {ProvisionStatus} status @returns {Lack[]} */
export function lacksOf(status) {
  /** @type {Lack[]} */
  const lacks = [];
  if (status.engine.kind === 'wasm') {
    lacks.push({
      what: `The native engine is not there (${status.engine.why}), so training is about ten times slower`,
      remedy: 'sudo apt-get install g++ python3-pip, then npm run provision',
    });
  }
  if (status.electron.kind === 'none') {
    lacks.push({
      what: `Electron is not there (${status.electron.why}), so there is no window and no PDF`,
      remedy: 'npx install-electron, on a network that reaches its release page',
    });
  }
  if (status.sqlite.kind === 'none') {
    lacks.push({
      what: `SQLite is not there (${status.sqlite.why}), so no run can be recorded or opened`,
      remedy: SQLITE_REMEDY,
    });
  }
  if (status.data.fashionMnist === null) {
    lacks.push({
      what: 'The data set fashion-mnist is not there',
      remedy: 'import its four IDX files with: deltascope import idx FOLDER --name fashion-mnist',
    });
  }
  return lacks;
}
