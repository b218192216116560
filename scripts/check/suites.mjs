// @ts-check
import { readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { buildApplication, buildCommandLine } from '../build/builds.mjs';
import { hasDisplay } from '../build/launch.mjs';
import { packApplication } from '../package/pack.mjs';
import { SetUpError } from '../provision/say.mjs';
import { one, runNode } from './run.mjs';
import { playwrightTally, vitestTally } from './tally.mjs';

/** @typedef {import('./run.mjs').Check} Check */
/** @typedef {import('../provision/status.mjs').ProvisionStatus} ProvisionStatus */

const REPORTS = 'artifacts/reports';
const VIRTUAL_SCREEN = ['-a', '-s', '-screen 0 1600x1200x24'];

/** @returns {Check[]} */
export function buildChecks() {
  return [
    { name: 'build: command line', run: (root) => buildCommandLine(root).then(() => one(true)) },
    { name: 'build: application', run: (root) => buildApplication(root).then(() => one(true)) },
  ];
}

/** @param {ProvisionStatus} status @returns {Check} */
export function packageCheck(status) {
  return {
    name: 'package',
    run: (root) => packApplication(root, status).then(() => one(true)),
  };
}

/** @param {string[]} projects @param {string[]} [filters] @returns {Check} */
export function vitestCheck(projects, filters = []) {
  return {
    name: `tests: ${projects.join(' and ')}`,
    run: async (root) => {
      const file = await freshReport(root, `vitest-${projects.join('-')}.json`);
      const args = [
        'node_modules/vitest/vitest.mjs',
        'run',
        '--reporter=default',
        '--reporter=json',
      ];
      args.push(`--outputFile.json=${file}`, ...projects.map((name) => `--project=${name}`));
      const code = await runNode(root, [...args, ...filters]);
      return vitestTally(readReport(file), code);
    },
  };
}

/** @param {ProvisionStatus} status @returns {Check} */
export function endToEndCheck(status) {
  return windowCheck('tests: end to end in the real window', 'window', status);
}

/** @param {ProvisionStatus} status @returns {Check} */
export function packagedCheck(status) {
  return windowCheck('tests: the packed application', 'packaged', status);
}

/** @param {string} name @param {string} project @param {ProvisionStatus} status @returns {Check} */
function windowCheck(name, project, status) {
  return {
    name,
    run: async (root) => {
      const { electron, display } = status;
      if (electron.path === null) throw new SetUpError(`Electron is missing (${electron.why})`);
      /** @type {string[]} */
      let prefix = [];
      if (!hasDisplay(process.platform, process.env)) {
        if (display.xvfbRun === null) throw new SetUpError('there is neither a display nor Xvfb');
        prefix = [display.xvfbRun, ...VIRTUAL_SCREEN];
      }
      const file = await freshReport(root, `playwright-${project}.json`);
      const args = ['node_modules/@playwright/test/cli.js', 'test', '--reporter=list,json'];
      const code = await runNode(root, [...args, `--project=${project}`], {
        prefix,
        env: {
          PLAYWRIGHT_JSON_OUTPUT_NAME: file,
          DELTASCOPE_ELECTRON: electron.path,
          TF_CPP_MIN_LOG_LEVEL: '2',
        },
      });
      return playwrightTally(readReport(file), code);
    },
  };
}

// A report of an earlier run must not speak for one that never came to write its own.
/** @param {string} root @param {string} name */
async function freshReport(root, name) {
  const file = join(root, REPORTS, name);
  await mkdir(join(root, REPORTS), { recursive: true });
  await rm(file, { force: true });
  return file;
}

/** @param {string} file @returns {unknown} */
function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
