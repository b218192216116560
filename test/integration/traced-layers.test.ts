import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { VerifyReport } from '../../src-shared/contract/compute';
import type { Explanation } from '../../src-shared/explanation/explanation';
import {
  deltascope,
  failure,
  readJson,
  scratch,
  succeed,
  writeRecipe,
} from '../support/command-line';

const recipe = {
  ...{ data: 'mnist', limit: { train: 200, test: 20 }, model: 'mlp', batchSize: 20, maxSteps: 4 },
  traced: ['fc2'],
};

it('records, verifies and explains the layers that a recipe chooses', async () => {
  const folder = scratch();
  const run = join(folder, 'run');
  const report = join(folder, 'report.json');
  await succeed(['record', writeRecipe(folder, 'recipe.json', recipe), '--into', run]);
  await succeed(['verify', run, '--json', report]);
  const { layers, unrecorded } = readJson<VerifyReport>(report);
  expect([layers.map(({ name }) => name), unrecorded]).toEqual([['fc2'], ['fc1', 'logits']]);

  const asked = ['explain', run, '--example', 'test:3', '--json', '-'];
  const all = await deltascope(asked);
  expect(all.stderr).toContain('Not recorded, so not explained: fc1, logits.');
  const [explained] = JSON.parse(all.stdout) as Explanation[];
  expect(explained?.layers.map(({ name }) => name)).toEqual(['fc2']);
  expect(await failure([...asked, '--layer', 'logits'])).toBe(
    "Layer 'logits' was not recorded, so it can't be taken apart; recorded are fc2.",
  );
});
