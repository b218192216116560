import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deltascope } from './command-line';
import type { Workplace } from './workplace';

/** A small LeNet that still gets many test images wrong: some 25 updates on real MNIST. */
export const smallRecipe = {
  data: 'mnist',
  limit: { train: 600, test: 200 },
  model: 'lenet',
  recording: 'class-batches',
  batchSize: 64,
  ghostSamples: 20,
  optimizer: { learningRate: 0.05 },
  epochs: 3,
  maxSteps: 25,
  seed: 7,
} as const;

export const runName = 'small-lenet';

/** Records the small run from the command line; gives its folder. */
export async function recordSmallRun(place: Workplace): Promise<string> {
  const recipe = join(place.root, 'recipe.json');
  const folder = join(place.root, runName);
  await writeFile(recipe, JSON.stringify(smallRecipe));
  await deltascope(['record', recipe, '--into', folder], place);
  return folder;
}
