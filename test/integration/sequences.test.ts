import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ArchitectureAnalysis } from '../../src-shared/architecture/architecture';
import type { Explanation } from '../../src-shared/explanation/explanation';
import { readJson, scratch, succeed } from '../support/command-line';
import { readSafetensors } from '../support/safetensors-file';

/** MNIST's rows as tokens and as time: attention, an LSTM, dropout; each map of them traced. */
const layers = [
  { type: 'Reshape', name: 'rows', targetShape: [28, 28] },
  { type: 'PositionEmbedding', name: 'places' },
  { type: 'Add', name: 'placed', inputs: ['rows', 'places'] },
  { type: 'MultiHeadAttention', name: 'attention', numHeads: 2, keyDim: 3 },
  { type: 'Add', name: 'attended', inputs: ['attention', 'placed'] },
  { type: 'LayerNormalization', name: 'norm' },
  { type: 'Dropout', name: 'dropout', rate: 0.2 },
  { type: 'LSTM', name: 'lstm', units: 6 },
  { type: 'Dense', name: 'logits', units: 10 },
];

const maps = [
  'places',
  ...['query', 'key', 'value', 'output'].map((part) => `attention.${part}`),
  ...['lstm.input', 'lstm.recurrent', 'logits'],
];

it.each(['class-batches', 'mini-batches', 'single'])(
  'records, verifies and explains tokens and time in %s',
  async (recording) => {
    const folder = scratch();
    const [recipe, run, found] = ['recipe.json', 'run', 'found.json'].map((name) =>
      join(folder, name),
    ) as [string, string, string];
    const sizes = recording === 'single' ? {} : { batchSize: 8 };
    writeFileSync(
      recipe,
      JSON.stringify({
        ...{
          data: 'mnist',
          limit: { train: 60, test: 20 },
          model: { layers },
          recording,
          ...sizes,
        },
        ...{ perExample: recording === 'class-batches', codec: 'dense', maxSteps: 6 },
        optimizer: { name: 'sgd', learningRate: 0.05 },
      }),
    );
    await succeed(['record', recipe, '--into', run]);
    await succeed(['verify', run, '--json', found]);
    const verified = readJson<{ ok: boolean; layers: { name: string; residual: number }[] }>(found);
    expect(verified.ok).toBe(true);
    expect(verified.layers.map(({ name }) => name)).toEqual(maps);
    for (const { name, residual } of verified.layers) expect(residual, name).toBeLessThan(1e-5);

    await succeed(['explain', run, '--example', 'test:1', '--top', '60', '--json', found]);
    const [explanation] = readJson<Explanation[]>(found);
    expect(explanation?.layers.map(({ name }) => name)).toEqual(maps);
    for (const layer of explanation?.layers ?? []) {
      const shares = layer.classes.reduce((sum, { share }) => sum + share, 0);
      expect(Math.abs(layer.initializationShare + shares - 1), layer.name).toBeLessThan(1e-4);
      expect(layer.exampleSplit).toBe('exact');
      const rows = layer.examples.reduce((sum, { gamma }) => sum + gamma, 0);
      expect(Math.abs(rows / layer.normSquared - shares), layer.name).toBeLessThan(1e-4);
    }

    // The same training again, its dropout included, ends with the same bits.
    await succeed(['record', recipe, '--into', `${run}2`]);
    const weights = [run, `${run}2`].map((each) =>
      readSafetensors(join(each, 'checkpoints/final.safetensors')),
    );
    expect(weights[0]).toEqual(weights[1]);
    expect(weights[0]?.get('lstm.recurrent/kernel')?.shape).toEqual([6, 24]);
  },
);

