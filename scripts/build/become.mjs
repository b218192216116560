// @ts-check
import { spawn } from 'node:child_process';
import { findCommand } from '../provision/run-command.mjs';

/**
 * Runs a program in this one's place: same terminal, signals passed on, same exit code, and an end
 * by a signal stays an end by that signal. Where the system can, the program also dies with this
 * process, so that killing the wrapper never leaves a recording going on unseen.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<void>} settles when the program has ended; `process.exitCode` is set
 */
export function become(command, args, options = {}) {
  const guard = process.platform === 'linux' ? findCommand('setpriv') : undefined;
  const [program, all] =
    guard === undefined ? [command, args] : [guard, ['--pdeathsig', 'KILL', command, ...args]];
  return new Promise((resolve, reject) => {
    const child = spawn(program, all, { ...options, stdio: 'inherit' });
    /** @type {NodeJS.Signals[]} */
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) {
      process.on(signal, () => {
        // A terminal has already sent the interrupt to both.
        if (signal === 'SIGINT' && process.stdin.isTTY) return;
        child.kill(signal);
      });
    }
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      for (const name of signals) process.removeAllListeners(name);
      if (signal !== null) process.kill(process.pid, signal);
      else process.exitCode = code ?? 1;
      resolve();
    });
  });
}
