// @ts-check
import { text } from 'node:stream/consumers';
import { measureColdStart } from './cold-start.mjs';
import { measureInputs, measureScrolling, measureSwitches } from './views.mjs';
import { atRest, withWindow } from './window.mjs';

/**
 * Entry of a program of its own, as it may have to run within a virtual screen: reads what to measure
 * from standard input, and writes what was measured to standard output, both as JSON.
 *
 * @typedef {object} Task
 * @property {string} electron
 * @property {string} application folder of the built application
 * @property {string} run a finished run of some hundred steps
 * @property {string} longRun the same of 300,000, with 60,000 test examples
 *
 * @typedef {import('./views.mjs').Fluency} Fluency
 * @typedef {Record<string, { median: number, worst: number }>} Switches
 *
 * @typedef {object} Feel times in milliseconds
 * @property {import('./cold-start.mjs').ColdStart} coldStart
 * @property {{ switches: Switches, inputs: Fluency }} quiet
 * @property {{ switches: Switches, inputs: Fluency }} recording
 * @property {{ explainedMs: number, scrolling: { median: number, p95: number, worst: number },
 *   switches: Switches }} long
 */

const SECONDS = 10;
const GRID = '[role=grid][aria-label="Test examples"]';

/** @param {import('playwright').Page} page */
async function explained(page) {
  await page
    .getByText(/complete: residual /)
    .first()
    .waitFor({ timeout: 300_000 });
  await atRest(page);
}

/** @param {import('playwright').Page} page starts a recording that outlasts the measurement */
async function record(page) {
  const recipe = { data: 'mnist', model: 'lenet', limit: { train: 6000, test: 500 }, epochs: 100 };
  const call = {
    type: 'call',
    id: 900_000,
    method: 'record.start',
    params: { recipe, name: 'load' },
  };
  await page.evaluate(`deltascope.send(${JSON.stringify(call)})`);
  await page.waitForTimeout(5000);
}

/** @param {Task} task @returns {Promise<Feel>} */
async function measure({ electron, application, run, longRun }) {
  const coldStart = await measureColdStart(electron, application);
  const open = { electron, application, args: ['--open', run] };
  const quiet = await withWindow(open, async (page) => {
    await explained(page);
    const switches = await measureSwitches(page);
    return { switches, inputs: await measureInputs(page, SECONDS) };
  });
  const recording = await withWindow(open, async (page) => {
    await explained(page);
    await record(page);
    return { inputs: await measureInputs(page, SECONDS), switches: await measureSwitches(page) };
  });
  const long = await withWindow({ ...open, args: ['--open', longRun] }, async (page, startedAt) => {
    await explained(page);
    const explainedMs = performance.now() - startedAt;
    await page.getByLabel('Show', { exact: true }).selectOption('all');
    await atRest(page);
    const scrolling = await measureScrolling(page, `${GRID} > *`, 5);
    return {
      explainedMs,
      scrolling,
      switches: await measureSwitches(page, ['Monitor', 'Explain']),
    };
  });
  return { coldStart, quiet, recording, long };
}

const task = /** @type {Task} */ (JSON.parse(await text(process.stdin)));
process.stdout.write(`${JSON.stringify(await measure(task))}\n`);
