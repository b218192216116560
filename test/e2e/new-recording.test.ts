import { expect, test } from './support/test';

/** Long enough to be paused and stopped under way, short enough to be waited for. */
const recipe = {
  'Training examples': 600,
  'Test examples': 200,
  'Batch size': 64,
  'Ghost samples': 20,
  Epochs: 6,
  'Stop after': 60,
  'Learning rate': 0.05,
  Seed: 3,
} as const;

test('a recording is put together by pointer, with its cost before its start', async ({
  newRecording,
}) => {
  await newRecording.goTo();
  await newRecording.choice('Data set', 'MNIST').click();
  await expect(newRecording.radio('Data set', 'mnist')).toBeChecked();
  await newRecording.choice('Model', 'Multilayer perceptron').click();
  await expect(newRecording.radio('Model', 'mlp')).toBeChecked();
  await newRecording.choice('Recording mode', 'Single examples').click();
  await expect(newRecording.field('Batch size')).toBeHidden();
  await newRecording.choice('Recording mode', 'Class batches').click();
  await expect(newRecording.field('Batch size')).toBeVisible();
  await newRecording.choice('Model', 'LeNet').click();
  await newRecording.fill(recipe);
  const beyond = 'document.documentElement.scrollHeight - innerHeight';
  expect(await newRecording.page.evaluate(beyond), 'what the window scrolls by').toBe(0);

  await test.step('the cost is measured on trial steps', async () => {
    await expect(newRecording.costOf('Steps')).toHaveText('60');
    await expect(newRecording.cost).toContainText(/From \d+ trial steps/);
    await expect(newRecording.costOf('Disk')).toHaveText(/\d.*MB$/);
    await expect(newRecording.costOf('Time')).toHaveText(/\d+ (s|min)$/);
    await expect(newRecording.start).toBeEnabled();
  });

  await test.step('another choice has another cost', async () => {
    const disk = await newRecording.costOf('Disk').innerText();
    await newRecording.fill({ 'Stop after': 20 });
    await expect(newRecording.costOf('Steps')).toHaveText('20');
    await expect(newRecording.costOf('Disk')).not.toHaveText(disk);
  });

  await test.step('a wrong value is named at its field and nothing can be started', async () => {
    const wrong = [
      ['Learning rate', '-1', 'It must be a number above 0 and at most 1000.'],
      ['Training examples', '60001', 'At most 60\u00a0000.'],
      ['Epochs', '1.5', 'It must be a whole number from 1 to 1000000.'],
      ['Seed', '', 'A number is needed here.'],
    ] as const;
    for (const [label, value, message] of wrong) {
      const right = await newRecording.field(label).inputValue();
      await newRecording.fill({ [label]: value });
      await expect(newRecording.field(label)).toHaveAttribute('aria-invalid', 'true');
      await expect(newRecording.field(label)).toHaveAccessibleDescription(message);
      await expect(newRecording.start, `${label} ${value}`).toBeDisabled();
      await newRecording.fill({ [label]: right });
      await expect(newRecording.field(label)).toHaveAttribute('aria-invalid', 'false');
      await expect(newRecording.start).toBeEnabled();
    }
    await newRecording.fill({ 'Ghost samples': 64 });
    await expect(newRecording.start).toBeDisabled();
  });
});

test('a recording is watched, paused, resumed, stopped and continued', async ({
  home,
  newRecording,
  monitor,
}) => {
  await newRecording.goTo();
  await newRecording.fill({ ...recipe, 'Name of the run': 'watched' });
  await expect(newRecording.costOf('Steps')).toHaveText('60');
  await newRecording.start.click();

  await test.step('pausing stands still', async () => {
    await expect(monitor.heading).toBeVisible();
    await monitor.hasReached(2);
    await monitor.pause.click();
    await expect(monitor.state('paused')).toBeVisible();
    const { at, of } = await monitor.steps();
    expect(of).toBe(60);
    expect(at).toBeLessThan(60);
    expect(await monitor.stepsShownDuring(1500)).toEqual([at]);
    await expect(monitor.events).toContainText(`Paused at step ${at}`);
    await home.goTo();
    await expect(home.row('watched')).toContainText('recording');
    await home.row('watched').getByRole('button', { name: 'watched', exact: true }).click();
    await monitor.resume.click();
    await expect(monitor.events).toContainText(`Resumed at step ${at}.`);
    await monitor.hasReached(at + 1);
  });

  await test.step('it runs to its end', async () => {
    await expect(monitor.state('finished')).toBeVisible({ timeout: 60_000 });
    expect(await monitor.steps()).toEqual({ at: 60, of: 60 });
    await expect(monitor.number('Test accuracy')).toHaveText(/^\d+\.\d\d\s%$/);
    await expect(monitor.number('Safe on disk')).toHaveText('60 steps');
    await expect(monitor.events).toContainText('Finished: 60 steps are saved.');
    for (const curve of ['Loss', 'Accuracy'] as const) {
      await expect(monitor.curve(curve)).toHaveAccessibleDescription(
        /over 60 steps\. Last: [\d.]+/,
      );
    }
    await expect(monitor.explain).toBeEnabled();
  });

  await test.step('another one is stopped and kept', async () => {
    await newRecording.goTo();
    await newRecording.field('Name of the run').fill('stopped');
    await expect(newRecording.start).toBeEnabled();
    await newRecording.start.click();
    await expect(monitor.heading).toBeVisible();
    await monitor.hasReached(2);
    await monitor.stopAndKeep.click();
    await expect(monitor.state(/interrupted at step \d+/)).toBeVisible();
    const { at, of } = await monitor.steps();
    expect(of).toBe(60);
    expect(at).toBeGreaterThanOrEqual(2);
    expect(at).toBeLessThan(60);
    await home.goTo();
    await expect(home.row('watched')).toContainText('finished');
    await expect(home.row('stopped')).toContainText(`interrupted at step ${at}`);
  });

  await test.step('it is continued to its end', async () => {
    await home.row('stopped').getByRole('button', { name: 'stopped', exact: true }).click();
    await expect(monitor.heading).toBeVisible();
    await monitor.continue.click();
    await expect(monitor.state('finished')).toBeVisible({ timeout: 60_000 });
    await expect(monitor.number('Safe on disk')).toHaveText('60 steps');
    await expect(monitor.curve('Loss')).toHaveAccessibleDescription(/over 60 steps/);
    await home.goTo();
    await expect(home.row('stopped')).toContainText('finished');
  });
});
