import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { explain } from '../../../src-main/engine/explanation/explain';
import type { LayerStorage } from '../../../src-main/engine/records';
import { exportUpdates } from '../../../src-main/trace/exports';
import { readTensors } from '../../../src-main/trace/safetensors';
import { TraceReader } from '../../../src-main/trace/trace-reader';
import { openRun } from '../../../src-main/worker/open-run';
import { record, recordingInto } from '../../../src-main/worker/record-job';
import { repackRun } from '../../../src-main/worker/repack-job';
import { replayRules } from '../../../src-main/worker/replay-rules';
import type { Progress } from '../../../src-shared/contract/progress';
import type { LayerExplanation } from '../../../src-shared/explanation/explanation';

/** A small LeNet: a convolution and a dense layer large enough to be packed. */
const recipe = {
  data: 'mnist',
  limit: { train: 400, test: 20 },
  model: {
    layers: [
      { type: 'Conv2D', name: 'conv1', filters: 8, kernelSize: 5, padding: 'same', useBias: false },
      { type: 'BatchNormalization', name: 'bn1' },
      { type: 'ReLU', name: 'relu1' },
      { type: 'MaxPooling2D', name: 'pool1', poolSize: 2 },
      { type: 'Conv2D', name: 'conv2', filters: 24, kernelSize: 5, padding: 'same', useBias: true },
      { type: 'BatchNormalization', name: 'bn2' },
      { type: 'ReLU', name: 'relu2' },
      { type: 'MaxPooling2D', name: 'pool2', poolSize: 2 },
      { type: 'Flatten', name: 'flatten' },
      { type: 'Dense', name: 'fc1', units: 64, useBias: true },
      { type: 'ReLU', name: 'relu3' },
      { type: 'Dense', name: 'logits', units: 10, useBias: true },
    ],
  },
  batchSize: 32,
  maxSteps: 16,
  optimizer: { learningRate: 0.05, momentum: 0.9 },
};

const codecs = ['dense', 'fast', 'compact'] as const;
let root: string;
const context = { signal: new AbortController().signal, onProgress: () => undefined };
const folderOf = (name: string): string => join(root, name);

async function recorded(name: string, more: object): Promise<string> {
  const folder = folderOf(name);
  await record({ recipe: { ...recipe, ...more }, folder, bases: [] }, context);
  return folder;
}

const bytesOf = (folder: string, file: string): Buffer => readFileSync(join(folder, file));
const final = 'checkpoints/final.safetensors';

async function explained(folder: string): Promise<LayerExplanation[][]> {
  const run = await openRun(folder);
  try {
    const found = await explain(run.explainable, {
      examples: [0, 1, 2, 3, 4, 5].map((index) => ({ split: 'test' as const, index })),
      layers: null,
      target: { kind: 'representation' },
      unit: 'update',
      exampleSplit: null,
      top: 1,
    });
    return found.map(({ layers }) => [...layers]);
  } finally {
    run.close();
  }
}

/** ‖γ̂ − γ‖ / ‖γ‖ over steps. */
function gammaError(exact: LayerExplanation, found: LayerExplanation): number {
  const gamma = Array.from(exact.steps.gamma);
  const missed = gamma.map((value, t) => (found.steps.gamma[t] as number) - value);
  return Math.hypot(...missed) / Math.hypot(...gamma);
}

