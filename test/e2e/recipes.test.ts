import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unitCaptions } from '../../src-shared/words';
import { explained } from './support/command-line';
import { answerOpenDialog, answerSaveDialog } from './support/dialogs';
import { expectShown } from './support/numbers';
import { expect, test } from './support/test';

test('mini-batches by Nesterov momentum and a cosine are recorded, and explained by credit', async ({
  application,
  explain,
  monitor,
  newRecording,
  place,
  report,
}) => {
  const { page } = newRecording;
  await newRecording.goTo();
  await newRecording.choice('Model', 'Multilayer perceptron').click();
  await newRecording.choice('Recording mode', 'Mini-batches').click();
  await newRecording.fill({
    'Training examples': 300,
    'Test examples': 60,
    'Batch size': 50,
    Epochs: 3,
    'Name of the run': 'nesterov',
  });
  await page.getByRole('button', { name: /^Optimizer/ }).click();
  await newRecording.field('Nesterov').check();
  await expect(newRecording.field('Nesterov')).toHaveAccessibleDescription(
    'optimizer.nesterov needs a momentum above 0 and a dampening of 0.',
  );
  await expect(newRecording.start).toBeDisabled();
  await newRecording.fill({ Momentum: 0.9 });
  await page.getByRole('button', { name: /^Schedule/ }).click();
  await newRecording.field('Course of the rate').selectOption('cosine');
  await newRecording.fill({ 'Warm-up': 3 });
  await expect(newRecording.costOf('Steps')).toHaveText('18');

  const file = join(place.root, 'recipe.json');
  await answerSaveDialog(application, file);
  await page.getByRole('button', { name: 'Save recipe as…' }).click();
  await expect(page.getByText('saved as recipe.json')).toBeVisible();
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({
    recording: 'mini-batches',
    perExample: true,
    optimizer: { name: 'sgd', momentum: 0.9, nesterov: true },
    schedule: { kind: 'cosine', warmUpSteps: 3 },
  });

  await expect(newRecording.start).toBeEnabled({ timeout: 60_000 });
  await newRecording.start.click();
  await expect(monitor.state('finished')).toBeVisible({ timeout: 60_000 });
  await monitor.explain.click();
  const index = await explain.shown();

  const units = page.getByRole('radiogroup', { name: 'Unit' });
  await units.getByText('Credit', { exact: true }).click();
  await explain.atRest();
  const run = join(place.runs, 'nesterov');
  const answer = await explained(run, index, place, 'representation', 'credit');
  const output = answer.layers.at(-1);
  if (!output) throw new Error('no layer was explained');
  expect(output.exampleSplit).toBe('exact');
  const tiles = await explain.influences('Supporting');
  const supporting = output.examples.filter(({ gamma }) => gamma > 0);
  expect(tiles.map((tile) => tile.index)).toEqual(supporting.map((each) => each.index));
  for (const [at, { gamma }] of supporting.entries()) {
    expectShown(tiles[at]?.gamma ?? '', gamma, `γ of ${at}`);
  }
  await page.getByText('By epoch', { exact: true }).click();
  const epochs = await explain.rowsOf(page.getByRole('table', { name: /^Influence by epoch/ }));
  expect(epochs).toHaveLength(3);
  for (const [at, epoch] of output.timeline.entries()) {
    expectShown(epochs[at]?.[3] ?? '', epoch.gammaSum, `Σγ of epoch ${at + 1}`);
    expectShown(epochs[at]?.[4] ?? '', epoch.share, `share of epoch ${at + 1}`);
  }

  await report.goTo();
  await expect(report.paper).toContainText(`Unit: Credit. ${unitCaptions.credit}`);
});

test('a recipe from a file, and how far it was looked through, is found again', async ({
  application,
  home,
  newRecording,
  place,
  window,
}) => {
  const file = join(place.root, 'own.json');
  const layers = [
    { type: 'Input', name: 'input', shape: [28, 28, 1] },
    { type: 'Flatten', name: 'flat' },
    { type: 'Dense', name: 'only', units: 10 },
  ];
  const own = { model: { layers }, normalize: { mean: [0.1], std: [0.3] } };
  await writeFile(file, JSON.stringify({ data: 'mnist', limit: { train: 100 }, ...own }));
  await answerOpenDialog(application, file);
  await newRecording.goTo();
  await window.getByRole('button', { name: 'Load recipe…' }).click();
  const kept = window.getByText('From the recipe’s file: normalize.');
  await kept.scrollIntoViewIfNeeded();
  await home.goTo();
  await newRecording.goTo();
  await expect(kept).toBeInViewport();
  // What is chosen is kept within a second.
  await window.waitForTimeout(1200);
  await window.reload();
  await expect(kept).toBeVisible();
  await expect(newRecording.layer('only')).toBeChecked();
});

test('Adam takes away what a stored update has no part of', async ({ newRecording }) => {
  await newRecording.goTo();
  await newRecording.field('A step’s γ over its examples').selectOption('exact');
  await newRecording.page.getByRole('button', { name: /^Optimizer/ }).click();
  await newRecording.page.getByRole('button', { name: /^Storage/ }).click();
  await newRecording.field('Optimizer').selectOption('adam');
  await expect(newRecording.field('A step’s γ over its examples')).toBeDisabled();
  await expect(newRecording.field('A step’s γ over its examples')).toHaveValue('equal');
  await expect(newRecording.field('Gradient of ghost samples')).toBeDisabled();
  await expect(newRecording.field('Gradient of ghost samples')).toHaveValue('stop');
  await expect(newRecording.field('Stored as')).toBeDisabled();
  await expect(newRecording.field('Momentum')).toBeHidden();
  await expect(newRecording.start).toBeEnabled({ timeout: 60_000 });
  await newRecording.field('Optimizer').selectOption('sgd');
  await expect(newRecording.field('A step’s γ over its examples')).toHaveValue('exact');
  await expect(newRecording.field('Gradient of ghost samples')).toHaveValue('flow');
});

test('a range of the timeline restricts ridge and examples, and nothing else', async ({
  explain,
  open,
  recorded,
}) => {
  await open(recorded.folder);
  await explain.shown();
  const { page } = explain;
  const shares = await explain.shareRows();
  const before = await explain.tableOf(explain.ridge);
  await page.getByLabel('To step', { exact: true }).fill('10');
  await page.getByLabel('To step', { exact: true }).press('Enter');
  await explain.atRest();
  await expect(explain.influence).toContainText('steps 0 to 10 alone');
  const steps = (rows: string[][]) => rows.reduce((sum, row) => sum + Number(row[3]), 0);
  expect(steps(before)).toBe(25);
  expect(steps(await explain.tableOf(explain.ridge))).toBe(10);
  expect(await explain.shareRows()).toEqual(shares);
  await page.getByLabel('Range of steps').selectOption('all');
  await explain.atRest();
  expect(await explain.tableOf(explain.ridge)).toEqual(before);
});
