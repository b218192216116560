import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { atRest, keepView, startWatched } from './support/application';
import { pagesOf } from './support/pdf';

/** From an empty list to a PDF, over a real recording of real MNIST. */
test.describe.configure({ mode: 'serial' });

let running: Awaited<ReturnType<typeof startWatched>>;

test.beforeAll(async () => {
  running = await startWatched();
});

test.afterAll(async () => {
  await running.close();
});

test('an empty start offers the ways in', async () => {
  const { page } = running;
  await expect(page.getByText('Why did the model learn to say this?')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Run the sample audit' })).toBeEnabled();
  await expect(page.getByText('TensorFlow', { exact: false }).first()).toBeVisible();
  await keepView(running, 'home-empty');
});

test('the cost is measured before a recording may start', async () => {
  const { page } = running;
  await page.getByRole('button', { name: 'New recording' }).first().click();
  const start = page.getByRole('button', { name: 'Start recording' });
  await page.getByLabel('Training examples').fill('2000');
  await page.getByLabel('Test examples').fill('400');
  await page.getByLabel('Epochs').fill('2');
  await expect(start).toBeDisabled();
  await expect(start).toBeEnabled({ timeout: 60_000 });
  await expect(page.getByText(/of .* free/)).toBeVisible();
  await page.getByLabel('Epochs').fill('1000000');
  await expect(page.getByText('Too little disk space', { exact: false })).toBeVisible({
    timeout: 60_000,
  });
  await expect(start).toBeDisabled();
  await page.getByLabel('Epochs').fill('2');
  await page.getByLabel('Name of the run').fill('first audit');
  await expect(start).toBeEnabled({ timeout: 60_000 });
  await keepView(running, 'new-recording');
});

test('a recording is watched, paused, stopped and continued', async () => {
  const { page } = running;
  await page.getByRole('button', { name: 'Start recording' }).click();
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByRole('button', { name: 'Resume' })).toBeVisible();
  await expect(page.getByText('Paused at step', { exact: false })).toBeVisible();
  await keepView(running, 'monitor-paused');
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByText('Resumed at step', { exact: false })).toBeVisible();
  await page.getByRole('button', { name: 'Stop and keep' }).click();
  await page.getByRole('button', { name: 'Resume recording' }).click({ timeout: 60_000 });
  const explain = page.getByRole('main').getByRole('button', { name: 'Explain' });
  await expect(explain).toBeVisible({ timeout: 180_000 });
  await expect(page.getByText('finished', { exact: true })).toBeVisible();
  await keepView(running, 'monitor');
});

test('a misclassified image is explained, completely', async () => {
  const { page } = running;
  await page.getByRole('main').getByRole('button', { name: 'Explain' }).click();
  await expect(page.getByText('Ridge plot', { exact: true })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText('misclassified', { exact: true })).toBeVisible();
  await expect(page.getByText(/(?<!not )complete: residual/)).toBeVisible();
  for (const layer of ['conv1', 'conv2', 'fc1', 'logits']) {
    await page.getByRole('tab', { name: new RegExp(`^${layer} `) }).click();
    await expect(page.getByText(`Shares of ${layer}`, { exact: true })).toBeVisible();
    await expect(page.getByText(/(?<!not )complete: residual/)).toBeVisible();
  }
  const pictures = page.getByRole('img', { name: /^Training example \d+/ });
  await expect(pictures).toHaveCount(16);
  const drawn = await pictures.evaluateAll((images) =>
    images.every((image) => (image as unknown as { naturalWidth: number }).naturalWidth === 28),
  );
  expect(drawn).toBe(true);
  await keepView(running, 'explain');
});

test('the keyboard goes through examples, layers and tables', async () => {
  const { page } = running;
  const title = page.getByText(/^test example \d+$/);
  const before = await title.textContent();
  await page.keyboard.press(']');
  await expect(title).not.toHaveText(before ?? '');
  await atRest(page);
  await page.keyboard.press('[');
  await expect(title).toHaveText(before ?? '');
  await atRest(page);
  await page.getByRole('figure', { name: 'Shares of logits' }).focus();
  await page.keyboard.press('t');
  await expect(page.getByRole('cell', { name: 'Initialization' })).toBeVisible();
  await page.keyboard.press('t');
  await page.locator('[data-place="0"]').focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('[data-place="1"]')).toBeFocused();
});

test('other questions are answered from the same trace', async () => {
  const { page } = running;
  await page.getByText('Learned part').click();
  await atRest(page);
  await expect(page.getByText(/(?<!not )complete: residual/)).toBeVisible();
  await page.getByText('A over B').click();
  await expect(page.getByText('rather than', { exact: true })).toBeVisible();
  await atRest(page);
  await expect(page.getByText(/(?<!not )complete: residual/)).toBeVisible();
  await page.getByText('Representation', { exact: true }).click();
  await atRest(page);
});

test('the PDF says what the window says', async () => {
  const { app, page, home } = running;
  const file = join(home, 'report.pdf');
  await app.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath });
  }, file);
  const seen = await page.getByRole('main').innerText();
  const indices = await page
    .getByRole('img', { name: /^Training example \d+/ })
    .evaluateAll((images) =>
      images.map((image) => /\d+/.exec(image.getAttribute('alt') ?? '')?.[0]),
    );
  await page.getByRole('main').getByRole('button', { name: 'Report', exact: true }).click();
  await expect(page.getByRole('heading', { name: '2 Summary' })).toBeAttached({ timeout: 60_000 });
  await keepView(running, 'report');
  await page.getByRole('button', { name: 'Export PDF' }).click();
  await expect(page.getByText('saved as report.pdf')).toBeVisible({ timeout: 60_000 });

  const pages = await pagesOf(file);
  const text = pages.join('\n');
  const example = /test example (\d+)/.exec(seen)?.[1];
  expect(text).toContain(`test example ${example}`);
  for (const index of indices) expect(text).toMatch(new RegExp(`\\b${index}\\b`));
  const probability = /(\d+\.\d)\u00a0%/.exec(seen)?.[1];
  // Which kind of space stands before the sign is the typesetter's affair.
  expect(text.replace(/\s/g, '')).toContain(`${probability}%`);
  for (const layer of ['conv1', 'conv2', 'fc1', 'logits']) expect(text).toContain(layer);
  expect(text).toContain('What the method does not claim');
  expect(text).toMatch(/[0-9a-f]{64}/);
  pages.forEach((each, at) => {
    expect(each).toContain(`page ${at + 1} of ${pages.length}`);
  });
  const bytes = await readFile(file, 'latin1');
  expect(bytes).toContain('/StructTreeRoot');
  expect(bytes).toContain('/Outlines');
});

test('Home lists the run, and nothing complained', async () => {
  const { page, complaints } = running;
  await page.getByRole('navigation').getByRole('button', { name: 'Home' }).click();
  await expect(page.getByRole('button', { name: 'first-audit', exact: true })).toBeVisible();
  await expect(page.getByRole('cell', { name: 'finished' })).toBeVisible();
  await keepView(running, 'home');
  expect(complaints).toEqual([]);
});

test('all that time not one packet left the machine', async () => {
  const { app, sent } = running;
  expect(await sent()).toEqual([]);
  // One that does leave it, to an address kept for examples, is seen.
  await app.evaluate(async () => {
    const { createSocket } = process.getBuiltinModule('node:dgram');
    const socket = createSocket('udp4');
    await new Promise((resolve) => socket.send('packet', 9, '198.51.100.1', resolve));
    socket.close();
  });
  await expect.poll(sent).toHaveLength(1);
  expect((await sent())[0]).toContain('198.51.100.1');
});
