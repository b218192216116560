import type { Page } from '@playwright/test';
import type { Bridge } from '../../src-shared/contract/bridge';
import type { ResponseMessage } from '../../src-shared/contract/rpc';
import { expectLoaded } from './support/explain';
import { expect, test } from './support/test';

interface Call {
  readonly method: string;
  readonly params: unknown;
}

/** Sends calls as a page that has been taken over might; gives the answers in the calls' order. */
function ask(page: Page, calls: readonly Call[]): Promise<ResponseMessage[]> {
  return page.evaluate((all) => {
    const { deltascope } = globalThis as unknown as { deltascope: Bridge };
    const first = 900_000;
    return new Promise<ResponseMessage[]>((resolve) => {
      const answers: ResponseMessage[] = [];
      let open = all.length;
      deltascope.onResponse((message) => {
        if (message.type === 'progress' || !(message.id - first in all)) return;
        answers[message.id - first] = message;
        open--;
        if (open === 0) resolve(answers);
      });
      for (const [at, call] of all.entries()) {
        deltascope.send({ type: 'call', id: first + at, ...call });
      }
    });
  }, calls);
}

test('the page has no rights beyond its bridge', async ({ application, window }) => {
  const found = await window.evaluate(() =>
    ['require', 'process', 'module', 'exports', 'global', 'Buffer', '__dirname'].filter(
      (name) => name in globalThis,
    ),
  );
  expect(found).toEqual([]);
  const rights = await application.evaluate(({ BrowserWindow }) => {
    // Electron's own words do not list this method, which tells what is in force.
    const contents = BrowserWindow.getAllWindows()[0]?.webContents as
      | { getLastWebPreferences(): Electron.WebPreferences }
      | undefined;
    const { sandbox, contextIsolation, nodeIntegration, webviewTag } =
      contents?.getLastWebPreferences() ?? {};
    return { sandbox, contextIsolation, nodeIntegration, webviewTag };
  });
  expect(rights).toEqual({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    webviewTag: false,
  });
  expect(await window.evaluate(() => Notification.requestPermission())).toBe('denied');
  const policy = await window.evaluate(async () => {
    const { headers } = await fetch('app://window/index.html');
    return headers.get('content-security-policy');
  });
  expect(policy?.split('; ')).toEqual(
    expect.arrayContaining(["default-src 'none'", "script-src 'self'", "connect-src 'self'"]),
  );
  expect(policy).not.toContain('unsafe-eval');
  expect(policy?.replace("style-src-attr 'unsafe-inline'", '')).not.toContain('unsafe-inline');
});

test('nothing outside is reached: no page, no file, no window', async ({
  application,
  home,
  watch,
  window,
}) => {
  await expect(home.heading).toBeVisible();
  for (const target of ['https://example.org/', 'http://127.0.0.1:9/', 'file:///etc/passwd']) {
    const refused = await application.evaluate(({ BrowserWindow }, url) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents;
      if (!contents) throw new Error('there is no window');
      const asked = new Promise<boolean>((resolve) => {
        contents.once('will-navigate', (event) => resolve(event.defaultPrevented));
      });
      const goes = `location.assign(${JSON.stringify(url)})`;
      // A page may not even ask for a file; for others the main process has the last word.
      const asks = contents.executeJavaScript(`void ${goes}; 0`).then(() => contents.getURL());
      return url.startsWith('file:') ? asks.then((now) => now.startsWith('app://window/')) : asked;
    }, target);
    expect(refused, target).toBe(true);
    const fetched = await window.evaluate((url) => fetch(url).then(() => 'came', String), target);
    expect(fetched, target).toMatch(/^TypeError/);
    const opened = await window.evaluate((url) => globalThis.open(url) === null, target);
    expect(opened, target).toBe(true);
  }
  expect(window.url()).toBe('app://window/index.html');
  expect(application.windows()).toHaveLength(1);
  expect(await window.evaluate(() => document.querySelector('h1')?.textContent)).toBe('Home');
  // Each refusal is told on the console or as a failed request; nothing else is.
  const told = watch.take();
  expect(told.length).toBeGreaterThan(0);
  for (const line of told) {
    expect(line).toMatch(/example\.org|127\.0\.0\.1|etc\/passwd|Content Security Policy/);
  }
});

test('calls that were not agreed on are refused by name', async ({ home, window }) => {
  await expect(home.heading).toBeVisible();
  const known = '0123456789abcdef';
  const wrong: readonly [string, unknown, RegExp][] = [
    ['files.read', { path: '/etc/passwd' }, /^No method “files\.read”\.$/],
    ['constructor', {}, /“constructor”/],
    ['__proto__', {}, /“__proto__”/],
    ['runs.describe', { run: '/etc' }, /“runs\.describe” was asked wrongly at run\./],
    ['runs.describe', { run: known, folder: '/' }, /was asked wrongly at folder\./],
    ['runs.list', null, /was asked wrongly/],
    ['settings.change', { theme: 'neon' }, /was asked wrongly at theme\./],
    [
      'examples.page',
      { run: known, split: 'test', filter: 'all', offset: -1, count: 1 },
      /was asked wrongly at offset\./,
    ],
  ];
  const answers = await ask(window, [
    ...wrong.map(([method, params]) => ({ method, params })),
    { method: 'runs.describe', params: { run: known } },
    { method: 'runs.list', params: {} },
  ]);
  for (const [at, [method, , sentence]] of wrong.entries()) {
    const answer = answers[at];
    if (answer?.type !== 'error') throw new Error(`${method} was answered`);
    expect(answer.error.code).toBe('request-invalid');
    expect(answer.error.message).toMatch(sentence);
  }
  const [unknown, right] = answers.slice(wrong.length);
  expect(unknown).toMatchObject({ type: 'error', error: { code: 'run-missing' } });
  expect(right).toMatchObject({ type: 'result', result: [] });
});

test('pictures are given of known runs only', async ({
  explain,
  open,
  recorded,
  watch,
  window,
}) => {
  await open(recorded.folder);
  await explain.shown();
  const picture = explain.prediction.getByRole('img').first();
  await expectLoaded(picture);
  const address = (await picture.getAttribute('src')) ?? '';
  const status = (url: string) =>
    window.evaluate(
      (src) =>
        new Promise((resolve) => {
          const image = new Image();
          image.onload = () => resolve('shown');
          image.onerror = () => resolve('refused');
          image.src = src;
        }),
      url,
    );
  const run = /^app:\/\/thumbnail\/([0-9a-f]{16})\//.exec(address)?.[1] ?? '';
  expect(await status(`app://thumbnail/${run}/train/5.png`)).toBe('shown');
  const refused = [
    `app://thumbnail/${run.replace(/./, (digit) => (digit === '0' ? '1' : '0'))}/train/5.png`,
    `app://thumbnail/${run}/train/60001.png`,
    `app://thumbnail/${run}/all/5.png`,
    'app://thumbnail/../train/5.png',
    'app://other/5.png',
  ];
  for (const url of refused) expect(await status(url), url).toBe('refused');
  expect(watch.take().length).toBeGreaterThanOrEqual(refused.length);
});
