// @ts-check
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { SetUpError } from './say.mjs';

/**
 * @typedef {object} CommandOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {number} [timeoutMs] after this the command is ended and counts as failed
 */

const KEPT_OUTPUT = 1 << 20;

/**
 * Runs a command silently and gives its standard output; a failure carries the last lines it wrote,
 * since those hold the cause for compilers and package clients alike.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {CommandOptions} [options]
 * @returns {Promise<string>}
 */
export function runCommand(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...(options.env ?? process.env), NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.timeoutMs,
    });
    let out = '';
    let all = '';
    child.stdout.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      out = (out + text).slice(-KEPT_OUTPUT);
      all = (all + text).slice(-KEPT_OUTPUT);
    });
    child.stderr.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      all = (all + text).slice(-KEPT_OUTPUT);
    });
    child.on('error', (error) => reject(new SetUpError(`can't start ${command}`, error)));
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(out);
      const how = code === null ? `was ended by ${signal}` : `ended with ${code}`;
      const tail = all.trim().split('\n').slice(-12).join('\n');
      reject(new SetUpError(`${command} ${args[0] ?? ''} ${how}: ${lastWords(tail)}`, tail));
    });
  });
}

/** @param {string} tail @returns {string} the line that most likely names the cause */
function lastWords(tail) {
  const lines = tail.split('\n').filter((line) => line.trim() !== '' && !/^\s+at /.test(line));
  return (
    lines.findLast((line) => /error|cannot|can't|could not|unable|not found/i.test(line)) ??
    lines.at(-1) ??
    'no output'
  );
}

/** @param {string} command @returns {string | undefined} where the command lies on the PATH */
export function findCommand(command) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    if (folder === '') continue;
    const file = join(folder, command);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this folder of the PATH.
    }
  }
  return undefined;
}
