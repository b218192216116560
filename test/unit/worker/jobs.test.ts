import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explain } from '../../../src-main/engine/explanation/explain';
import { computeHandlers } from '../../../src-main/worker/handlers';
import { openRun } from '../../../src-main/worker/open-run';
import type { RecordProgress } from '../../../src-shared/contract/progress';
import type { RecipeInput } from '../../../src-shared/recipe/recipe';
import { readSafetensors } from '../../support/safetensors-file';

/** The jobs as the window calls them, over a small data set in a file. */
const handlers = computeHandlers();
const context = { signal: new AbortController().signal, onProgress: () => undefined };

let folder: string;
let recipe: RecipeInput;
let run: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'deltascope-jobs-'));
  const source = join(import.meta.dirname, '../../fixtures/oracle/conv-ghost-flow');
  cpSync(join(source, 'data.npz'), join(folder, 'data.npz'));
  const { order, initialWeights, maxSteps, ...rest } = JSON.parse(
    await readFile(join(source, 'recipe.json'), 'utf8'),
  ) as RecipeInput;
  expect([order, initialWeights, maxSteps]).not.toContain(undefined);
  recipe = { ...rest, data: join(folder, 'data.npz'), epochs: 3 };
  run = join(folder, 'run');
  await handlers['record.run']({ recipe, folder: run }, context);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('recording', () => {
  it('pauses between two steps, goes on, and describes what it made', async () => {
    const into = join(folder, 'paused');
    const states: string[] = [];
    let pausedAt = 0;
    let resumedAt = 0;
    const detail = await handlers['record.run'](
      { recipe: { ...recipe, epochs: 30 }, folder: into },
      {
        signal: context.signal,
        onProgress(progress) {
          if (progress.kind !== 'record') return;
          if (states.at(-1) === 'paused') resumedAt = progress.step;
          states.push(progress.state);
          if (progress.state === 'paused') {
            pausedAt = progress.step;
            setTimeout(() => handlers['record.resume']({ folder: into }, context), 30);
          } else if (progress.state === 'training' && pausedAt === 0 && progress.step > 0) {
            handlers['record.pause']({ folder: into }, context);
          }
        },
      },
    );
    expect(states.filter((state) => state === 'paused')).toHaveLength(1);
    expect(states.at(-1)).toBe('finished');
    expect(pausedAt).toBeGreaterThan(0);
    expect(resumedAt).toBe(pausedAt);
    expect(detail).toMatchObject({ id: into, state: 'finished', recordingNow: false });
    expect(detail.steps).toBe(detail.stepsPlanned);
  });

  it('stops when it is told to, and goes on to the weights of an uninterrupted one', async () => {
    const into = join(folder, 'stopped');
    const stopping = (progress: { kind: string }): void => {
      if ((progress as RecordProgress).step > 0) handlers['record.stop']({ folder: into }, context);
    };
    const stopped = await handlers['record.run'](
      { recipe, folder: into },
      { signal: context.signal, onProgress: stopping },
    );
    expect(stopped.state).toBe('unfinished');
    expect(stopped.steps).toBeGreaterThan(0);
    expect(stopped.steps).toBeLessThan(stopped.stepsPlanned);
    const whole = await handlers['record.run']({ recipe, folder: into }, context);
    expect(whole.state).toBe('finished');
    const final = (of: string) => readFile(join(of, 'checkpoints/final.safetensors'));
    expect((await final(into)).equals(await final(run))).toBe(true);
  });

  it('is controlled only where there is one', () => {
    for (const name of ['record.pause', 'record.resume', 'record.stop'] as const) {
      expect(() => handlers[name]({ folder: run }, context)).toThrow(/Nothing is being recorded/);
    }
  });

  it('is estimated from trial steps that leave nothing behind', async () => {
    const into = join(folder, 'estimated');
    const before = tf.memory().numTensors;
    const cost = await handlers['record.estimate']({ recipe, folder: into }, context);
    expect(tf.memory().numTensors).toBe(before);
    expect(existsSync(into)).toBe(false);
    const { steps } = await handlers['run.describe']({ folder: run }, context);
    expect(cost.steps).toBe(steps);
    expect(cost.trialSteps).toBeLessThanOrEqual(15);
    const shards = join(run, 'shards');
    const floats = readdirSync(shards)
      .flatMap((name) => [...readSafetensors(join(shards, name)).values()])
      .reduce((sum, { data }) => sum + data.length, 0);
    // Batches differ in size, and the trial takes the first few.
    expect(cost.bytesPerStep * steps).toBeGreaterThan(0.8 * 4 * floats);
    expect(cost.bytesPerStep * steps).toBeLessThan(1.25 * 4 * floats);
    expect(cost.bytes.low).toBeLessThanOrEqual(cost.bytes.high);
    expect(cost.seconds.low).toBeLessThanOrEqual(cost.seconds.high);
  });
});

