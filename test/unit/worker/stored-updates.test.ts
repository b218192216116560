import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { explain } from '../../../src-main/engine/explanation/explain';
import { exportUpdates, weightsBefore } from '../../../src-main/trace/exports';
import { readTensors } from '../../../src-main/trace/safetensors';
import { TraceReader } from '../../../src-main/trace/trace-reader';
import { openRun } from '../../../src-main/worker/open-run';
import { record, recordingInto } from '../../../src-main/worker/record-job';
import { repackRun } from '../../../src-main/worker/repack-job';
import { replayRules } from '../../../src-main/worker/replay-rules';
import type { Progress } from '../../../src-shared/contract/progress';
import type {
  ExplanationUnit,
  LayerExplanation,
} from '../../../src-shared/explanation/explanation';

/** Runs of optimizers that store their updates: weights, going on, explaining, packing. */
const recipe = {
  data: 'mnist',
  limit: { train: 300, test: 10 },
  model: {
    layers: [
      { type: 'Conv2D', name: 'conv1', filters: 6, kernelSize: 5, strides: 2, useBias: true },
      { type: 'BatchNormalization', name: 'bn1', affine: true },
      { type: 'ReLU', name: 'relu1' },
      { type: 'Flatten', name: 'flatten' },
      { type: 'Dense', name: 'fc1', units: 64, useBias: true },
      { type: 'ReLU', name: 'relu2' },
      { type: 'Dense', name: 'logits', units: 10, useBias: true },
    ],
  },
  batchSize: 32,
  maxSteps: 14,
  codec: 'lossless',
};
const optimizers = {
  adam: { name: 'adam', learningRate: 0.003, weightDecay: 0.01 },
  adamw: { name: 'adamw', learningRate: 0.003, weightDecay: 0.05 },
  sam: { name: 'sam', learningRate: 0.05, rho: 0.1, momentum: 0.9 },
} as const;
const names = ['adam', 'adamw', 'sam'] as const;

const context = { signal: new AbortController().signal, onProgress: () => undefined };
const final = 'checkpoints/final.safetensors';
let root: string;
const folderOf = (name: string): string => join(root, name);
const bytesOf = (name: string): Buffer => readFileSync(join(folderOf(name), final));

async function recorded(name: string, more: object, stopped = false): Promise<boolean> {
  const folder = folderOf(name);
  const onProgress = ({ kind }: Progress): void => {
    if (stopped && kind === 'record') recordingInto(folder).stop();
  };
  const request = { recipe: { ...recipe, ...more }, folder, bases: [] };
  return (await record(request, { ...context, onProgress })).finished;
}

