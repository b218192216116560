// @ts-check
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runCommand } from '../provision/run-command.mjs';
import { one, runNode } from './run.mjs';

/** @typedef {import('./run.mjs').Check} Check */

const CRUISER = 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs';
const CONFIG = '.dependency-cruiser.cjs';
const SOURCES = ['src-shared', 'src-main', 'src-renderer'];

/** Imports that the rules must find, one for each kind of rule. */
const PLANTED = /** @type {Record<string, string>} */ ({
  'src-main/engine/upward.ts': "import { a } from '../worker/target';\nexport const b = a;\n",
  'src-main/worker/target.ts': 'export const a = 1;\n',
  'src-main/engine/files.ts':
    "import { readFileSync } from 'node:fs';\nexport const r = readFileSync;\n",
  'src-main/trace/shell.ts': "import type { App } from 'electron';\nexport type A = App;\n",
  'src-renderer/shared/main.ts':
    "import { a } from '../../src-main/worker/target';\nexport const c = a;\n",
  'src-renderer/features/one/View.svelte':
    '<script lang="ts">\n  import { a } from \'../../../src-main/worker/target\';\n</script>\n{a}\n',
  'src-renderer/charts/up.ts': "import { x } from '../features/one/state';\nexport const y = x;\n",
  'src-renderer/features/one/state.ts': 'export const x = 1;\n',
  'src-shared/loop-a.ts': "import { two } from './loop-b';\nexport const one = () => two;\n",
  'src-shared/loop-b.ts': "import { one } from './loop-a';\nexport const two = () => one;\n",
});

const EXPECTED = [
  'src-main/engine/upward.ts',
  'src-main/engine/files.ts',
  'src-main/trace/shell.ts',
  'src-renderer/shared/main.ts',
  'src-renderer/features/one/View.svelte',
  'src-renderer/charts/up.ts',
  'src-shared/loop-a.ts',
];

/** @returns {Check} */
export function importCheck() {
  return {
    name: 'imports between folders',
    run: async (root) => {
      const args = [CRUISER, '--config', CONFIG, '--output-type', 'err-long', ...SOURCES];
      return one((await runNode(root, args)) === 0);
    },
  };
}

/** @returns {Check} a rule that finds nothing may be one that looks at nothing */
export function plantedImportCheck() {
  return {
    name: 'imports between folders: planted violations are found',
    run: async (root) => {
      const found = await violationsIn(root, PLANTED);
      const missed = EXPECTED.filter((file) => !found.has(file));
      for (const file of missed) process.stdout.write(`not found: ${file}\n`);
      return one(missed.length === 0);
    },
  };
}

/** @param {string} root @param {Record<string, string>} files @returns {Promise<Set<string>>} */
async function violationsIn(root, files) {
  // Inside the checkout, so that packages resolve as they do for real sources.
  const folder = join(root, 'out', `planted-${process.pid}`);
  try {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    const config = join(root, CONFIG);
    const report = await runCommand(
      process.execPath,
      [join(root, CRUISER), '--config', config, '--output-type', 'json', ...SOURCES],
      { cwd: folder },
    ).catch((error) => Promise.reject(error));
    const { violations } = JSON.parse(report).summary;
    return new Set(violations.map((/** @type {{ from: string }} */ { from }) => from));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
