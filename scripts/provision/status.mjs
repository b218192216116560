// @ts-check
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheRoot, writeWhole } from './cache.mjs';

/**
 * What set-up found and made, kept as `provision.json` in the cache folder; `deltascope doctor`
 * and the tests read it. A path is absolute, and null where the thing is not there; `why` says why
 * it is not the first choice (null where it is).
 *
 * @typedef {object} ProvisionStatus
 * @property {1} format
 * @property {string} checkedAt ISO time of the last full check
 * @property {EngineStatus} engine
 * @property {ElectronStatus} electron
 * @property {SqliteStatus} sqlite
 * @property {DisplayStatus} display
 * @property {{ fashionMnist: string | null }} data folders with data sets that were fetched
 * @property {Lack[]} lacks what is missing, each with what to do about it
 *
 * @typedef {object} EngineStatus
 * @property {'native-cpu' | 'native-cuda' | 'wasm'} kind
 * @property {string | null} version of TensorFlow's library, null for the WASM backend
 * @property {string | null} path folder of the library and its binding
 * @property {string | null} why
 *
 * @typedef {object} ElectronStatus
 * @property {'supported' | 'fallback' | 'none'} kind `fallback`: the older one that npm carries
 * @property {string | null} version
 * @property {string | null} path the executable
 * @property {string | null} why
 *
 * @typedef {object} SqliteStatus
 * @property {'prebuilt' | 'compiled' | 'none'} kind
 * @property {string | null} path the binary; null where the package's own prebuilt one serves
 * @property {string | null} why
 *
 * @typedef {object} DisplayStatus
 * @property {string | null} xvfbRun the command that gives a virtual screen
 * @property {string | null} pdfToText reads PDFs back in the tests
 *
 * @typedef {object} Lack
 * @property {string} what one sentence
 * @property {string} remedy one sentence or command
 */

/** @returns {string} */
export function statusFile() {
  return join(cacheRoot(), 'provision.json');
}

/** @returns {ProvisionStatus | undefined} undefined where set-up has not run yet */
export function readStatus() {
  try {
    const status = JSON.parse(readFileSync(statusFile(), 'utf8'));
    return status?.format === 1 ? status : undefined;
  } catch {
    return undefined;
  }
}

/** @param {ProvisionStatus} status */
export async function writeStatus(status) {
  await writeWhole(statusFile(), `${JSON.stringify(status, null, 2)}\n`);
}
