import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { type RunningApplication, startApplication } from './support/application';

/** What the closing dialog's buttons answer, in their order. */
const answers = { background: 0, pause: 1, stay: 2 } as const;

let home: string | undefined;

test.afterAll(async () => {
  if (home) await rm(home, { recursive: true, force: true });
});

/** Starts a small recording and waits for its first steps. */
async function record({ page }: RunningApplication, name: string, epochs: number): Promise<void> {
  await page.getByRole('button', { name: 'New recording' }).first().click();
  await page.getByLabel('Training examples').fill('1000');
  await page.getByLabel('Test examples').fill('100');
  await page.getByLabel('Epochs').fill(String(epochs));
  await page.getByLabel('Name of the run').fill(name);
  const start = page.getByRole('button', { name: 'Start recording' });
  await expect(start).toBeEnabled({ timeout: 60_000 });
  await start.click();
  await expect(page.getByText('Recording started.')).toBeVisible({ timeout: 60_000 });
}

/** Closes the window as the desktop would, and answers the dialog. */
async function close({ app }: RunningApplication, answer: keyof typeof answers): Promise<void> {
  await app.evaluate(({ BrowserWindow, dialog }, response) => {
    dialog.showMessageBox = () => Promise.resolve({ response, checkboxChecked: false });
    BrowserWindow.getAllWindows()[0]?.close();
  }, answers[answer]);
}

test('closing while recording asks, and pausing saves what is there', async () => {
  const running = await startApplication();
  home = running.home;
  await record(running, 'paused', 1000);
  await close(running, 'stay');
  await expect(running.page.getByRole('button', { name: 'Pause' })).toBeVisible();
  const ended = running.app.waitForEvent('close', { timeout: 60_000 });
  await close(running, 'pause');
  await ended;

  const again = await startApplication(home);
  await expect(again.page.getByText(/interrupted at step \d+/)).toBeVisible({ timeout: 60_000 });
  await again.app.close();
});

test('in the background a recording goes on to its end', async () => {
  const running = await startApplication(home);
  await record(running, 'background', 1);
  const ended = running.app.waitForEvent('close', { timeout: 120_000 });
  await close(running, 'background');
  await ended;

  const again = await startApplication(home);
  await again.page.getByRole('button', { name: /^Home/ }).click();
  const row = again.page.getByRole('row').filter({ hasText: 'background' });
  await expect(row.getByText('finished')).toBeVisible({ timeout: 60_000 });
  await row.getByRole('button', { name: 'background', exact: true }).click();
  await expect(again.page.getByRole('heading', { level: 1, name: 'Explain' })).toBeVisible();
  // What is open is kept within a second.
  await again.page.waitForTimeout(1200);
  await again.app.close();

  const folder = running.home;
  await rename(join(folder, 'runs', 'background'), join(folder, 'elsewhere'));
  const without = await startApplication(home);
  await expect(without.page.getByRole('alert')).toContainText(
    /“background”, which was open last, can’t be opened.+does not exist/s,
    { timeout: 60_000 },
  );
  await expect(without.page.getByRole('heading', { level: 1, name: 'Home' })).toBeVisible();
  await without.app.close();
});
