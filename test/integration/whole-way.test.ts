import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Explanation, LayerExplanation } from '../../src-shared/explanation/explanation';
import { deltascope, readJson, scratch, succeed, writeRecipe } from '../support/command-line';
import { readSafetensors } from '../support/safetensors-file';

/** Recipes on real images, from the quickest forms of writing one to all that a recipe may say. */
const recipes: [string, Record<string, unknown>][] = [
  [
    'a preset by its defaults',
    { data: 'mnist', limit: { train: 300, test: 40 }, model: 'mlp', batchSize: 32, codec: 'dense' },
  ],
  [
    'layers of one’s own',
    {
      data: 'mnist',
      limit: { train: 400, test: 40 },
      normalize: { mean: [0.1307], std: [0.3081] },
      model: {
        layers: [
          { type: 'Conv2D', name: 'stem', filters: 4, kernelSize: 3, strides: 2, padding: 'same' },
          { type: 'BatchNormalization', name: 'stem_bn', affine: true },
          { type: 'ReLU', name: 'stem_relu' },
          { type: 'MaxPooling2D', name: 'pool', poolSize: 2 },
          { type: 'Conv2D', name: 'left', filters: 6, kernelSize: 3, padding: 'same' },
          { type: 'Conv2D', name: 'right', filters: 6, kernelSize: 1, inputs: ['pool'] },
          { type: 'Add', name: 'sum', inputs: ['left', 'right'] },
          { type: 'ReLU', name: 'relu' },
          { type: 'GlobalAveragePooling2D', name: 'mean' },
          { type: 'Dense', name: 'logits', units: 10 },
        ],
      },
      batchSize: 30,
      ghostSamples: 10,
      perExample: true,
      optimizer: { learningRate: 0.05, momentum: 0.9, nesterov: true, weightDecay: 0.0005 },
      schedule: [{ afterEpoch: 1, factor: 0.5 }],
      epochs: 2,
      seed: 11,
      codec: 'dense',
    },
  ],
];

describe.each(recipes)('the whole way of %s', (_, recipe) => {
  let folder: string;
  let run: string;
  let output: { readonly stdout: string; readonly stderr: string };
  let steps: number;

  beforeAll(async () => {
    folder = scratch();
    run = join(folder, 'run');
    writeRecipe(folder, 'recipe.json', recipe);
    const ended = await deltascope(['record', 'recipe.json', '--into', 'run', '--json'], {
      cwd: folder,
    });
    expect(ended.code, ended.stderr).toBe(0);
    output = ended;
    steps = (JSON.parse(output.stdout.split('\n')[0] as string) as { steps: number }).steps;
  });

  it('ends with the folder on standard output, and tells the rest elsewhere', () => {
    const lines = output.stdout.trimEnd().split('\n');
    expect(lines.at(-1)).toBe(run);
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[0] as string)).toMatchObject({ run, state: 'finished' });
    expect(output.stderr).toMatch(/finished: step \d+ of \d+/);
  });

  it('is whole, and its certificate holds in every traced layer', async () => {
    const report = JSON.parse(await succeed(['verify', run, '--json', '-'])) as {
      ok: boolean;
      files: { name: string; ok: boolean }[];
      layers: { name: string; residual: number; errorBound: number }[];
    };
    const { tracedLayers } = readJson<{ tracedLayers: { name: string }[] }>(join(run, 'run.json'));
    expect(report.ok).toBe(true);
    expect(report.files.every(({ ok }) => ok)).toBe(true);
    expect(report.layers.map(({ name }) => name)).toEqual(tracedLayers.map(({ name }) => name));
    for (const { residual } of report.layers) expect(residual).toBeLessThan(1e-5);
  });

  it.each(['update', 'credit'])('shares add up to 1 by %s', async (unit) => {
    const words = ['--example', 'test:0', 'test:1', 'train:5', '--layer', 'all', '--unit', unit];
    const explanations = JSON.parse(
      await succeed(['explain', run, ...words, '--top', '100000', '--json', '-']),
    ) as Explanation[];
    expect(explanations.map(({ example }) => [example.split, example.index])).toEqual([
      ['test', 0],
      ['test', 1],
      ['train', 5],
    ]);
    for (const layer of explanations.flatMap(({ layers }) => layers)) expectComplete(layer, unit);
  });

  function expectComplete(layer: LayerExplanation, unit: string): void {
    const { gamma, cos, norm, label } = layer.steps;
    expect([gamma.length, cos.length, norm.length, label.length]).toEqual(Array(4).fill(steps));
    const sum = Array.from(gamma).reduce((a, b) => a + b, 0);
    const scale = Array.from(gamma).reduce((a, b) => a + Math.abs(b), layer.normSquared);
    const whole = layer.initializationShare * layer.normSquared + sum;
    expect(Math.abs(whole - layer.normSquared)).toBeLessThan(1e-5 * scale);
    const classes = layer.classes.reduce((a, { share }) => a + share, 0);
    const parts = layer.initializationShare + layer.ghostShare + classes;
    expect(Math.abs(parts - 1)).toBeLessThan((1e-5 * scale) / layer.normSquared);
    expect(layer.residual).toBeLessThan(1e-5);
    expect(Array.from(cos).every((value) => Math.abs(value) <= 1 + 1e-6)).toBe(true);
    const examples = layer.examples.reduce((a, each) => a + each.gamma, 0);
    expect(Math.abs(examples - classes * layer.normSquared)).toBeLessThan(1e-5 * scale);
    expect(layer.unit).toBe(unit);
  }

  it('can be repeated exactly from its exports', async () => {
    const order = join(folder, 'order.jsonl');
    const weights = join(folder, 'initial.safetensors');
    await succeed(['export', 'batches', run, '--out', order]);
    await succeed(['export', 'weights', run, '--step', '0', '--out', weights]);
    // Another seed, and no schedule: order and weights say all that those would.
    const { schedule: _schedule, ...rest } = recipe;
    writeRecipe(folder, 'again.json', {
      ...rest,
      seed: 999,
      order: 'order.jsonl',
      initialWeights: 'initial.safetensors',
    });
    const again = join(folder, 'again');
    await succeed(['record', join(folder, 'again.json'), '--into', again]);
    const final = (of: string): string => join(of, 'checkpoints/final.safetensors');
    const [first, second] = [readSafetensors(final(run)), readSafetensors(final(again))];
    for (const [name, { data }] of first) {
      expect(
        Buffer.from(second.get(name)?.data.buffer ?? new ArrayBuffer()).equals(
          Buffer.from(data.buffer),
        ),
        name,
      ).toBe(true);
    }
    const batches = join(folder, 'again.jsonl');
    await succeed(['export', 'batches', again, '--out', batches]);
    expect(readFileSync(batches, 'utf8')).toBe(readFileSync(order, 'utf8'));
  });

  it('is listed with its steps and accuracy', async () => {
    const runs = JSON.parse(await succeed(['runs', folder, '--json', '-'])) as {
      folder: string;
      steps: number;
      testAccuracy: number;
      state: string;
    }[];
    const own = runs.find((each) => each.folder === run);
    expect(own).toMatchObject({ steps, state: 'finished' });
    expect(own?.testAccuracy).toBeGreaterThanOrEqual(0);
    expect(own?.testAccuracy).toBeLessThanOrEqual(1);
  });
});