it('trains recurrent layers behind a frozen convolution, which stays as it starts and is told as that', async () => {
  const folder = scratch();
  const [recipe, run, found] = ['recipe.json', 'run', 'found.json'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  const frozen = { trainable: false };
  const model = {
    layers: [
      { type: 'Conv2D', name: 'conv', filters: 4, kernelSize: [3, 5], strides: [2, 1], ...frozen },
      { type: 'BatchNormalization', name: 'bn', affine: true, ...frozen },
      { type: 'Reshape', name: 'rows', targetShape: [13, -1] },
      { type: 'GRU', name: 'gru', units: 8, returnSequences: true },
      { type: 'SimpleRNN', name: 'rnn', units: 6 },
      { type: 'Dense', name: 'logits', units: 10 },
    ],
  };
  writeFileSync(
    recipe,
    JSON.stringify({
      ...{ data: 'mnist', limit: { train: 60, test: 20 }, model, recording: 'mini-batches' },
      ...{ batchSize: 10, codec: 'dense', maxSteps: 6 },
      // Decay would move frozen weights, were they any of its business.
      optimizer: { name: 'sgd', learningRate: 0.05, momentum: 0.9, weightDecay: 0.01 },
    }),
  );
  await succeed(['record', recipe, '--into', run]);
  await succeed(['verify', run, '--json', found]);
  const verified = readJson<{ ok: boolean; layers: { name: string; residual: number }[] }>(found);
  expect(verified.layers.map(({ name }) => name)).toEqual([
    ...['conv', 'gru.input', 'gru.recurrent', 'rnn.input', 'rnn.recurrent', 'logits'],
  ]);
  for (const { name, residual } of verified.layers) expect(residual, name).toBeLessThan(1e-5);
  // No step has any part in the convolution: all of it is initialization, whatever momentum and decay do.
  for (const [unit, target] of [
    ['update', 'representation'],
    ['credit', 'representation'],
    ['update', 'learned'],
  ] as const) {
    const asked = ['--example', 'test:0', 'test:7', '--unit', unit, '--target', target];
    await succeed(['explain', run, ...asked, '--json', found]);
    for (const { layers } of readJson<Explanation[]>(found)) {
      const [conv, ...others] = layers;
      expect(conv).toMatchObject({ name: 'conv', frozen: true, examples: [], opposing: [] });
      expect(conv?.initializationShare).toBeCloseTo(target === 'learned' ? 0 : 1, 6);
      expect(conv?.residual).toBeLessThan(1e-5);
      expect(conv?.normSquared).toSatisfy((z) => (target === 'learned' ? z === 0 : z > 0));
      const moved = [
        ...Object.values(conv?.steps.gamma ?? [1]),
        ...Object.values(conv?.steps.norm ?? [1]),
      ];
      expect(moved.every((value) => value === 0)).toBe(true);
      expect(conv?.classes.every(({ share }) => share === 0)).toBe(true);
      expect(others.every(({ frozen, examples }) => !frozen && examples.length > 0)).toBe(true);
    }
  }
  await succeed(['architecture', run, '--examples', '4', '--json', found]);
  const analysis = readJson<ArchitectureAnalysis>(found);
  expect(analysis.layers.map(({ flag }) => flag === 'frozen')).toEqual([
    ...[true, false, false, false, false, false],
  ]);
  expect(analysis.layers[0]).toMatchObject({ name: 'conv', whole: null, classes: [] });
  expect(analysis.layers[1]?.whole).not.toBeNull();
  // Nor are its weights kept with every step.
  const shards = readdirSync(join(run, 'shards')).map((name) =>
    readFileSync(join(run, 'shards', name)),
  );
  expect(shards.some((shard) => shard.includes('gru.input'))).toBe(true);
  expect(shards.some((shard) => shard.includes('conv/kernel'))).toBe(false);
  const weightsAt = async (step: number) => {
    const out = join(folder, `${step}.safetensors`);
    await succeed(['export', 'weights', run, '--step', String(step), '--out', out]);
    return readSafetensors(out);
  };
  const [first, last] = [await weightsAt(0), await weightsAt(5)];
  expect(last.get('conv/kernel')?.shape).toEqual([3, 5, 1, 4]);
  for (const name of ['conv/kernel', 'conv/bias', 'bn/gamma', 'bn/movingMean']) {
    expect(last.get(name), name).toEqual(first.get(name));
  }
  expect(last.get('gru.recurrent/bias')).not.toEqual(first.get('gru.recurrent/bias'));
});
