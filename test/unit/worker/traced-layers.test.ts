import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ExplainOptions, explain } from '../../../src-main/engine/explanation/explain';
import { exportUpdates, weightsBefore } from '../../../src-main/trace/exports';
import { TraceReader } from '../../../src-main/trace/trace-reader';
import { analyseRun } from '../../../src-main/worker/account';
import { recipeWithout } from '../../../src-main/worker/architecture-job';
import { estimateCost } from '../../../src-main/worker/estimate-job';
import { type OpenRun, openRun } from '../../../src-main/worker/open-run';
import { record, recordingInto } from '../../../src-main/worker/record-job';
import { releasedRun } from '../../../src-main/worker/release-words';
import { replayRules } from '../../../src-main/worker/replay-rules';
import { describeRun } from '../../../src-main/worker/run-detail';
import { verifyRun } from '../../../src-main/worker/verify-job';
import type { Progress } from '../../../src-shared/contract/progress';

/** Runs that record some of their layers only. */
const recipe = {
  data: 'mnist',
  limit: { train: 300, test: 20 },
  model: {
    layers: [
      { type: 'Conv2D', name: 'conv1', filters: 6, kernelSize: 5, strides: 2 },
      { type: 'BatchNormalization', name: 'bn1', affine: true },
      { type: 'ReLU', name: 'relu1' },
      { type: 'Flatten', name: 'flatten' },
      { type: 'Dense', name: 'fc1', units: 32 },
      { type: 'ReLU', name: 'relu2' },
      { type: 'Dense', name: 'logits', units: 10 },
    ],
  },
  batchSize: 32,
  maxSteps: 14,
  codec: 'lossless',
};
const sgd = { name: 'sgd', learningRate: 0.05, momentum: 0.9, weightDecay: 0.01 };
const optimizers = { sgd, adam: { name: 'adam', learningRate: 0.003 } };

const context = { signal: new AbortController().signal, onProgress: () => undefined };
let root: string;
const folderOf = (name: string): string => join(root, name);
const finalOf = (name: string): Buffer =>
  readFileSync(join(folderOf(name), 'checkpoints/final.safetensors'));

async function recorded(name: string, more: object, stopped = false): Promise<void> {
  const folder = folderOf(name);
  const onProgress = ({ kind }: Progress): void => {
    if (stopped && kind === 'record') recordingInto(folder).stop();
  };
  const request = { recipe: { ...recipe, ...more }, folder, bases: [] };
  await record(request, { ...context, onProgress });
}

async function within<T>(name: string, work: (run: OpenRun) => Promise<T>): Promise<T> {
  const run = await openRun(folderOf(name));
  try {
    return await work(run);
  } finally {
    run.close();
  }
}

const question: ExplainOptions = {
  examples: [{ split: 'test', index: 3 }],
  layers: null,
  target: { kind: 'representation' },
  unit: 'update',
  exampleSplit: null,
  top: 5,
};
const explained = (name: string, more: Partial<ExplainOptions> = {}) =>
  within(
    name,
    async ({ explainable }) => (await explain(explainable, { ...question, ...more }))[0],
  );

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'deltascope-traced-'));
  for (const [name, optimizer] of Object.entries(optimizers)) {
    await recorded(`${name}-all`, { optimizer });
    await recorded(`${name}-some`, { optimizer, traced: ['fc1'] });
  }
}, 120_000);

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe.each(['sgd', 'adam'])('a run by %s that records one layer of three', (name) => {
  test('ends in the same weights, bit for bit', () => {
    expect(finalOf(`${name}-some`).equals(finalOf(`${name}-all`))).toBe(true);
  });

  test('stores the bytes of that layer, and of no other', async () => {
    const reader = await TraceReader.open(folderOf(`${name}-some`));
    const found = new Map<string, number>();
    for await (const { parts } of reader.storedSteps()) {
      for (const { layer, shape } of parts) {
        found.set(layer, (found.get(layer) ?? 0) + shape.reduce((a, b) => a * b, 1));
      }
    }
    reader.close();
    // fc1 reads 12 × 12 × 6 values and a 1; by SGD the ghosts' part stands beside the whole.
    const parts = name === 'sgd' ? 2 : 1;
    expect([...found]).toEqual([['fc1', 14 * parts * (12 * 12 * 6 + 1) * 32]]);
  });

  test('explains that layer as the whole recording does', async () => {
    const some = await explained(`${name}-some`);
    const all = await explained(`${name}-all`);
    expect(some?.layers).toEqual(all?.layers.filter((layer) => layer.name === 'fc1'));
    expect(some?.layers[0]?.residual).toBeLessThan(1e-5);
  });
});

