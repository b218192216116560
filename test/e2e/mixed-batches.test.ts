import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Explanation } from '../../src-shared/explanation/explanation';
import { deltascope } from './support/command-line';
import { expectShown } from './support/numbers';
import { smallRecipe } from './support/recorded-run';
import { expect, test } from './support/test';

test('mini-batches have ridge plots over training examples, in window and report', async ({
  explain,
  open,
  place,
  report,
  window,
}) => {
  const file = join(place.root, 'mixed.json');
  const folder = join(place.root, 'mixed');
  const { ghostSamples: _, ...recipe } = smallRecipe;
  await writeFile(file, JSON.stringify({ ...recipe, recording: 'mini-batches' }));
  await deltascope(['record', file, '--into', folder], place);
  await open(folder);
  const index = await explain.shown();
  const question = ['--example', `test:${index}`, '--layer', 'fc1', '--top', '600'];
  const text = await deltascope(['explain', folder, ...question, '--json', '-'], place);
  const [answer] = JSON.parse(text) as Explanation[];
  const [layer] = answer?.layers ?? [];
  if (!answer || !layer) throw new Error('fc1 was asked for');

  await explain.chooseLayer('fc1');
  const rows = await explain.tableOf(explain.ridge);
  const shares = await explain.shareRows();
  expect(rows.map(([label]) => label).sort()).toEqual([...'0123456789']);
  for (const [label, share = '', mean = '', count] of rows) {
    const own = layer.examples.filter((example) => String(example.label) === label);
    const sum = own.reduce((total, { gamma }) => total + gamma, 0) / layer.normSquared;
    expect(count).toBe(String(own.length));
    expectShown(share, sum, `share of ${label}`);
    expectShown(mean, sum / own.length, `mean share of ${label}`);
    expect(share).toBe(shares.find(({ part }) => part === label)?.share);
  }
  await window.getByText('all layers', { exact: true }).click();
  await expect(
    window.getByRole('figure', { name: 'Ridge plots through the layers' }),
  ).toBeVisible();

  await explain.addToReport.click();
  await report.goTo();
  const through = report.paper.getByRole('img', {
    name: `Ridge plot of fc1, test example ${index}`,
  });
  await expect(through).toBeAttached({ timeout: 60_000 });
});
