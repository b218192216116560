import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeColourImages } from '../support/colour-images';
import { readJson, scratch, succeed, writeRecipe } from '../support/command-line';

interface Verified {
  readonly ok: boolean;
  readonly layers: readonly { name: string; residual: number; errorBound: number }[];
}

interface Explained {
  readonly layers: readonly {
    readonly name: string;
    readonly initializationShare: number;
    readonly ghostShare: number;
    readonly normSquared: number;
    readonly residual: number;
    readonly steps: { readonly gamma: readonly number[] };
    readonly classes: readonly { readonly share: number }[];
  }[];
}

/**
 * What a layer that is stored in fp32 may leave over; others, what their codec was chosen to lose. On noise a
 * step's γ may be told to be further off than that, as parts of it nearly cancel; what steps add up to is not.
 */
const leastLimit = 1e-5;
const mostLimit = 0.003;

it('records, verifies and explains 100 steps of VGG-16 on colour images', async () => {
  const folder = scratch();
  writeColourImages(join(folder, 'colour.npz'), 600, 40);
  const recipe = writeRecipe(folder, 'recipe.json', {
    data: 'colour.npz',
    model: 'vgg16',
    batchSize: 32,
    ghostSamples: 16,
    optimizer: { learningRate: 0.02 },
    epochs: 100,
    maxSteps: 100,
  });
  const run = join(folder, 'run');
  await succeed(['record', recipe, '--into', run], { env: { TF_NUM_INTRAOP_THREADS: '2' } });

  const verifiedFile = join(folder, 'verify.json');
  await succeed(['verify', run, '--json', verifiedFile]);
  const verified = readJson<Verified>(verifiedFile);
  expect(verified.ok).toBe(true);
  expect(verified.layers).toHaveLength(16);
  const limits = new Map(
    verified.layers.map(({ name, errorBound }) => [
      name,
      Math.min(Math.max(errorBound, leastLimit), mostLimit),
    ]),
  );
  for (const { name, residual } of verified.layers) {
    expect(residual).toBeLessThan(limits.get(name) as number);
  }

  const explainedFile = join(folder, 'explain.json');
  await succeed(['explain', run, '--example', 'test:3', '--layer', 'all', '--json', explainedFile]);
  const [explained] = readJson<Explained[]>(explainedFile);
  expect(explained?.layers).toHaveLength(16);
  for (const layer of explained?.layers ?? []) {
    const limit = limits.get(layer.name) as number;
    expect(layer.steps.gamma).toHaveLength(100);
    const byClass = layer.classes.reduce((sum, { share }) => sum + share, 0);
    const bySteps = layer.steps.gamma.reduce((sum, gamma) => sum + gamma, 0) / layer.normSquared;
    const { initializationShare: start, ghostShare } = layer;
    expect(Math.abs(start + ghostShare + byClass - 1)).toBeLessThan(limit);
    expect(Math.abs(start + bySteps - 1)).toBeLessThan(limit);
    expect(layer.residual).toBeLessThan(limit);
  }
});
