import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { _electron, type ElectronApplication, expect, type Page } from '@playwright/test';
import { applicationArguments, electronPath } from '../../setup/electron';
import { type WatchedProgram, watchPackets } from './packets';
import { pictures } from './paths';

/** The real application over folders of its own, and what its window complained about. */
export interface RunningApplication {
  readonly app: ElectronApplication;
  readonly page: Page;
  readonly home: string;
  /** Console errors and uncaught exceptions so far. */
  readonly complaints: string[];
  readonly close: () => Promise<void>;
}

/** Starts the application in a folder of its own, or again in one where it has been before. */
export async function startApplication(before?: string): Promise<RunningApplication> {
  const home = before ?? (await mkdtemp(join(tmpdir(), 'deltascope-e2e-')));
  return start(electronPath(), home);
}

/** The same, with every packet seen that it sends. */
export async function startWatched(): Promise<
  RunningApplication & { sent: WatchedProgram['sent'] }
> {
  const home = await mkdtemp(join(tmpdir(), 'deltascope-e2e-'));
  const { path, sent } = await watchPackets(electronPath(), home);
  return { ...(await start(path, home)), sent };
}

async function start(executablePath: string, home: string): Promise<RunningApplication> {
  const app = await _electron.launch({
    executablePath,
    args: [...applicationArguments(), '--runs', join(home, 'runs')],
    // The window's theme is the application's own affair.
    colorScheme: null,
    env: { ...process.env, XDG_CONFIG_HOME: join(home, 'config'), TF_CPP_MIN_LOG_LEVEL: '2' },
  });
  const page = await app.firstWindow();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  const close = async () => {
    await app.close();
    await rm(home, { recursive: true, force: true });
  };
  return { app, page, home, complaints, close };
}

/** Waits until the window has no open question. */
export async function atRest(page: Page): Promise<void> {
  for (let quiet = 0; quiet < 4; ) {
    await page.waitForTimeout(100);
    const busy = await page.evaluate('document.body.getAttribute("aria-busy")');
    quiet = busy === 'true' ? 0 : quiet + 1;
  }
}

/** Fails where axe finds something to complain about. */
export async function expectAccessible(page: Page): Promise<void> {
  // Legacy mode: a new window, which the other mode opens, is denied here.
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode(true)
    // New in WCAG 2.2, and left out unless asked for.
    .options({ rules: { 'target-size': { enabled: true } } })
    .analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
}

/** Keeps a picture of a view in light and dark, and holds both to the accessibility rules. */
export async function keepView({ app, page }: RunningApplication, name: string): Promise<void> {
  await mkdir(pictures, { recursive: true });
  for (const theme of ['light', 'dark'] as const) {
    await app.evaluate(({ nativeTheme }, choice) => {
      nativeTheme.themeSource = choice;
    }, theme);
    await atRest(page);
    await page.screenshot({ path: join(pictures, `${name}-${theme}.png`) });
    await expectAccessible(page);
  }
}
