import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { appSchemas } from '../../src-main/app/param-schemas';
import { ask } from './support/ask';
import { answerOpenDialog } from './support/dialogs';
import { expectLoaded } from './support/explain';
import { checkout } from './support/paths';
import { expect, test } from './support/test';

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
});

test('everything is served under one policy, word for word', async ({ watch, window }) => {
  const headers = (path: string) =>
    window.evaluate(async (address) => {
      const answer = await fetch(address);
      return { status: answer.status, ...Object.fromEntries(answer.headers) };
    }, `app://window${path}`);
  const policy = [
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'",
    "img-src 'self' app://thumbnail; font-src 'self'; connect-src 'self'; base-uri 'none'",
    "form-action 'none'; frame-ancestors 'none'",
  ].join('; ');
  const script = await window.evaluate(() => {
    const src = document.querySelector<HTMLScriptElement>('script[src]')?.src ?? '';
    return new URL(src).pathname;
  });
  const served: readonly [string, number, string][] = [
    ['/index.html', 200, 'text/html; charset=utf-8'],
    ['/report.html', 200, 'text/html; charset=utf-8'],
    [script, 200, 'text/javascript; charset=utf-8'],
    ['/none', 404, 'text/plain;charset=UTF-8'],
  ];
  for (const [path, status, type] of served) {
    expect(await headers(path), path).toEqual({
      status,
      'content-type': type,
      'content-security-policy': policy,
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
  }
  for (const line of watch.take()) expect(line).toMatch(/404/);
});

test('no file beside those of the window is served, however it is asked for', async ({
  application,
  watch,
  window,
}) => {
  await readFile(join(checkout, 'out/main/main.js'));
  const outside = [
    '/main/main.js',
    '/../main/main.js',
    '/..%2fmain/main.js',
    '/%2e%2e/main/main.js',
  ];
  outside.push('//main/main.js', '/assets/../../main/main.js', '/..%5c..%5cpackage.json');
  outside.push('/', '/assets', '/assets/', '/index.html/', '/index.html%00.png', '/INDEX.HTML');
  outside.push(
    '/constructor',
    '/__proto__',
    `/${encodeURIComponent('/etc/passwd')}`,
    '/etc/passwd',
  );
  const ask = (path: string) =>
    window.evaluate((url) => fetch(url).then(({ status }) => status), `app://window${path}`);
  for (const path of outside) expect(await ask(path), path).toBe(404);
  // The same from the main process, where no page's rules come before the protocol's.
  const direct = await application.evaluate(
    ({ net }, paths) =>
      Promise.all(paths.map((path) => net.fetch(`app://window${path}`).then((a) => a.status))),
    [...outside, '/index.html'],
  );
  expect(direct).toEqual([...outside.map(() => 404), 200]);
  expect(watch.take()).toHaveLength(2 * outside.length);
});

test('what needs a permission is denied, and nothing is embedded or downloaded', async ({
  application,
  watch,
  window,
}) => {
  const denied = await window.evaluate(async () => {
    const state = (name: string) =>
      navigator.permissions.query({ name: name as PermissionName }).then(
        (status) => status.state,
        () => 'denied',
      );
    const names = ['geolocation', 'notifications', 'camera', 'microphone', 'midi'];
    names.push('clipboard-read', 'persistent-storage', 'idle-detection', 'local-fonts');
    const states = await Promise.all(names.map(state));
    const refusal = (attempt: () => Promise<unknown>) =>
      attempt().then(
        () => 'granted',
        ({ name }: Error) => name,
      );
    return {
      states: [...new Set(states)],
      notification: await Notification.requestPermission(),
      camera: await refusal(() => navigator.mediaDevices.getUserMedia({ video: true })),
      screen: await refusal(() => navigator.mediaDevices.getDisplayMedia()),
      clipboard: await refusal(() => navigator.clipboard.readText()),
    };
  });
  expect(denied).toEqual({
    states: ['denied'],
    notification: 'denied',
    camera: expect.not.stringMatching('granted'),
    screen: expect.not.stringMatching('granted'),
    clipboard: 'NotAllowedError',
  });
  const before = await application.evaluate(
    ({ webContents }) => webContents.getAllWebContents().length,
  );
  await application.evaluate(({ session }) => {
    const record = globalThis as unknown as { downloads: string[] };
    record.downloads = [];
    session.defaultSession.on('will-download', (event, item) => {
      record.downloads.push(`${item.getFilename()} prevented: ${event.defaultPrevented}`);
    });
  });
  await window.evaluate(async () => {
    for (const name of ['webview', 'iframe', 'object', 'embed']) {
      const element = document.createElement(name);
      for (const attribute of ['src', 'data'])
        element.setAttribute(attribute, 'app://window/index.html');
      document.body.append(element);
    }
    const link = document.createElement('a');
    link.href = 'app://window/index.html';
    link.download = 'index.html';
    link.click();
    await new Promise((resolve) => setTimeout(resolve, 500));
  });
  expect(
    await application.evaluate(({ webContents }) => webContents.getAllWebContents().length),
  ).toBe(before);
  const embedded = window.frames().slice(1);
  expect(embedded.map((frame) => frame.url())).toEqual(['chrome-error://chromewebdata/']);
  const downloads = await application.evaluate(
    () => (globalThis as unknown as { downloads: string[] }).downloads,
  );
  expect(downloads).toEqual(['index.html prevented: true']);
  for (const line of watch.take()) expect(line).toMatch(/Content Security Policy|webview/);
});

test('every method refuses what it does not take', async ({ home, window }) => {
  await expect(home.heading).toBeVisible();
  const methods = Object.keys(appSchemas);
  const calls = methods.flatMap((method) =>
    [null, 'text', { surplus: 1 }].map((params) => ({ method, params })),
  );
  const answers = await ask(window, calls);
  for (const [at, { method, params }] of calls.entries()) {
    const what = `${method} with ${JSON.stringify(params)}`;
    expect(answers[at], what).toMatchObject({ type: 'error', error: { code: 'request-invalid' } });
  }
});

test('a window that was not let in is not answered', async ({ application, home, window }) => {
  await expect(home.heading).toBeVisible();
  const stranger = application.waitForEvent('window');
  await application.evaluate(
    async ({ BrowserWindow }, preload) => {
      const other = new BrowserWindow({ show: false, webPreferences: { preload, sandbox: true } });
      await other.loadURL('app://window/index.html');
    },
    join(checkout, 'out/preload/preload.cjs'),
  );
  const page = await stranger;
  const call = [{ method: 'runs.list', params: {} }];
  const silence = new Promise((resolve) => setTimeout(resolve, 1000, 'silence'));
  expect(await Promise.race([ask(page, call), silence])).toBe('silence');
  expect(await ask(window, call)).toMatchObject([{ type: 'result' }]);
  await page.close();
});

test('what dialogs gave is told without its path', async ({ application, home, place, window }) => {
  await expect(home.heading).toBeVisible();
  await answerOpenDialog(application, place.root);
  const [chosen] = await ask(window, [{ method: 'import.choose', params: { kind: 'images' } }]);
  expect(chosen).toMatchObject({
    type: 'result',
    result: { source: expect.stringMatching(/^[0-9a-f]{16}$/), name: basename(place.root) },
  });
  expect(JSON.stringify(chosen)).not.toContain(dirname(place.root));
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
      {
        run: known,
        split: 'test',
        filter: 'all',
        label: null,
        predicted: null,
        offset: -1,
        count: 1,
      },
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
