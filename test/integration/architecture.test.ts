import { statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ArchitectureAnalysis } from '../../src-shared/architecture/architecture';
import type { ArchitectureComparison } from '../../src-shared/architecture/comparison';
import { failure, readJson, scratch, succeed, writeRecipe } from '../support/command-line';

type Result = ArchitectureAnalysis & {
  readonly retrain?: ArchitectureComparison & { readonly folder: string };
};

let folder: string;
let run: string;
let testAccuracy: number;

beforeAll(async () => {
  folder = scratch();
  run = join(folder, 'run');
  const recipe = writeRecipe(folder, 'recipe.json', {
    data: 'mnist',
    limit: { train: 600, test: 200 },
    model: 'mlp',
    batchSize: 20,
    optimizer: { learningRate: 0.1 },
    epochs: 2,
  });
  const [told = ''] = (await succeed(['record', recipe, '--into', run, '--json'])).split('\n');
  ({ testAccuracy } = JSON.parse(told) as { testAccuracy: number });
});

async function architecture(...words: string[]): Promise<Result> {
  const out = join(folder, 'architecture.json');
  await succeed(['architecture', run, '--json', out, ...words]);
  return readJson<Result>(out);
}

describe('architecture', () => {
  it('maps layers and classes, with the band of chance and a reason each', async () => {
    const found = await architecture('--examples', '20');
    expect(found.examples).toHaveLength(20);
    expect(found.null).toMatchObject({ permutations: 499, level: 0.95 });
    expect(found.layers.map(({ name }) => name)).toEqual(['fc1', 'fc2', 'logits']);
    for (const { whole, classes, shareEntropy, reason } of found.layers) {
      expect(classes.reduce((sum, { examples }) => sum + examples, 0)).toBe(20);
      for (const cell of [whole, ...classes]) {
        const { specificity, band, inside } = cell as NonNullable<typeof whole>;
        expect(specificity).toBeGreaterThanOrEqual(0);
        expect(specificity).toBeLessThanOrEqual(1);
        expect(band[0]).toBeLessThan(band[1]);
        expect(inside).toBe(band[0] <= specificity && specificity <= band[1]);
      }
      expect(shareEntropy).toBeGreaterThan(0);
      expect(reason).toMatch(/^[A-Z].*\.$/);
    }
    expect(found.layers.at(-1)?.whole?.specificity).toBeGreaterThan(0.9);
    expect(await architecture('--examples', '20')).toEqual(found);
  });

  it('records the network without a layer beside the first and compares them', async () => {
    const into = join(folder, 'shallower');
    const words = ['--retrain', into, '--without', 'fc2', '--examples', '10'];
    const { retrain } = await architecture(...words);
    expect(retrain).toMatchObject({ folder: into, without: ['fc2'], startedAnew: false });
    const { first, second, accuracyDifference } = retrain as ArchitectureComparison;
    // 256 · 128 + 128 weights of fc2 less; logits read 256 rather than 128.
    expect(first.parameters - second.parameters).toBe(256 * 128 + 128 - 128 * 10);
    expect(first.weightBytes).toBe(4 * first.parameters);
    expect(second.weightBytes).toBe(4 * second.parameters);
    expect(second.traceBytes).toBeLessThan(first.traceBytes);
    expect(second.steps).toBe(first.steps);
    expect(second.analysis.layers.map(({ name }) => name)).toEqual(['fc1', 'logits']);
    expect(first.accuracy).toBe(testAccuracy);
    for (const { accuracy, classAccuracy, seconds } of [first, second]) {
      // Chance is 0.1.
      expect(accuracy).toBeGreaterThan(0.3);
      expect(classAccuracy).toHaveLength(10);
      expect(seconds).toBeGreaterThan(0);
    }
    const difference = (second.accuracy as number) - (first.accuracy as number);
    expect(accuracyDifference?.difference).toBeCloseTo(difference, 9);
  });

  it('spreads both networks over seeds, and records none twice', async () => {
    const into = join(folder, 'shallower');
    const words = ['--retrain', into, '--without', 'fc2', '--examples', '10', '--seeds', '3'];
    const { retrain } = await architecture(...words);
    const { first, second, spread } = retrain as ArchitectureComparison;
    expect(spread?.seeds).toEqual([7, 8, 9]);
    expect(spread?.first.accuracies[0]).toBe(first.accuracy);
    for (const each of [spread?.first, spread?.second]) {
      const accuracies = each?.accuracies as number[];
      expect(new Set(accuracies).size).toBeGreaterThan(1);
      const mean = accuracies.reduce((sum, value) => sum + value, 0) / 3;
      const squares = accuracies.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      const reach = 4.303 * Math.sqrt(squares / 2 / 3);
      expect(each?.accuracy?.mean).toBeCloseTo(mean, 9);
      expect(each?.accuracy?.interval[1]).toBeCloseTo(mean + reach, 9);
      expect(each?.classAccuracy).toHaveLength(10);
    }
    expect(spread?.second.layers.map(({ name }) => name)).toEqual(['fc1', 'logits']);
    const [hidden] = spread?.second.layers ?? [];
    expect(hidden?.specificity).toMatchObject({ count: 3 });
    expect(hidden?.specificity?.mean).not.toBe(second.analysis.layers[0]?.whole?.specificity);
    const began = statSync(join(`${into}.seeds`, '9', 'run.json')).mtimeMs;
    expect((await architecture(...words)).retrain?.spread).toEqual(spread);
    expect(statSync(join(`${into}.seeds`, '9', 'run.json')).mtimeMs).toBe(began);
    expect(
      await failure(['architecture', run, '--json', '-', '--seeds', '3']).catch(String),
    ).toMatch(/--seeds goes with --retrain/);
  });

  it('says in one sentence where a layer cannot be left out', async () => {
    const without = (name: string) => [
      ...['architecture', run, '--json', join(folder, 'none.json'), '--examples', '10'],
      ...['--retrain', join(folder, 'none'), '--without', name],
    ];
    expect(await failure(without('fc9'))).toMatch(/^The model has no linear layer 'fc9'/);
    expect(await failure(without('logits'))).toMatch(/gives the logits and cannot be left out\.$/);
  });
});
