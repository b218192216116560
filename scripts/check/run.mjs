// @ts-check
import { spawn } from 'node:child_process';
import { reason, say } from '../provision/say.mjs';
import { addUp } from './tally.mjs';

/** @typedef {import('./tally.mjs').Tally} Tally */

/**
 * @typedef {object} Check
 * @property {string} name
 * @property {(root: string) => Promise<Tally>} run
 */

/**
 * Runs checks one after the other; one that fails or can't run doesn't keep the later ones back.
 *
 * @param {string} root
 * @param {readonly Check[]} checks
 * @returns {Promise<Tally>}
 */
export async function runChecks(root, checks) {
  const tallies = [];
  for (const check of checks) {
    process.stdout.write(`\n── ${check.name}\n`);
    const start = Date.now();
    /** @type {Tally} */
    let tally;
    try {
      tally = await check.run(root);
    } catch (error) {
      say(`${check.name} could not run: ${reason(error)}`);
      if (error instanceof Error && typeof error.cause === 'string') say(error.cause);
      tally = { passed: 0, failed: 1, skipped: 0 };
    }
    const seconds = ((Date.now() - start) / 1000).toFixed(1);
    const verdict = tally.failed > 0 ? `${tally.failed} FAILED` : 'ok';
    process.stdout.write(`── ${check.name}: ${verdict} (${seconds} s)\n`);
    tallies.push(tally);
  }
  return addUp(tallies);
}

/** @param {boolean} good @returns {Tally} */
export function one(good) {
  return { passed: good ? 1 : 0, failed: good ? 0 : 1, skipped: 0 };
}

/**
 * Runs a Node program with its output shown.
 *
 * @param {string} root
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, prefix?: readonly string[] }} [options] `prefix`: a command
 *   that runs the rest, as xvfb-run does
 * @returns {Promise<number>} its exit code
 */
export function runNode(root, args, options = {}) {
  const [command, ...rest] = [...(options.prefix ?? []), process.execPath, ...args];
  return new Promise((resolve, reject) => {
    const child = spawn(/** @type {string} */ (command), rest, {
      cwd: root,
      env: { ...process.env, ...options.env },
      // One stream for both keeps the order of what a tool prints, and standard error free for
      // what set-up says.
      stdio: ['ignore', 'inherit', 1],
    });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
