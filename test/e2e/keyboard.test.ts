import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { answerOpenDialog, answerSaveDialog } from './support/dialogs';
import { press, tabTo, write } from './support/keyboard';
import { expect, test } from './support/test';

/** The tasks of an auditor without a mouse; the release is in `release.test.ts`. */

test('a recording is put together, started and watched by keyboard alone', async ({
  monitor,
  newRecording,
  window,
}) => {
  await expect(window.getByRole('heading', { level: 1 })).toBeVisible();
  await window.keyboard.press('Control+n');
  await expect(newRecording.heading).toBeVisible();
  await write(newRecording.field('Training examples'), '300');
  await write(newRecording.field('Test examples'), '50');
  await press(newRecording.radio('Model', 'lenet'), 'ArrowUp');
  await expect(newRecording.radio('Model', 'mlp')).toBeChecked();
  await write(newRecording.field('Epochs'), '1');
  await expect(newRecording.start).toBeEnabled({ timeout: 60_000 });
  await press(newRecording.start);
  await expect(monitor.heading).toBeVisible();
  await expect(monitor.state('finished')).toBeVisible({ timeout: 60_000 });
});

test('an input is explained, asked about, taken into a report and printed by keyboard alone', async ({
  application,
  explain,
  layers,
  place,
  recorded,
  report,
  window,
}) => {
  const { keyboard } = window;
  await expect(window.getByRole('heading', { level: 1 })).toBeVisible();
  await answerOpenDialog(application, recorded.folder);
  await keyboard.press('Control+o');
  await expect(explain.heading).toBeVisible();
  await explain.atRest();
  let index = await explain.shown();

  await test.step('1: why was this input classified so', async () => {
    await tabTo(explain.examples.first());
    await keyboard.press('ArrowDown');
    await expect(explain.examples.nth(2)).toBeFocused();
    await keyboard.press('Enter');
    await explain.shows(await explain.indexOf(explain.examples.nth(2)));
    index = await explain.shown();
    await press(window.getByRole('figure', { name: 'Shares of logits' }), 't');
    await expect(explain.shares.getByRole('cell', { name: 'Initialization' })).toBeVisible();
  });

  await test.step('2: which training examples count most, and by which steps', async () => {
    await press(explain.influence.getByRole('button', { name: /^Training example/ }).first());
    const steps = window.getByRole('table', { name: /^Steps of training example/ });
    await expect(steps.locator('tbody tr').first()).toBeVisible();
  });

  await test.step('3: why A rather than B', async () => {
    const targets = window.getByRole('radiogroup', { name: 'Target' });
    await press(targets.getByRole('radio', { name: 'Representation' }), 'ArrowLeft');
    await expect(targets.getByRole('radio', { name: 'A over B' })).toBeChecked();
    await explain.atRest();
    await tabTo(window.getByLabel('Rather than', { exact: true }));
    await expect(explain.prediction).toContainText('A − B');
  });

  await test.step('4: is it complete', async () => {
    await expect(explain.certificate).toHaveText(/^\s*complete: residual/);
  });

  await test.step('what was looked at is shown again at the next look', async () => {
    // Kept within a second.
    await window.waitForTimeout(1200);
    await window.reload();
    await expect(explain.heading).toBeVisible();
    await explain.shows(index);
    await expect(explain.prediction).toContainText('A − B');
  });

  await test.step('8: a report of it', async () => {
    await press(explain.addToReport);
    await keyboard.press('7');
    await expect(report.paper).toBeVisible({ timeout: 60_000 });
    await report.atRest();
    const file = join(place.root, 'by-keyboard.pdf');
    await answerSaveDialog(application, file);
    await press(report.export);
    await expect(report.saved('by-keyboard.pdf')).toBeVisible({ timeout: 60_000 });
    expect((await stat(file)).size).toBeGreaterThan(20_000);
    // The menu takes back what was added last.
    await keyboard.press('Control+z');
    await expect(report.page.getByRole('button', { name: 'Undo', exact: true })).toBeDisabled();
  });

  await test.step('6: a network without a layer', async () => {
    await keyboard.press('5');
    await expect(layers.map).toBeVisible({ timeout: 60_000 });
    for (const box of await layers.list.getByRole('checkbox').all()) {
      if (await box.isChecked()) await press(box, 'Space');
    }
    await press(layers.list.getByRole('checkbox', { name: 'Leave out fc1' }), 'Space');
    await press(layers.retrain);
    await press(layers.start);
    await expect(layers.sideBySide).toBeVisible({ timeout: 120_000 });
  });
});