describe('what was not recorded', () => {
  const some = 'sgd-some';

  test('is named by the certificates and has none', async () => {
    const { ok, layers, unrecorded } = await verifyRun(folderOf(some), context);
    expect([ok, layers.map(({ name }) => name), unrecorded]).toEqual([
      true,
      ['fc1'],
      ['conv1', 'logits'],
    ]);
    expect(await verifyRun(folderOf('sgd-all'), context)).not.toHaveProperty('unrecorded');
  });

  test('is refused by name, and margins with it', async () => {
    await expect(explained(some, { layers: ['fc1', 'logits'] })).rejects.toThrow(
      "Layer 'logits' was not recorded, so it can't be taken apart; recorded are fc1.",
    );
    await expect(explained(some, { layers: ['fc7'] })).rejects.toThrow("records no layer 'fc7'");
    await expect(explained(some, { target: { kind: 'margin', over: [1, 2] } })).rejects.toThrow(
      "at the output layer 'logits', which was not recorded",
    );
  });

  test('has no updates to export, and weights only where they are kept whole', async () => {
    const reader = await TraceReader.open(folderOf(some));
    const rules = await replayRules(reader);
    const out = join(root, 'updates.safetensors');
    await expect(exportUpdates(reader, 'conv1', { from: 0, to: 2 }, out, rules)).rejects.toThrow(
      'Layer "conv1" was not recorded, so',
    );
    await expect(weightsBefore(reader, 5, rules)).rejects.toThrow(
      'The weights of conv1, logits before step 5 are unknown, as their updates were not recorded; ' +
        'whole weights are kept before the steps 0, 14.',
    );
    const whole = await TraceReader.open(folderOf('sgd-all'));
    for (const step of [0, 14]) {
      expect(await weightsBefore(reader, step, rules)).toEqual(
        await weightsBefore(whole, step, rules),
      );
    }
    reader.close();
    whole.close();
  });

  test('stands in the architecture with that for a reason, and unflagged', async () => {
    const { layers } = await within(some, (run) => analyseRun(run, 10, context));
    expect(layers.map(({ name, flag, whole }) => [name, flag, whole === null])).toEqual([
      ['conv1', 'unrecorded', true],
      ['fc1', null, false],
      ['logits', 'unrecorded', true],
    ]);
    const all = await within('sgd-all', (run) => analyseRun(run, 10, context));
    expect(layers[1]?.whole?.specificity).toBe(all.layers[1]?.whole?.specificity);
  });

  test('is told in views and releases', async () => {
    const { layers } = await describeRun(folderOf(some));
    const told = [
      ['conv1', true],
      ['fc1', undefined],
      ['logits', true],
    ];
    expect(layers.map(({ name, unrecorded }) => [name, unrecorded])).toEqual(told);
    const released = await within(some, (run) => releasedRun(run, context.signal));
    expect(released.layers.map(({ name, unrecorded }) => [name, unrecorded])).toEqual(told);
  });

  test('costs nothing', async () => {
    const bytes = async (traced: string[] | null): Promise<number> =>
      (await estimateCost({ ...recipe, traced }, root, [], context.signal)).bytesPerStep;
    // Both parts of conv1, 25 × 6 + 6 numbers, and of logits, 33 × 10.
    expect((await bytes(null)) - (await bytes(['fc1']))).toBeCloseTo(2 * 4 * (26 * 6 + 330), 6);
  });
});

test('a network without layers traces those of the choice that are left, or all', async () => {
  await within('sgd-some', async (run) => {
    expect(recipeWithout(run, ['conv1']).recipe.traced).toEqual(['fc1']);
    expect(recipeWithout(run, ['fc1']).recipe.traced).toBeNull();
  });
});

test('a stopped recording goes on, and refuses another choice', async () => {
  const more = { optimizer: sgd, traced: ['fc1'] };
  await recorded('stopped', more, true);
  await expect(recorded('stopped', { ...more, traced: ['logits'] })).rejects.toThrow(
    "another recipe ('traced' differs)",
  );
  await recorded('stopped', more);
  expect(finalOf('stopped').equals(finalOf('sgd-some'))).toBe(true);
});
