import { expectAccessible } from './support/application';
import { expect, test } from './support/test';

test('some layers are recorded, and the others are said not to be', async ({
  explain,
  layers,
  monitor,
  newRecording,
  window,
}) => {
  await newRecording.goTo();
  await newRecording.choice('Model', 'Multilayer perceptron').click();
  await newRecording.fill({
    ...{ 'Training examples': 300, 'Test examples': 60, 'Batch size': 30, Epochs: 2 },
    ...{ 'Learning rate': 0.05, 'Name of the run': 'two layers' },
  });

  await test.step('the cost follows the choice', async () => {
    await expect(newRecording.layer('fc1')).toBeChecked();
    await expect(newRecording.start).toBeEnabled({ timeout: 60_000 });
    const disk = await newRecording.costOf('Disk').innerText();
    await newRecording.layer('fc2').focus();
    await window.keyboard.press('Space');
    await expect(newRecording.layer('fc2')).not.toBeChecked();
    // What was measured of each layer is known before the next trial steps are done.
    await expect(newRecording.costOf('Disk')).not.toHaveText(disk, { timeout: 400 });
    await expect(newRecording.layers).toContainText('2 of 3');
  });

  await test.step('nothing can be recorded of no layer', async () => {
    await newRecording.layers.getByRole('button', { name: 'None' }).click();
    await expect(newRecording.layers.getByRole('alert')).toHaveText('Choose a layer or more.');
    await expect(newRecording.start).toBeDisabled();
    await newRecording.layer('fc1').click();
    await newRecording.layer('logits').click({ modifiers: ['Shift'] });
    await expect(newRecording.layers).toContainText('3 of 3');
    await newRecording.layer('fc2').click();
    await expectAccessible(window);
    await expect(newRecording.start).toBeEnabled({ timeout: 60_000 });
    await newRecording.start.click();
  });

  await test.step('monitor, Explain and Layers tell which were left out', async () => {
    await expect(monitor.state('finished')).toBeVisible({ timeout: 60_000 });
    await expect(window.getByRole('region', { name: 'Recipe' })).toContainText('fc1, logits');
    await monitor.explain.click();
    await explain.examples.first().click();
    await explain.atRest();
    await expect(explain.layer('fc2')).toHaveAttribute('aria-disabled', 'true');
    await expect(explain.layer('fc2')).toContainText('not recorded');
    await explain.chooseLayer('fc1');
    await window.keyboard.press('ArrowRight');
    await expect(explain.layer('logits')).toBeFocused();
    await expect(explain.layer('logits')).toHaveAttribute('aria-selected', 'true');
    await expectAccessible(window);
    await layers.goTo();
    await expect(layers.list).toBeVisible({ timeout: 60_000 });
    await expect(layers.list).not.toContainText('Not read yet.');
    const rows = await layers.rows(layers.list);
    expect(rows.map(([, name, , number, , , flag]) => [name, number === '–', flag])).toEqual([
      ['fc1', false, expect.anything()],
      ['fc2', true, 'not recorded'],
      ['logits', false, expect.anything()],
    ]);
    await expect(layers.map).toContainText('Hatched: not recorded.');
    await expectAccessible(window);
  });
});
