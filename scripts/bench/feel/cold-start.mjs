// @ts-check
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { atRest, quantile, withWindow } from './window.mjs';

const TURNS = 4;
const EMPTY = join(dirname(fileURLToPath(import.meta.url)), 'empty');

/**
 * @typedef {object} ColdStart medians in milliseconds from the start of the process
 * @property {number} emptyMs until Electron's own empty window is loaded
 * @property {number} usableMs until Home is drawn and takes clicks
 * @property {number} restMs until also the list of the machine is there, with the engine started
 */

/**
 * Starts an empty window and the application in turns.
 *
 * @param {string} electron
 * @param {string} application
 * @returns {Promise<ColdStart>}
 */
export async function measureColdStart(electron, application) {
  /** @type {number[][]} */
  const [empty, usable, rest] = [[], [], []];
  // The first turn fills the page cache.
  for (let turn = 0; turn <= TURNS; turn += 1) {
    const emptyMs = await withWindow({ electron, application: EMPTY }, async (page, startedAt) => {
      await page.waitForLoadState('load');
      return performance.now() - startedAt;
    });
    const ours = await withWindow({ electron, application }, async (page, startedAt) => {
      await page.getByRole('button', { name: 'Run the sample audit' }).click({ trial: true });
      const usableMs = performance.now() - startedAt;
      await atRest(page);
      return { usableMs, restMs: performance.now() - startedAt };
    });
    if (turn === 0) continue;
    empty?.push(emptyMs);
    usable?.push(ours.usableMs);
    rest?.push(ours.restMs);
  }
  return {
    emptyMs: quantile(empty ?? []),
    usableMs: quantile(usable ?? []),
    restMs: quantile(rest ?? []),
  };
}
