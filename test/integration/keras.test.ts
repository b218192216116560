import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Explanation } from '../../src-shared/explanation/explanation';
import {
  deltascope,
  failure,
  readJson,
  scratch,
  succeed,
  writeRecipe,
} from '../support/command-line';
import { readSafetensors } from '../support/safetensors-file';
import { array, zip } from '../unit/data/files';

const fixture = join(import.meta.dirname, '../fixtures/keras/cnn');

/** Noise of 8 × 8 in three classes, each brighter in rows of its own. */
function pictures(count: number): { readonly x: Float32Array; readonly y: Uint8Array } {
  const y = Uint8Array.from({ length: count }, (_, i) => i % 3);
  const x = Float32Array.from({ length: count * 64 }, (_, k) => {
    const [example, row] = [Math.floor(k / 64), Math.floor((k % 64) / 8)];
    return 0.3 * Math.sin(k * 1.7) + (row % 3 === y[example] ? 0.8 : 0);
  });
  return { x, y };
}

it('records, verifies and explains a model of TensorFlow.js, which the run then needs no more', async () => {
  const folder = scratch();
  const recipes = join(folder, 'recipes');
  mkdirSync(recipes);
  cpSync(fixture, join(recipes, 'cnn'), { recursive: true });
  const members = Object.entries({ train: pictures(36), test: pictures(9) }).flatMap(
    ([split, { x, y }]) => [
      { name: `x_${split}.npy`, data: array('<f4', [y.length, 8, 8, 1], x) },
      { name: `y_${split}.npy`, data: array('|u1', [y.length], y) },
    ],
  );
  writeFileSync(join(recipes, 'small.npz'), zip(members));
  const recipe = {
    ...{ data: 'small.npz', model: 'cnn/model.json', batchSize: 12, maxSteps: 6, codec: 'dense' },
    optimizer: { name: 'sgd', learningRate: 0.01 },
  };
  writeRecipe(recipes, 'recipe.json', recipe);
  writeRecipe(recipes, 'fresh.json', { ...recipe, initialWeights: 'fresh' });
  const [run, fresh, found] = ['run', 'fresh', 'found.json'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await succeed(['record', join('recipes', 'recipe.json'), '--into', run], { cwd: folder });
  await succeed(['record', join('recipes', 'fresh.json'), '--into', fresh], { cwd: folder });

  // Data of another shape: the layer is named.
  writeRecipe(recipes, 'mnist.json', { ...recipe, data: 'mnist' });
  const said = await failure(['record', 'mnist.json', '--into', join(folder, 'no')], {
    cwd: recipes,
  });
  expect(said).toContain("Layer 'input' (Input) has the shape [8, 8, 1]");

  rmSync(join(recipes, 'cnn'), { recursive: true });
  await succeed(['verify', run, '--json', found]);
  const verified = readJson<{ ok: boolean; layers: { name: string; residual: number }[] }>(found);
  expect(verified.ok).toBe(true);
  const maps = ['conv', 'depthwise', 'hidden', 'out'];
  expect(verified.layers.map(({ name }) => name)).toEqual(maps);
  for (const { name, residual } of verified.layers) expect(residual, name).toBeLessThan(1e-5);

  await succeed(['explain', run, '--example', 'test:1', '--json', found]);
  const [explanation] = readJson<Explanation[]>(found);
  expect(explanation?.layers.map(({ name }) => name)).toEqual(maps);

  // The file is gone, so further seeds start from the run's own weights; without `hidden` the last layer
  // reads another width, and all layers start anew.
  const less = join(folder, 'less');
  const words = ['--retrain', less, '--without', 'hidden', '--seeds', '2', '--examples', '3'];
  const { code, stderr } = await deltascope(['architecture', run, ...words, '--json', found]);
  expect(code, stderr).toBe(0);
  expect(stderr).toContain('The given weights do not fit the network without these layers');
  expect(readJson<{ retrain: unknown }>(found).retrain).toMatchObject({ startedAnew: true });
  const startOf = (of: string) =>
    JSON.parse(readFileSync(join(of, 'run.json'), 'utf8')).recipe.initialWeights;
  expect(startOf(less)).toBeNull();
  expect(startOf(join(`${run}.seeds`, '8'))).toBe(join(run, 'checkpoints/initial.safetensors'));

  // The first checkpoint holds the numbers of the file, in its order.
  const weights = join(folder, 'initial.safetensors');
  const kernelOf = async (from: string): Promise<Float64Array> => {
    await succeed(['export', 'weights', from, '--step', '0', '--out', weights]);
    return readSafetensors(weights).get('conv/kernel')?.data as Float64Array;
  };
  const file = readFileSync(join(fixture, 'group1-shard1.bin'));
  const numbers = Array.from({ length: 36 }, (_, i) => file.readFloatLE(4 * i));
  expect(Array.from(await kernelOf(run))).toEqual(numbers);
  expect(Array.from(await kernelOf(fresh))).not.toEqual(numbers);
});
