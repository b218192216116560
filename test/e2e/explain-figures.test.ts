import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expectAccessible } from './support/application';
import { answerOpenDialog, answerSaveDialog } from './support/dialogs';
import { expect, test } from './support/test';
import { traffic } from './support/traffic';

test.beforeEach(async ({ open, explain, recorded }) => {
  await open(recorded.folder);
  await expect(explain.heading).toBeVisible();
  await explain.atRest();
});

test('a picture from outside is explained as the example that it is a picture of', async ({
  application,
  explain,
  place,
  window,
}) => {
  const index = await explain.shown();
  const before = await explain.probabilities();
  const residual = await explain.certificate.innerText();
  const file = join(place.root, 'dropped.png');
  const source = await explain.prediction.getByRole('img').first().getAttribute('src');
  expect(source).toMatch(new RegExp(`/${index}\\.png$`));
  // The page may not fetch its pictures; the test takes it from the session that serves them.
  const png = await application.evaluate(async ({ session }, address) => {
    const answer = await session.defaultSession.fetch(address);
    return Array.from(new Uint8Array(await answer.arrayBuffer()));
  }, source ?? '');
  await writeFile(file, Buffer.from(png));
  await answerOpenDialog(application, file);
  await window.getByRole('button', { name: 'Picture…' }).click();
  await explain.atRest();
  await expect(explain.prediction).toContainText('a picture from outside, without a label');
  expect(await explain.probabilities()).toEqual(before);
  expect(await explain.certificate.innerText()).toBe(residual);

  await test.step('what is no picture is refused, and the result stays', async () => {
    await writeFile(file, 'GIF89a, or so it says');
    await answerOpenDialog(application, file);
    await window.getByRole('button', { name: 'Picture…' }).click();
    await expect(window.getByRole('alert')).toContainText(
      'does not start like a PNG, JPEG or WebP',
    );
    expect(await explain.probabilities()).toEqual(before);
  });
});

test('a range restricts ridge and examples, and the trace is read once', async ({
  application,
  explain,
  window,
}) => {
  const sent = await traffic(application, 'explain.example');
  await window.getByLabel('To step').fill('9');
  await window.getByLabel('To step').press('Enter');
  await explain.atRest();
  await expect(explain.ridge).toContainText('steps 0 to 9 alone');
  await expect(explain.influence).toContainText('steps 0 to 9 alone');
  await expect(window.getByRole('region', { name: 'Influence by step' })).toContainText('9 steps');
  const rows = await explain.tableOf(explain.ridge);
  const steps = rows.reduce((sum, row) => sum + Number(row[3]), 0);
  expect(steps).toBe(9);
  expect((await sent()).asked).toEqual([]);
});

test('a figure is exported by keys as SVG, PNG and CSV', async ({
  application,
  explain,
  place,
  window,
}) => {
  const figure = explain.shares.getByRole('figure');
  const save = async (kind: string) => {
    const file = join(place.root, `shares.${kind.toLowerCase()}`);
    await answerSaveDialog(application, file);
    await window.getByRole('button', { name: `${kind}…` }).press('Enter');
    await expect(figure.getByText(`saved as shares.${kind.toLowerCase()}`)).toBeVisible();
    return file;
  };
  await figure.focus();
  await window.keyboard.press('Control+e');
  const svg = await readFile(await save('SVG'), 'utf8');
  expect(svg).toMatch(/<title id="title">Shares of logits<\/title>/);
  expect(svg).toContain('<desc id="desc">');
  expect(svg).toContain('n: 25 steps');
  expect(svg).toContain('run small-lenet');
  expect((await stat(await save('PNG'))).size).toBeGreaterThan(2000);
  const csv = await readFile(await save('CSV'), 'utf8');
  expect(csv).toContain('# n: 25 steps\n');
  const shares = csv.split('\n').filter((line) => /^[^#p]/.test(line));
  const sum = shares.reduce((total, line) => total + Number(line.split(',')[1]), 0);
  // Each number is written whole, so that only rounding in double precision is left.
  expect(sum).toBeCloseTo(1, 9);
});

test('two examples are compared, layers stand side by side, and axe finds nothing', async ({
  explain,
  window,
}) => {
  await window.getByText('all layers', { exact: true }).click();
  await expect(
    window.getByRole('figure', { name: 'Ridge plots through the layers' }),
  ).toBeVisible();
  await explain.influence
    .getByRole('button', { name: /^Training example/ })
    .first()
    .click();
  const steps = window.getByRole('table', { name: /^Steps of training example/ });
  await expect(steps.locator('tbody tr').first()).toBeVisible();
  await expectAccessible(window);
  await window.getByRole('button', { name: 'Compare', exact: true }).click();
  await explain.examples.nth(1).click();
  await explain.atRest();
  await expect(window.getByRole('region', { name: 'Training examples of both' })).toBeVisible();
  await expect(window.getByRole('figure', { name: /^Shares of logits, test example/ })).toHaveCount(
    2,
  );
  await expectAccessible(window);
});
