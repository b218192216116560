// @ts-check
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { findCommand, runCommand } from './run-command.mjs';
import { SetUpError } from './say.mjs';

/** What an add-on has to be compiled with, whatever it is. */
const COMMON = ['-O2', '-fPIC', '-DNDEBUG', '-DBUILDING_NODE_EXTENSION'];

/** @returns {boolean} */
export function hasCompiler() {
  return findCommand('g++') !== undefined && findCommand('gcc') !== undefined;
}

/**
 * Finds the headers for add-ons. They come from npm, pinned like everything else, so neither Node's
 * own header files nor node-gyp and its Python are needed.
 *
 * @param {string} root the checkout
 */
export function addonHeaders(root) {
  const require = createRequire(join(root, 'package.json'));
  return {
    nodeApi: join(dirname(require.resolve('node-api-headers/package.json')), 'include'),
    nodeAddonApi: dirname(require.resolve('node-addon-api/package.json')),
  };
}

/**
 * Compiles C++ or, for `.c`, C sources to an object file or, with `-shared`, to a library.
 *
 * @param {string[]} args
 * @param {{ language: 'c' | 'c++', cwd: string }} options
 */
export async function compile(args, { language, cwd }) {
  const compiler = findCommand(language === 'c' ? 'gcc' : 'g++');
  if (compiler === undefined) throw new SetUpError('there is no C++ compiler (g++)');
  await runCommand(compiler, [...COMMON, ...args], { cwd });
}
