import { type ChildProcess, spawn } from 'node:child_process';
import { type Browser, chromium, expect, type Page } from '@playwright/test';

/** The packed application, as its user starts it. */
export interface PackagedApplication {
  readonly child: ChildProcess;
  readonly browser: Browser;
  readonly window: Page;
  /** What it has written to standard error so far. */
  readonly words: () => string;
  /** Asks it to end, as the desktop does; gives its exit code. */
  readonly end: () => Promise<number | null>;
}

/**
 * Starts the packed application. Its fuses refuse the switches by which other tests reach into the
 * main process, so that here only the page is reached, through Chromium's own debugging port.
 */
export async function startPackaged(
  executable: string,
  env: Readonly<Record<string, string>>,
  switches: readonly string[] = [],
): Promise<PackagedApplication> {
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const args = [...sandbox, '--disable-gpu', '--remote-debugging-port=0', ...switches];
  const child = spawn(executable, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => {
    words += chunk.toString();
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const port = () => /DevTools listening on (ws:\S+)/.exec(words)?.[1];
  await expect.poll(port, { message: 'it listens', timeout: 30_000 }).toBeDefined();
  const browser = await chromium.connectOverCDP(port() ?? '');
  const [context] = browser.contexts();
  if (!context) throw new Error('the application has no page');
  const window = context.pages()[0] ?? (await context.waitForEvent('page'));
  await window.waitForLoadState('load');
  const end = async () => {
    await window.close();
    const code = await ended;
    await browser.close();
    return code;
  };
  return { child, browser, window, words: () => words, end };
}
