import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import type { Explanation } from '../../src-shared/explanation/explanation';
import { Random } from '../../src-shared/random';
import { scratch, succeed } from '../support/command-line';

/** Writes an OGB folder of cycles (class 0) and stars (class 1), features of edges without meaning. */
function cyclesAndStars(folder: string, count: number): void {
  const random = Random.seeded(4, 'graphs');
  const nodes: number[] = [];
  const edges: string[] = [];
  const counts: number[] = [];
  const features: string[] = [];
  for (let graph = 0; graph < count; graph++) {
    const size = 5 + random.integer(15);
    const isStar = graph % 2 === 1;
    const own = isStar
      ? Array.from({ length: size - 1 }, (_, i) => `0,${i + 1}`)
      : Array.from({ length: size }, (_, i) => `${i},${(i + 1) % size}`);
    nodes.push(size);
    counts.push(own.length);
    edges.push(...own);
    features.push(
      ...own.map(() => `${random.uniform().toFixed(3)},${random.uniform().toFixed(3)}`),
    );
  }
  const write = (name: string, rows: readonly (string | number)[]): void => {
    const path = join(folder, `${name}.csv.gz`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, gzipSync(`${rows.join('\n')}\n`));
  };
  const all = [...nodes.keys()];
  write('raw/num-node-list', nodes);
  write('raw/num-edge-list', counts);
  write('raw/edge', edges);
  write('raw/edge-feat', features);
  write(
    'raw/graph-label',
    all.map((graph) => graph % 2),
  );
  write('split/random/train', all.slice(0, count * 0.75));
  write('split/random/test', all.slice(count * 0.75));
}

it('tells cycles from stars, from a folder of graphs to an explanation', async () => {
  const folder = scratch();
  const env = { XDG_DATA_HOME: join(folder, 'data') };
  cyclesAndStars(join(folder, 'toy'), 240);
  expect(await succeed(['import', 'ogb', join(folder, 'toy'), '--name', 'toy'], { env })).toBe(
    'toy\n',
  );
  const recipe = {
    ...{ data: 'toy', model: 'gin-shallow', recording: 'class-batches', perExample: true },
    ...{ batchSize: 40, ghostSamples: 12, optimizer: { learningRate: 0.02 }, epochs: 3 },
  };
  writeFileSync(join(folder, 'recipe.json'), JSON.stringify(recipe));
  const run = join(folder, 'run');
  const words = ['record', join(folder, 'recipe.json'), '--into', run, '--json'];
  const [summary = ''] = (await succeed(words, { env })).trim().split('\n');
  expect(JSON.parse(summary).testAccuracy).toBeGreaterThan(0.95);

  const file = (name: string): string => join(folder, name);
  await succeed(['verify', run, '--json', file('verify.json')], { env });
  const verified = JSON.parse(readFileSync(file('verify.json'), 'utf8')) as {
    ok: boolean;
    layers: { name: string; residual: number; errorBound: number }[];
  };
  expect(verified.ok).toBe(true);
  expect(verified.layers.map(({ name }) => name)).toEqual([
    ...['edge1', 'mlp1_1', 'mlp1_2', 'edge2', 'mlp2_1', 'mlp2_2', 'logits'],
  ]);
  for (const { name, residual, errorBound } of verified.layers) {
    expect(residual, name).toBeLessThan(Math.max(1e-5, errorBound));
  }

  await succeed(['explain', run, '--example', 'test:0', '--json', file('explain.json')], { env });
  const [found] = JSON.parse(readFileSync(file('explain.json'), 'utf8')) as Explanation[];
  for (const { name, exampleSplit, initializationShare, ghostShare, classes } of found?.layers ??
    []) {
    expect(exampleSplit, name).toBe('exact');
    const sum = classes.reduce((all, { share }) => all + share, initializationShare + ghostShare);
    expect(Math.abs(sum - 1), name).toBeLessThan(1e-4);
  }
});

it('learns from atoms that have no bonds, and explains them', async () => {
  const folder = scratch();
  const env = { XDG_DATA_HOME: join(folder, 'data') };
  const alone = ['C', 'N', 'O', 'S', '[Na+]', '[Cl-]'].map((atom) => `${atom},alone`);
  const bonded = ['CC', 'CN', 'CO', 'CS', 'CCl', 'CCO'].map((molecule) => `${molecule},bonded`);
  const file = (name: string): string => join(folder, name);
  writeFileSync(file('atoms.csv'), ['smiles,label', ...alone, ...bonded, ''].join('\n'));
  await succeed(['import', 'smiles', file('atoms.csv'), '--name', 'atoms'], { env });
  const recipe = {
    ...{ data: 'atoms', model: 'gin-shallow', recording: 'class-batches', perExample: true },
    ...{ batchSize: 4, ghostSamples: 1, epochs: 2, seed: 8 },
  };
  writeFileSync(file('recipe.json'), JSON.stringify(recipe));
  await succeed(['record', file('recipe.json'), '--into', file('run')], { env });
  await succeed(['explain', file('run'), '--example', 'test:0', '--json', file('one.json')], {
    env,
  });
  const [found] = JSON.parse(readFileSync(file('one.json'), 'utf8')) as Explanation[];
  expect(found?.example.label).toBe(0);
  for (const layer of found?.layers ?? []) {
    const { name, normSquared, initializationShare, ghostShare, classes, steps, residual } = layer;
    const sum = classes.reduce((all, { share }) => all + share, initializationShare + ghostShare);
    // At layers over bonds, and at those over the sums of what they send, there is nothing to take apart.
    const isEmpty = /^edge|_1$/.test(name);
    expect(Math.abs(sum - (isEmpty ? 0 : 1)), name).toBeLessThan(1e-3);
    if (isEmpty)
      expect(new Set([normSquared, residual, ...steps.gamma]), name).toEqual(new Set([0]));
  }
});
