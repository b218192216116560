import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { explain } from '../../../src-main/engine/explanation/explain';
import type { LayerStorage } from '../../../src-main/engine/records';
import { TraceReader } from '../../../src-main/trace/trace-reader';
import { openRun } from '../../../src-main/worker/open-run';
import { record, recordingInto } from '../../../src-main/worker/record-job';
import { repackRun } from '../../../src-main/worker/repack-job';
import type { Progress } from '../../../src-shared/contract/progress';
import type { LayerExplanation } from '../../../src-shared/explanation/explanation';
import { Random } from '../../../src-shared/random';
import { array, zip } from '../data/files';

const [features, hidden, classes, train, tests] = [96, 128, 4, 1200, 20];

/** Examples of five numbers, told in 96: layers see few directions. */
function writeExamples(path: string): void {
  const random = Random.seeded(9, 'examples');
  const directions = Float64Array.from({ length: 5 * features }, () => random.normal());
  const members = (['train', 'test'] as const).flatMap((split) => {
    const count = split === 'train' ? train : tests;
    const labels = Uint8Array.from({ length: count }, (_, i) => i % classes);
    const values = new Float32Array(count * features);
    for (let i = 0; i < count; i++) {
      const own = Array.from(
        { length: 5 },
        (_, k) => random.normal() + (i % classes === k ? 2 : 0),
      );
      for (let j = 0; j < features; j++) {
        values[i * features + j] = own.reduce(
          (sum, value, k) => sum + value * (directions[k * features + j] as number) * 0.3,
          0,
        );
      }
    }
    return [
      { name: `x_${split}.npy`, data: array('<f4', [count, features], values) },
      { name: `y_${split}.npy`, data: array('|u1', [count], labels) },
    ];
  });
  writeFileSync(path, zip(members));
}

/** Large class batches, with ghosts that gradients flow to. */
const recipe = {
  data: 'examples.npz',
  model: {
    layers: [
      { type: 'Dense', name: 'fc1', units: hidden, useBias: true },
      { type: 'BatchNormalization', name: 'bn1' },
      { type: 'ReLU', name: 'relu1' },
      { type: 'Dense', name: 'fc2', units: classes, useBias: true },
    ],
  },
  ...{ batchSize: 200, ghostSamples: 30, maxSteps: 8, epochs: 2 },
  optimizer: { learningRate: 0.05, momentum: 0.9 },
};

let root: string;
const context = { signal: new AbortController().signal, onProgress: () => undefined };
const folderOf = (name: string): string => join(root, name);

async function recorded(name: string, more: object): Promise<void> {
  await record({ recipe: { ...recipe, ...more }, folder: folderOf(name), bases: [root] }, context);
}

async function explained(name: string, norms = true): Promise<LayerExplanation[][]> {
  const run = await openRun(folderOf(name));
  try {
    const found = await explain(run.explainable, {
      examples: [0, 1, 2, 3].map((index) => ({ split: 'test' as const, index })),
      ...{ layers: null, target: { kind: 'representation' }, unit: 'update' },
      ...{ exampleSplit: null, top: 1, norms },
    });
    return found.map(({ layers }) => [...layers]);
  } finally {
    run.close();
  }
}

async function storageOf(name: string): Promise<ReadonlyMap<string, LayerStorage>> {
  const reader = await TraceReader.open(folderOf(name));
  reader.close();
  return reader.storage;
}

/** ‖found − exact‖ / ‖exact‖ over steps. */
function error(found: ArrayLike<number>, exact: ArrayLike<number>): number {
  const off = Array.from(exact, (value, t) => (found[t] as number) - value);
  return Math.hypot(...off) / Math.hypot(...Array.from(exact));
}

function expectWithinBounds(exact: LayerExplanation[][], found: LayerExplanation[][]): void {
  for (const [i, layers] of exact.entries()) {
    for (const [k, layer] of layers.entries()) {
      const other = found[i]?.[k] as LayerExplanation;
      const message = `${layer.name} of example ${i}`;
      const bound = Math.max(other.errorBound, 1e-6);
      expect(bound).toBeLessThanOrEqual(0.003);
      expect(error(other.steps.gamma, layer.steps.gamma), message).toBeLessThanOrEqual(bound);
      expect(error(other.steps.norm, layer.steps.norm), message).toBeLessThanOrEqual(bound);
      expect(Math.abs(other.ghostShare - layer.ghostShare), message).toBeLessThanOrEqual(bound);
      expect(other.residual, message).toBeLessThanOrEqual(Math.max(1e-5, bound));
    }
  }
}

const partsOf = (storage: LayerStorage | undefined): string[] =>
  storage?.parts.map(({ part, codec }) => `${part} ${codec}`) ?? [];
const directions = ['basis int16', 'coordinates int16', 'ghostCoordinates int16'];

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'deltascope-low-rank-'));
  writeExamples(join(root, 'examples.npz'));
  for (const codec of ['dense', 'fast', 'compact'] as const) await recorded(codec, { codec });
}, 120_000);

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('few directions of wide layers in large class batches', () => {
  test('are recorded where they are much smaller, and explained within the bound', async () => {
    const storage = await storageOf('compact');
    expect(partsOf(storage.get('fc1'))).toEqual(directions);
    expect(storage.get('fc1')?.rank).toBeGreaterThan(0);
    const bytes = (name: string) =>
      readFileSync(join(folderOf(name), 'checkpoints/final.safetensors'));
    expect(bytes('compact')).toEqual(bytes('dense'));
    const exact = await explained('dense');
    expectWithinBounds(exact, await explained('compact'));
    // γ alone takes another way than γ with norms.
    const alone = await explained('compact', false);
    for (const [k, { steps, errorBound }] of (alone[0] ?? []).entries()) {
      const gamma = exact[0]?.[k]?.steps.gamma as ArrayLike<number>;
      expect(error(steps.gamma, gamma)).toBeLessThanOrEqual(Math.max(errorBound, 1e-6));
    }
  });

  test('are the same bytes where a recording was stopped and went on', async () => {
    const folder = folderOf('stopped');
    const begun = { recipe: { ...recipe, codec: 'compact' }, folder, bases: [root] };
    const stop = {
      ...context,
      onProgress: ({ kind }: Progress) => {
        if (kind === 'record') recordingInto(folder).stop();
      },
    };
    expect((await record(begun, stop)).finished).toBe(false);
    await record(begun, context);
    const numbers = async (name: string) => {
      const reader = await TraceReader.open(folderOf(name));
      const found: unknown[] = [];
      for await (const batch of reader.scan({ layers: ['fc1'], parts: reader.parts })) {
        found.push(...batch.map(({ step, part, data }) => [step, part, data.slice()]));
      }
      reader.close();
      return found;
    };
    expect(await numbers('stopped')).toEqual(await numbers('compact'));
  });

  test('are what a run is packed into, from factors or gradients', async () => {
    const exact = await explained('dense');
    for (const name of ['dense', 'fast']) {
      const copy = `${name}-packed`;
      cpSync(folderOf(name), folderOf(copy), { recursive: true });
      const { before, after, storage } = await repackRun(folderOf(copy), 'compact', context);
      expect(after).toBeLessThan(before);
      expect(partsOf(storage.get('fc1')), name).toEqual(directions);
      expectWithinBounds(exact, await explained(copy));
    }
  });
});
