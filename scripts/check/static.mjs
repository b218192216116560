// @ts-check
import { join } from 'node:path';
import { one, runNode } from './run.mjs';

/** @typedef {import('./run.mjs').Check} Check */

/** @param {string} name @param {string} tool path below node_modules @param {string[]} args @returns {Check} */
function tool(name, tool, args) {
  return {
    name,
    run: async (root) => one((await runNode(root, [join('node_modules', tool), ...args])) === 0),
  };
}

/** @returns {Check} */
export function styleCheck() {
  const args = ['check', '--error-on-warnings', '--max-diagnostics=50', '.'];
  return tool('format and lint', '@biomejs/biome/bin/biome', args);
}

/** @returns {Check[]} one for each world of globals that code may rely on */
export function typeChecks() {
  const projects = [
    ['types: shared', 'tsconfig.shared.json'],
    ['types: main and tests', 'tsconfig.json'],
    ['types: scripts', 'tsconfig.scripts.json'],
  ];
  const checks = projects.map(([name, project]) =>
    tool(String(name), 'typescript/bin/tsc', ['-p', String(project), '--pretty', 'false']),
  );
  const svelte = [
    '--tsconfig',
    'tsconfig.renderer.json',
    '--fail-on-warnings',
    '--output',
    'human',
  ];
  checks.push(tool('types: renderer', 'svelte-check/bin/svelte-check', svelte));
  return checks;
}
