import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { type RunningApplication, startApplication } from './support/application';

let running: RunningApplication;

test.beforeAll(async () => {
  running = await startApplication();
});

test.afterAll(async () => {
  await running.close();
});

test('the page has the bridge and nothing of Node', async () => {
  const found = await running.page.evaluate(
    '[typeof require, typeof process, Object.keys(window.deltascope).sort().join()]',
  );
  expect(found).toEqual(['undefined', 'undefined', 'offer,onCommand,onResponse,send']);
});

test('training gives way to the window: its threads are behind', async () => {
  const { app, page } = running;
  await expect(page.getByText(/TensorFlow.* on the [CG]PU/).first()).toBeVisible();
  const threads = `/proc/${app.process().pid}/task`;
  // The field behind the priority (proc_pid_stat(5), 19); the name before it may hold spaces.
  const nice = async (thread: string) => {
    const text = await readFile(`${threads}/${thread}/stat`, 'utf8');
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[16]);
  };
  expect(await nice(String(app.process().pid))).toBeLessThanOrEqual(0);
  const all = await Promise.all((await readdir(threads)).map(nice));
  // The worker, and at least one thread of the engine.
  expect(all.filter((each) => each === 5).length).toBeGreaterThan(1);
});

test('files beyond the map are not served', async () => {
  const { page } = running;
  const status = (address: string) =>
    page.evaluate((url) => fetch(url).then(({ status: code }) => code, String), address);
  expect(await status('app://window/index.html')).toBe(200);
  expect(await status('app://window/../main/main.js')).toBe(404);
  expect(await status('app://window/%2e%2e/main/main.js')).toBe(404);
  expect(await status('app://window/package.json')).toBe(404);
});

test('no page is reached, no window opens, no picture of an unknown run is given', async () => {
  const { app, page } = running;
  const outside = await page.evaluate(() => fetch('https://example.org').then(() => 'yes', String));
  expect(outside).toContain('Failed to fetch');
  await page.evaluate('window.open("app://window/index.html"); 0');
  await page.evaluate('location.assign("https://example.org"); 0');
  await page.waitForTimeout(300);
  expect(page.url()).toBe('app://window/index.html');
  const count = await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length);
  expect(count).toBe(1);
  const picture = await page.evaluate(
    () =>
      new Promise((resolve) => {
        const image = document.createElement('img');
        image.onload = () => resolve('shown');
        image.onerror = () => resolve('refused');
        image.src = 'app://thumbnail/0123456789abcdef/test/0.png';
      }),
  );
  expect(picture).toBe('refused');
});

test('a call that is not as agreed is refused', async () => {
  const answer = await running.page.evaluate(
    `new Promise((resolve) => {
      window.deltascope.onResponse((message) => message.id === 9001 && resolve(message));
      window.deltascope.send({ type: 'call', id: 9001, method: 'runs.describe', params: { run: '/etc' } });
    })`,
  );
  expect(answer).toMatchObject({
    type: 'error',
    error: { code: 'request-invalid', origin: 'app' },
  });
});
