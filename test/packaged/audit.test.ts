import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { Explain } from '../e2e/support/explain';
import { Monitor } from '../e2e/support/monitor';
import { NewRecording } from '../e2e/support/new-recording';
import { flat, pagesOf } from '../e2e/support/pdf';
import { Report } from '../e2e/support/report';
import { makeWorkplace, removeWorkplace, type Workplace } from '../e2e/support/workplace';
import { execute, unpackPackage } from './installed';
import { type PackagedApplication, startPackaged } from './packaged-application';

/** From an empty list to a PDF with the packed application, by its window and its real dialogs. */
test.describe.configure({ mode: 'serial' });

let root: string;
let place: Workplace;
let running: PackagedApplication;

test.beforeAll(async () => {
  place = await makeWorkplace();
  // A user of the package has run no set-up.
  await rm(join(place.root, 'cache'), { recursive: true });
  root = await unpackPackage();
  running = await startPackaged(join(root, 'opt/Deltascope/deltascope'), place.env);
});

test.afterAll(async () => {
  running.child.kill('SIGKILL');
  await removeWorkplace(place);
  await rm(root, { recursive: true, force: true });
});

test('it starts with its own engine and says nothing of set-up', async () => {
  const { window } = running;
  expect(window.url()).toBe('app://window/index.html');
  await expect(window.getByText(/TensorFlow.* on the [CG]PU/).first()).toBeVisible();
  await expect(window.getByText(/npm |LACK|fallback/)).toHaveCount(0);
});

test('it offers no developer tools', async () => {
  const { window, browser } = running;
  for (const keys of ['Control+Shift+I', 'F12']) await window.keyboard.press(keys);
  const session = await browser.newBrowserCDPSession();
  const { targetInfos } = await session.send('Target.getTargets');
  expect(targetInfos.filter(({ url }) => url.startsWith('devtools:'))).toEqual([]);
  expect(targetInfos.filter(({ type }) => type === 'page')).toHaveLength(1);
});

test('a recording is made, explained and printed', async () => {
  const { window } = running;
  const recording = new NewRecording(window);
  await recording.goTo();
  await recording.fill({ 'Training examples': 600, 'Test examples': 200, Epochs: 1 });
  await recording.fill({ 'Name of the run': 'packed' });
  await expect(recording.start).toBeEnabled({ timeout: 60_000 });
  await recording.start.click();
  const monitor = new Monitor(window);
  await expect(monitor.explain).toBeVisible({ timeout: 120_000 });
  await monitor.explain.click();
  const explain = new Explain(window);
  await expect(explain.certificate).toBeVisible({ timeout: 60_000 });
  const index = await explain.shown();

  await window.getByRole('main').getByRole('button', { name: 'Report', exact: true }).click();
  const report = new Report(window);
  await expect(report.paper).toContainText('2 Summary and findings', { timeout: 60_000 });
  await report.export.click();
  await acceptDialog('Export the report');
  const name = `packed-test-${index}.pdf`;
  await expect(window.getByText(`saved as ${name}`)).toBeVisible({ timeout: 60_000 });
  const pages = await pagesOf(join(place.env.HOME ?? '', name));
  const text = flat(pages.join('\n'));
  expect(text).toContain(`test example ${index}`);
  expect(text).toMatch(/[0-9a-f]{64}/);
  expect(text).toContain(`page ${pages.length} of ${pages.length}`);
});

test('it ends with its window', async () => {
  expect(await running.end()).toBe(0);
  expect(running.words()).not.toMatch(/^deltascope:|[Uu]nhandled|[Uu]ncaught/m);
});

/** Accepts what the desktop's own dialog suggests, as Return does. */
async function acceptDialog(title: string): Promise<void> {
  await execute('xdotool', ['search', '--sync', '--onlyvisible', '--name', `^${title}$`], {
    timeout: 30_000,
  });
  await execute('xdotool', ['key', 'Return']);
}
