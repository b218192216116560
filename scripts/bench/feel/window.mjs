// @ts-check
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron } from 'playwright';

/** @typedef {import('playwright').Page} Page */

/**
 * Starts an application with folders of its own, does something with its window, and ends it.
 *
 * @template T
 * @param {{ electron: string, application: string, args?: readonly string[] }} start
 * @param {(page: Page, startedAt: number) => Promise<T>} work `startedAt` in milliseconds of
 *   `performance.now()`
 * @returns {Promise<T>}
 */
export async function withWindow({ electron, application, args = [] }, work) {
  const home = await mkdtemp(join(tmpdir(), 'deltascope-feel-'));
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const startedAt = performance.now();
  const app = await _electron.launch({
    executablePath: electron,
    args: [application, ...sandbox, '--disable-gpu', '--runs', join(home, 'runs'), ...args],
    env: { ...process.env, XDG_CONFIG_HOME: join(home, 'config'), TF_CPP_MIN_LOG_LEVEL: '2' },
  });
  try {
    return await work(await app.firstWindow(), startedAt);
  } finally {
    // Recordings of the measurement are not asked about.
    app.process().kill('SIGKILL');
    await rm(home, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** @param {readonly number[]} values @param {number} [share] @returns {number} the quantile, .5 the median */
export function quantile(values, share = 0.5) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/**
 * Waits until every question of the window is answered, or for so long as one may be left open.
 *
 * @param {Page} page
 * @param {number} [mostMs]
 */
export async function atRest(page, mostMs = 60_000) {
  const until = performance.now() + mostMs;
  for (let quiet = 0; quiet < 3 && performance.now() < until; ) {
    await page.waitForTimeout(50);
    const busy = await page.evaluate('document.body.getAttribute("aria-busy")');
    quiet = busy === 'false' ? quiet + 1 : 0;
  }
}

/** Starts to count frames, long tasks and the delays of inputs. @param {Page} page */
export async function startWatch(page) {
  await page.evaluate(`(() => {
    const seen = { tasks: [], inputs: [] };
    globalThis.__feel = seen;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) seen.tasks.push(duration);
    }).observe({ type: 'longtask' });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        if (entry.interactionId) seen.inputs.push([entry.interactionId, entry.duration]);
      }
    }).observe({ type: 'event', durationThreshold: 16 });
  })()`);
}

/**
 * @param {Page} page
 * @returns {Promise<{ tasks: number[], inputs: number[] }>} long tasks, and for every input that took
 *   more than a frame how long it was until its effect was drawn; milliseconds
 */
export async function takeWatch(page) {
  await page.waitForTimeout(500);
  const seen = /** @type {{ tasks: number[], inputs: [number, number][] }} */ (
    await page.evaluate(`(() => {
      const { tasks, inputs } = globalThis.__feel;
      globalThis.__feel.tasks = [];
      globalThis.__feel.inputs = [];
      return { tasks, inputs };
    })()`)
  );
  /** @type {Map<number, number>} */
  const longest = new Map();
  for (const [id, duration] of seen.inputs) {
    longest.set(id, Math.max(duration, longest.get(id) ?? 0));
  }
  return { tasks: seen.tasks, inputs: [...longest.values()] };
}