function expectWithinBounds(exact: LayerExplanation[][], found: LayerExplanation[][]): void {
  for (const [i, layers] of exact.entries()) {
    for (const [k, layer] of layers.entries()) {
      const other = found[i]?.[k] as LayerExplanation;
      expect(other.errorBound).toBeLessThanOrEqual(0.003);
      const message = `${layer.name} of example ${i}`;
      if (other.errorBound === 0) expect(gammaError(layer, other), message).toBeLessThan(1e-6);
      else expect(gammaError(layer, other), message).toBeLessThanOrEqual(other.errorBound);
      expect(other.residual, message).toBeLessThanOrEqual(Math.max(1e-5, other.errorBound));
    }
  }
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'deltascope-packed-'));
  for (const codec of codecs) await recorded(codec, { codec });
}, 120_000);

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('a packed recording', () => {
  test.each(['fast', 'compact'] as const)(
    'trains the same weights and keeps γ within its bound: %s',
    async (codec) => {
      expect(bytesOf(folderOf(codec), final)).toEqual(bytesOf(folderOf('dense'), final));
      expectWithinBounds(await explained(folderOf('dense')), await explained(folderOf(codec)));
    },
  );

  test('is smaller, and says how each layer is stored', async () => {
    const readers = await Promise.all(codecs.map((codec) => TraceReader.open(folderOf(codec))));
    const [dense = 0, fast = 0, compact = 0] = readers.map((reader) => reader.shardBytes);
    expect(fast).toBeLessThan(dense / 3);
    expect(compact).toBeLessThanOrEqual(fast);
    const storage = readers[1]?.storage;
    expect([...(storage?.keys() ?? [])]).toEqual(['conv1', 'conv2', 'fc1', 'logits']);
    expect(storage?.get('conv1')?.errorBound).toBe(0);
    expect(storage?.get('fc1')?.errorBound).toBeGreaterThan(0);
    for (const reader of readers) reader.close();
  });

  test.each(['fast', 'compact'] as const)('exports updates as fp32: %s', async (codec) => {
    const updatesOf = async (name: string) => {
      const reader = await TraceReader.open(folderOf(name));
      const out = join(root, `${name}.updates.safetensors`);
      await exportUpdates(reader, 'fc1', { from: 5, to: 7 }, out, await replayRules(reader));
      reader.close();
      return readTensors(out);
    };
    const exact = await updatesOf('dense');
    for (const [i, { name, shape, data }] of (await updatesOf(codec)).entries()) {
      const expected = exact[i];
      expect({ name, shape }).toEqual({ name: expected?.name, shape: expected?.shape });
      const missed = data.map((value, j) => value - (expected?.data[j] as number));
      expect(Math.hypot(...missed) / Math.hypot(...data)).toBeLessThan(0.02);
    }
  });

  test.each(['fast', 'compact'] as const)(
    'goes on after a stop with the same bytes: %s',
    async (codec) => {
      const folder = folderOf(`stopped-${codec}`);
      const begun = { ...recipe, codec };
      const stop = {
        ...context,
        onProgress: ({ kind }: Progress) => {
          if (kind === 'record') recordingInto(folder).stop();
        },
      };
      const first = await record({ recipe: begun, folder, bases: [] }, stop);
      expect(first.finished).toBe(false);
      await record({ recipe: begun, folder, bases: [] }, context);
      expect(bytesOf(folder, final)).toEqual(bytesOf(folderOf(codec), final));
      const [one, other] = await Promise.all([
        TraceReader.open(folder),
        TraceReader.open(folderOf(codec)),
      ]);
      expect(one.storage).toEqual(other.storage);
      const query = { layers: ['conv2', 'fc1'], parts: one.parts };
      const encoded = async (reader: TraceReader) => {
        const found: unknown[] = [];
        for await (const batch of reader.scan(query))
          found.push(...batch.map(({ data }) => data.slice()));
        return found;
      };
      expect(await encoded(one)).toEqual(await encoded(other));
      one.close();
      other.close();
    },
  );
});

test('an error bound that turns out too small is raised at the end of the recording', async () => {
  const folder = folderOf('bound');
  const begun = { ...recipe, codec: 'fast' };
  const stop = {
    ...context,
    onProgress: ({ kind }: Progress) => {
      if (kind === 'record') recordingInto(folder).stop();
    },
  };
  await record({ recipe: begun, folder, bases: [] }, stop);
  const tooSmall = 1e-9;
  const index = new Sqlite(join(folder, 'index.sqlite'));
  const asked = index.prepare('SELECT json FROM results WHERE name = ?').pluck();
  const chosen = JSON.parse(asked.get('storage') as string) as LayerStorage[];
  const claimed = chosen.map((layer) => ({
    ...layer,
    errorBound: Math.min(layer.errorBound, tooSmall),
  }));
  const claim = index.prepare('UPDATE results SET json = ? WHERE name = ?');
  claim.run(JSON.stringify(claimed), 'storage');
  index.close();
  await record({ recipe: begun, folder, bases: [] }, context);
  const exact = (await explained(folderOf('dense'))).flat();
  for (const [i, layer] of (await explained(folder)).flat().entries()) {
    // The start of the training claims nothing here: what stands is measured.
    expect(layer.residual, layer.name).toBeLessThanOrEqual(Math.max(1e-6, layer.errorBound));
    const off = gammaError(exact[i] as LayerExplanation, layer);
    expect(off, layer.name).toBeLessThanOrEqual(Math.max(1e-6, layer.errorBound));
    if (layer.name === 'fc1') expect(layer.errorBound).toBeGreaterThan(tooSmall);
    // What is carried on cancels in the sum, not in single steps.
    if (layer.name === 'conv2') expect(layer.errorBound).toBeGreaterThan(10 * layer.residual);
  }
});

describe('packing a recorded run anew', () => {
  test('keeps γ within the bound it states', async () => {
    const folder = await recorded('repacked', { codec: 'dense' });
    const exact = await explained(folder);
    const { before, after } = await repackRun(folder, 'fast', context);
    expect(after).toBeLessThan(before / 3);
    expectWithinBounds(exact, await explained(folder));
  });

  test('keeps each example’s part', async () => {
    const folder = await recorded('rows', {
      codec: 'dense',
      recording: 'mini-batches',
      batchSize: 20,
      maxSteps: 8,
    });
    const exact = await explained(folder);
    const { before, after } = await repackRun(folder, 'compact', context);
    expect(after).toBeLessThan(before * 0.75);
    const found = await explained(folder);
    expectWithinBounds(exact, found);
    for (const [i, layers] of exact.entries()) {
      for (const [k, { examples }] of layers.entries()) {
        const best = found[i]?.[k]?.examples[0];
        expect(Math.abs((best?.gamma ?? 0) / (examples[0]?.gamma ?? 1) - 1)).toBeLessThan(0.01);
      }
    }
  });
});
