import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expectAccessible } from './support/application';
import { answerOpenDialog } from './support/dialogs';
import { expect, test } from './support/test';

const fixtures = join(import.meta.dirname, '../fixtures/imports');

test('a folder of pictures is previewed, imported, recorded and explained', async ({
  application,
  window,
  place,
  newRecording,
  monitor,
  explain,
  report,
}) => {
  test.slow();
  // The picture reader's libraries must not meet Electron's: each object mixed up is told there.
  let told = '';
  application.process().stderr?.on('data', (text) => {
    told += text;
  });
  const dialog = window.getByRole('dialog', { name: 'Import data' });
  const preview = dialog.getByRole('region', { name: 'Preview' });
  const button = (name: string | RegExp) => dialog.getByRole('button', { name, exact: true });
  const imported = join(place.env.XDG_DATA_HOME ?? '', 'deltascope/data');
  await newRecording.goTo();
  await window.getByRole('button', { name: 'Import data…' }).click();
  await dialog.getByLabel('Format').selectOption({ label: 'Folders of pictures' });

  await test.step('what can’t be imported is named, and can be mended there', async () => {
    await answerOpenDialog(application, join(fixtures, 'tree'));
    await button('Choose a folder…').click();
    await expect(dialog.getByRole('alert')).toContainText(
      'b/tall.png, byte 0: the picture is 8 × 4, but a/0.png is 4 × 4; give a size',
    );
    await expect(button('Import')).toBeDisabled();
    await dialog.getByLabel('Height', { exact: true }).fill('4');
    await dialog.getByLabel('Width', { exact: true }).fill('4');
    await dialog.getByLabel('Width', { exact: true }).press('Tab');
    await expect(preview).toContainText('9 training and 2 test examples; 4 × 4 × 1; 2 classes');
  });

  await test.step('the preview shows classes, counts, pictures and what is done', async () => {
    await dialog.getByLabel('Format').selectOption({ label: 'IDX files' });
    await expect(preview).toBeHidden();
    await dialog.getByLabel('Format').selectOption({ label: 'Folders of pictures' });
    await answerOpenDialog(application, join(fixtures, 'pictures'));
    await button('Choose a folder…').click();
    await expect(preview).toContainText('7 training and 2 test examples; 6 × 5 × 3; 2 classes');
    await expect(preview.getByRole('row', { name: 'cat 4 1' })).toBeVisible();
    await expect(preview.getByRole('img', { name: /class dog$/ })).toHaveCount(2);
    await expect(preview).toContainText('Pixels 0…255 are scaled to 0…1.');
    await expect(preview).toContainText('1 of 9 pictures: with an alpha channel, shown on white.');
    await expectAccessible(window);
  });

  await test.step('a name that is taken is refused, another one keeps it', async () => {
    await dialog.getByLabel('Name').fill('mnist');
    await button('Import').click();
    await expect(dialog.getByRole('alert')).toContainText("There is a data set 'mnist' already");
    await dialog.getByLabel('Name').fill('../pets');
    await expect(button('Import')).toBeDisabled();
    await dialog.getByLabel('Name').fill('pets');
    await button('Import').click();
    await expect(dialog).toBeHidden();
    await expect(newRecording.radio('Data set', 'pets')).toBeChecked();
    expect(await readdir(imported)).toEqual(['pets']);
    const { fingerprint } = JSON.parse(await readFile(join(imported, 'pets/data.json'), 'utf8'));
    expect(fingerprint).toMatch(/^[0-9a-f]{64}$/);
  });

  await test.step('it is recorded and explained with its class names and pictures', async () => {
    await newRecording.choice('Model', 'Multilayer perceptron').click();
    await newRecording.fill({ 'Batch size': 4, Epochs: 3 });
    await expect(newRecording.start).toBeEnabled();
    await newRecording.start.click();
    await expect(monitor.state('finished')).toBeVisible();
    await monitor.explain.click();
    await explain.filter.selectOption('all');
    await expect(explain.examples).toHaveCount(2);
    await expect(explain.examples.first()).toHaveAccessibleName(/^(cat|dog)/);
    await explain.examples.first().click();
    await explain.shows(await explain.indexOf(explain.examples.first()));
    // Where it stood, and where those stood that made it what it is.
    await expect(
      explain.prediction.getByText(/^test\/(cat|dog)\/.+\.(png|jpe?g|webp)$/),
    ).toBeVisible();
    await expect(explain.influence.getByText(/^train\/(cat|dog)\//).first()).toBeVisible();
    await report.goTo();
    await expect(window.getByText(/In the imported data: test\/(cat|dog)\//)).toBeVisible();
    await expect(window.getByText(/^train\/(cat|dog)\//).first()).toBeVisible();
  });
  expect(told).not.toMatch(/GLib-GObject/);
});

test('the rows of an imported table are shown by their columns, in explanation and report', async ({
  application,
  window,
  newRecording,
  monitor,
  explain,
  report,
}) => {
  const dialog = window.getByRole('dialog', { name: 'Import data' });
  await newRecording.goTo();
  await window.getByRole('button', { name: 'Import data…' }).click();
  await dialog.getByLabel('Format').selectOption({ label: 'CSV table' });
  await answerOpenDialog(application, join(fixtures, 'tables/people.csv'));
  await dialog.getByRole('button', { name: 'Choose a file…' }).click();
  await expect(dialog.getByRole('row', { name: /^high 27 55571\.3 / })).toBeVisible();
  await dialog.getByRole('button', { name: 'Import', exact: true }).click();
  await newRecording.choice('Model', 'Multilayer perceptron').click();
  await newRecording.fill({ 'Batch size': 4, Epochs: 2 });
  await newRecording.start.click();
  await expect(monitor.state('finished')).toBeVisible();
  await monitor.explain.click();
  await explain.filter.selectOption('all');
  await expect(explain.examples).toHaveCount(8);
  await explain.examples.nth(1).click();
  await expect(explain.prediction.getByText('income', { exact: true })).toBeVisible();
  await expect(explain.influence.getByText('city', { exact: true }).first()).toBeVisible();
  await expect(explain.influence.getByText(/^row \d+$/).first()).toBeVisible();
  await report.goTo();
  await expect(window.getByText('income', { exact: true }).first()).toBeVisible();
  await expect(window.getByText(/^row \d+$/).first()).toBeVisible();
});