describe('a finished run', () => {
  it('explains one example with a ridge plot a layer', async () => {
    const request = {
      split: 'test',
      index: 0,
      layers: null,
      target: { kind: 'representation' },
      unit: 'update',
      exampleSplit: null,
      top: 3,
      range: null,
    } as const;
    const view = await handlers['explain.example']({ folder: run, request }, context);
    expect(view.ridges.map(({ layer }) => layer)).toEqual(view.layers.map(({ name }) => name));
    for (const { residual, examples, opposing } of view.layers) {
      expect(residual).toBeLessThan(1e-5);
      expect([examples.length, opposing.length]).toEqual([3, 3]);
    }
    expect(view.ridges[0]?.predicted).toBe(view.example.predicted);
  });

  it('pages through its examples by what the network says of them', async () => {
    const page = (filter: 'all' | 'correct' | 'misclassified', offset = 0, count = 1000) =>
      handlers['examples.page']({ folder: run, split: 'test', filter, offset, count }, context);
    const [all, correct, wrong] = [
      await page('all'),
      await page('correct'),
      await page('misclassified'),
    ];
    expect(correct.total + wrong.total).toBe(all.total);
    expect(correct.tiles.every((tile) => tile.predicted === tile.label)).toBe(true);
    expect(wrong.tiles.every((tile) => tile.predicted !== tile.label)).toBe(true);
    expect(await page('all', 2, 3)).toMatchObject({
      total: all.total,
      offset: 2,
      tiles: all.tiles.slice(2, 5),
    });
    const { testAccuracy } = await handlers['run.describe']({ folder: run }, context);
    expect(testAccuracy).toBeCloseTo(correct.total / all.total, 12);
  });

  it('holds no more tensors after each question than after the first', async () => {
    const opened = await openRun(run);
    const ask = async (example: number): Promise<number> => {
      await explain(opened.explainable, {
        examples: [
          { split: 'test', index: example },
          { split: 'train', index: example },
        ],
        layers: null,
        target: { kind: 'learned' },
        unit: 'credit',
        exampleSplit: null,
        top: 5,
      });
      await opened.predictions('train');
      return tf.memory().numTensors;
    };
    const first = await ask(0);
    for (const example of [1, 2, 3]) expect(await ask(example)).toBe(first);
    await explain(opened.explainable, {
      examples: [{ split: 'test', index: 0 }],
      layers: ['conv2'],
      target: { kind: 'representation' },
      unit: 'update',
      exampleSplit: 'equal',
      top: 5,
    });
    expect(tf.memory().numTensors).toBe(first);
    const missing = explain(opened.explainable, {
      examples: [
        { split: 'test', index: 0 },
        { split: 'test', index: 1e6 },
      ],
      layers: null,
      target: { kind: 'representation' },
      unit: 'update',
      exampleSplit: null,
      top: 5,
    });
    await expect(missing).rejects.toMatchObject({ code: 'example-missing' });
    expect(tf.memory().numTensors).toBe(first);
    opened.close();
  });

  it('gives all tensors back when it is closed', async () => {
    const before = tf.memory().numTensors;
    const opened = await openRun(run);
    expect(tf.memory().numTensors).toBeGreaterThan(before);
    opened.close();
    expect(tf.memory().numTensors).toBe(before);
  });
});
