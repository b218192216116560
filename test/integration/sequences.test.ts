import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
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