async function explained(name: string, unit: ExplanationUnit): Promise<LayerExplanation[]> {
  const run = await openRun(folderOf(name));
  try {
    const [found] = await explain(run.explainable, {
      examples: [{ split: 'test', index: 3 }],
      layers: null,
      target: { kind: 'representation' },
      unit,
      exampleSplit: 'exact',
      top: 5,
    });
    return [...(found?.layers ?? [])];
  } finally {
    run.close();
  }
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'deltascope-updates-'));
  for (const name of names) await recorded(name, { optimizer: optimizers[name] });
}, 120_000);

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe.each(names)('a run by %s', (name) => {
  test('holds updates that add up to its final weights, bit for bit', async () => {
    const reader = await TraceReader.open(folderOf(name));
    const out = join(root, 'updates.safetensors');
    const [start, end] = await Promise.all([reader.weights('initial'), reader.weights('final')]);
    for (const layer of reader.layers) {
      const range = { from: 0, to: recipe.maxSteps };
      await exportUpdates(reader, layer.name, range, out, await replayRules(reader));
      const updates = await readTensors(out);
      expect(updates.map((update) => update.name)).toEqual(
        Array.from({ length: 14 }, (_, t) => `${t}`),
      );
      const flat = (weights: typeof start): number[] =>
        ['kernel', 'bias'].flatMap((part) =>
          Array.from(weights.find((each) => each.name === `${layer.name}/${part}`)?.data ?? []),
        );
      const sum = Float32Array.from(flat(start));
      for (const { data } of updates) {
        for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (data[i] as number);
      }
      expect(Array.from(sum)).toEqual(flat(end));
    }
    // In between there is no checkpoint: batch norm's weights come from the step's own record.
    const middle = await weightsBefore(reader, 7, await replayRules(reader));
    expect(middle.map((each) => each.name).sort()).toEqual(end.map((each) => each.name).sort());
    reader.close();
  });

  test('goes on after a stop with the same bytes', async () => {
    const stopped = `stopped-${name}`;
    const optimizer = optimizers[name];
    expect(await recorded(stopped, { optimizer }, true)).toBe(false);
    expect(await recorded(stopped, { optimizer })).toBe(true);
    expect(bytesOf(stopped)).toEqual(bytesOf(name));
  });

  test('credits each update to the step that applied it, in both units', async () => {
    const byUpdate = await explained(name, 'update');
    const byCredit = await explained(name, 'credit');
    expect(byUpdate.map((layer) => layer.name)).toEqual(['conv1', 'fc1', 'logits']);
    for (const [i, layer] of byUpdate.entries()) {
      expect(byCredit[i]).toEqual({ ...layer, unit: 'credit' });
      expect([layer.stored, layer.exampleSplit]).toEqual(['update', 'equal']);
      expect(layer.residual).toBeLessThan(1e-6);
      const parts = layer.classes.reduce(
        (sum, { share }) => sum + share,
        layer.initializationShare,
      );
      expect(parts).toBeCloseTo(1, 5);
      expect(layer.ghostShare).toBe(0);
    }
  });
});

function expectWithinBounds(exact: LayerExplanation[], found: LayerExplanation[]): void {
  for (const [i, layer] of found.entries()) {
    const wanted = Array.from((exact[i] as LayerExplanation).steps.gamma);
    const missed = wanted.map((gamma, t) => (layer.steps.gamma[t] as number) - gamma);
    const error = Math.hypot(...missed) / Math.hypot(...wanted);
    expect(layer.errorBound).toBeLessThanOrEqual(0.003);
    expect(error).toBeLessThanOrEqual(Math.max(1e-6, layer.errorBound));
    expect(layer.residual).toBeLessThanOrEqual(Math.max(1e-5, layer.errorBound));
  }
}

describe('stored updates', () => {
  test.each(names)(
    'are packed within the bound they state, by recording and anew: %s',
    async (name) => {
      const whole = await TraceReader.open(folderOf(name));
      const before = whole.shardBytes;
      whole.close();
      const exact = await explained(name, 'update');
      await recorded(`packed-${name}`, { optimizer: optimizers[name], codec: 'fast' });
      expect(bytesOf(`packed-${name}`)).toEqual(bytesOf(name));
      const packed = await TraceReader.open(folderOf(`packed-${name}`));
      expect(packed.shardBytes).toBeLessThan(before * 0.65);
      packed.close();
      expectWithinBounds(exact, await explained(`packed-${name}`, 'update'));
      const { after } = await repackRun(folderOf(name), 'fast', context);
      expect(after).toBeLessThan(before * 0.65);
      expectWithinBounds(exact, await explained(name, 'update'));
    },
  );

  test('belong to no single example, even where a step has one', async () => {
    const single = { recording: 'single', batchSize: 1, maxSteps: 6 };
    await recorded('single', {
      ...single,
      optimizer: optimizers.adam,
      limit: { train: 6, test: 5 },
    });
    for (const layer of await explained('single', 'update'))
      expect(layer.exampleSplit).toBe('equal');
  });

  test('come from mini-batches too, without rows', async () => {
    await recorded('mixed', { recording: 'mini-batches', optimizer: optimizers.sam });
    const reader = await TraceReader.open(folderOf('mixed'));
    expect(reader.parts).toEqual(['update']);
    reader.close();
    for (const layer of await explained('mixed', 'update')) {
      expect(layer.exampleSplit).toBe('equal');
      expect(layer.residual).toBeLessThan(1e-6);
    }
  });
});
