// @ts-check
import { atRest, quantile, startWatch, takeWatch } from './window.mjs';

/** @typedef {import('playwright').Page} Page */

const ROUNDS = 4;
/** A report or an estimate may take longer than the eye stays. */
const STAY_MS = 2000;
/** A view that is not there by now counts so, and ends the walk. */
const LOST_MS = 20_000;
const SCREENS = ['New recording', 'Monitor', 'Explain', 'Layers', 'Report', 'Home'];

/**
 * @typedef {object} Fluency milliseconds
 * @property {number} inputs how many
 * @property {number} p95 until the effect of an input was drawn
 * @property {number} worst
 * @property {number} longTasks tasks of the page beyond 100 ms
 * @property {number} longestTask
 */

/** From the click on the rail until the view's heading is drawn. */
const SWITCH = `async (title) => {
  const rail = [...document.querySelectorAll('nav[aria-label="Screens"] button')];
  const button = rail.find((each) => each.title === title);
  const start = performance.now();
  button.click();
  const frame = () => new Promise((next) => requestAnimationFrame(next));
  while (document.querySelector('h1')?.textContent?.trim() !== title) await frame();
  await frame();
  await new Promise((done) => setTimeout(done));
  return performance.now() - start;
}`;

/**
 * Goes through all views, several times; the first time through is not counted, as what it shows has to
 * be asked for.
 *
 * @param {Page} page
 * @param {readonly string[]} [screens]
 * @returns {Promise<Record<string, { median: number, worst: number }>>} milliseconds
 */
export async function measureSwitches(page, screens = SCREENS) {
  /** @type {Record<string, number[]>} */
  const times = Object.fromEntries(screens.map((title) => [title, []]));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const title of screens) {
      const shown = page.evaluate(`(${SWITCH})(${JSON.stringify(title)})`).then(Number);
      const lost = page.waitForTimeout(LOST_MS).then(() => LOST_MS);
      const ms = await Promise.race([shown, lost]);
      if (ms === LOST_MS) return summary({ ...times, [title]: [LOST_MS] });
      await atRest(page, STAY_MS);
      if (round > 0) times[title]?.push(ms);
    }
  }
  return summary(times);
}

/** @param {Record<string, number[]>} times @returns {Record<string, { median: number, worst: number }>} */
function summary(times) {
  return Object.fromEntries(
    Object.entries(times)
      .filter(([, each]) => each.length > 0)
      .map(([title, each]) => [title, { median: quantile(each), worst: Math.max(...each) }]),
  );
}

/**
 * Walks through examples by keys, faster than they are explained, and changes views meanwhile.
 *
 * @param {Page} page with a run open
 * @param {number} seconds
 * @returns {Promise<Fluency>}
 */
export async function measureInputs(page, seconds) {
  await page.evaluate(`(${SWITCH})("Explain")`);
  await startWatch(page);
  const until = performance.now() + seconds * 1000;
  let inputs = 0;
  for (let turn = 0; performance.now() < until; turn += 1) {
    await page.keyboard.press(turn % 8 < 6 ? ']' : turn % 8 === 6 ? '3' : '4');
    inputs += 1;
    await page.waitForTimeout(120);
  }
  const seen = await takeWatch(page);
  return { inputs, ...fluency(seen) };
}

/** @param {{ tasks: number[], inputs: number[] }} seen @returns {Omit<Fluency, 'inputs'>} */
export function fluency({ tasks, inputs }) {
  return {
    p95: quantile(inputs.length > 0 ? inputs : [16], 0.95),
    worst: Math.max(16, ...inputs),
    longTasks: tasks.filter((duration) => duration > 100).length,
    longestTask: Math.max(0, ...tasks),
  };
}

/**
 * Scrolls a list at a steady pace through what it holds.
 *
 * @param {Page} page
 * @param {string} list selector of what scrolls
 * @param {number} seconds
 * @returns {Promise<{ median: number, p95: number, worst: number }>} milliseconds between frames
 */
export async function measureScrolling(page, list, seconds) {
  const gaps = /** @type {number[]} */ (
    await page.evaluate(`(async () => {
      const list = document.querySelector(${JSON.stringify(list)});
      const step = (list.scrollHeight - list.clientHeight) / (${seconds} * 60);
      const gaps = [];
      let last = await new Promise((next) => requestAnimationFrame(next));
      const until = last + ${seconds * 1000};
      while (last < until) {
        list.scrollTop += step;
        const now = await new Promise((next) => requestAnimationFrame(next));
        gaps.push(now - last);
        last = now;
      }
      return gaps;
    })()`)
  );
  return { median: quantile(gaps), p95: quantile(gaps, 0.95), worst: Math.max(...gaps) };
}
