import { cpSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explain } from '../../../src-main/engine/explanation/explain';
import { explainExample } from '../../../src-main/worker/explain-job';
import { computeHandlers } from '../../../src-main/worker/handlers';
import { openRun } from '../../../src-main/worker/open-run';
import type { RecordProgress } from '../../../src-shared/contract/progress';
import type { ExampleFilter } from '../../../src-shared/contract/views';
import type { StepRange } from '../../../src-shared/explanation/explanation';
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
      // Told before the first step: it is taken to its end, however short the training is.
      const { state } = progress as RecordProgress;
      if (state === 'training') handlers['record.stop']({ folder: into }, context);
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

const request = {
  split: 'test',
  index: 1,
  layers: null,
  target: { kind: 'representation' },
  unit: 'update',
  exampleSplit: null,
  top: 4,
  range: null,
} as const;

describe('a question that was answered', () => {
  const question = { request, picture: null };
  const ask = (range: StepRange | null) => ({
    folder: run,
    picture: null,
    request: { ...request, range },
    layer: 'conv2',
  });

  it('is asked on without the trace: ranges, steps of an example, every number', async () => {
    const whole = await handlers['explain.example']({ folder: run, request }, context);
    const layer = whole.layers.find(({ name }) => name === 'conv2');
    if (!layer) throw new Error('no conv2');
    const { gamma, label } = layer.steps;
    const range = { from: 2, to: 7 };
    const ranged = { ...request, range, layers: ['conv2'] };
    const reread = await explainExample(await openRun(run), ranged, context);

    renameSync(join(run, 'shards'), join(run, 'away'));
    try {
      const detail = await handlers['explain.detail'](ask(range), context);
      expect(detail.range).toEqual(range);
      expect(detail.examples).toEqual(reread.layers[0]?.examples);
      expect(detail.opposing).toEqual(reread.layers[0]?.opposing);
      expect(detail.ridges.find((ridge) => ridge.layer === 'conv2')).toEqual(reread.ridges[0]);
      expect(detail.timeline.bars.map(({ step }) => step)).toEqual([2, 3, 4, 5, 6]);

      const [first] = detail.examples;
      const trained = first?.index ?? -1;
      const { steps } = await handlers['explain.steps']({ ...ask(range), trained }, context);
      expect(steps.length).toBeGreaterThan(0);
      expect(steps.every(({ step }) => step >= 2 && step < 7)).toBe(true);
      const sum = steps.reduce((total, step) => total + step.gamma, 0);
      expect(sum).toBeCloseTo(first?.gamma ?? Number.NaN, 12);
      const nobody = await handlers['explain.steps']({ ...ask(null), trained: 1e6 }, context);
      expect(nobody.steps).toEqual([]);

      const csv = (await handlers['explain.csv'](ask(null), context)).trim().split('\n');
      expect(csv).toHaveLength(gamma.length + 1);
      expect(csv[3]?.split(',').slice(0, 5)).toEqual([
        '2',
        '1',
        expect.any(String),
        `"${label[2]}"`,
        String(gamma[2]),
      ]);
      const elsewhere = handlers['explain.detail']({ ...ask(null), layer: 'conv9' }, context);
      await expect(elsewhere).rejects.toMatchObject({ code: 'layer-missing' });
      const tooFar = handlers['explain.detail'](ask({ from: 3, to: 1e6 }), context);
      await expect(tooFar).rejects.toMatchObject({ code: 'request-invalid' });
    } finally {
      renameSync(join(run, 'away'), join(run, 'shards'));
    }
  });

  it('has a summary that says the same with the steps left out', async () => {
    const whole = await handlers['explain.example']({ folder: run, request }, context);
    const asked = { folder: run, ...question, layer: null };
    const { layers, detail } = await handlers['explain.summary'](asked, context);
    expect(layers.map(({ name }) => name)).toEqual(whole.layers.map(({ name }) => name));
    expect(layers.map(({ classes }) => classes)).toEqual(whole.layers.map((l) => l.classes));
    expect(layers.some((layer) => 'steps' in layer)).toBe(false);
    expect(detail.layer).toBe(layers.at(-1)?.name);
    expect(detail.ridges).toEqual(whole.ridges);
  });

  it('is compared with another by the shares of the same training examples', async () => {
    const all = { ...request, top: 1000 };
    const other = { ...all, index: 2 };
    const shares = await Promise.all(
      [all, other].map(async (one) => {
        const { layers } = await handlers['explain.example'](
          { folder: run, request: one },
          context,
        );
        const { examples, normSquared } = layers.at(-1) ?? { examples: [], normSquared: 1 };
        return new Map(examples.map(({ index, gamma }) => [index, gamma / normSquared]));
      }),
    );
    const [a, b] = shares as [Map<number, number>, Map<number, number>];
    const smaller = [...a].map(([index, share]): [number, number] => [
      index,
      Math.min(share, b.get(index) ?? 0),
    ]);
    const best = smaller.sort((x, y) => y[1] - x[1])[0] ?? [-1, 0];
    const { both, apart } = await handlers['explain.compare'](
      {
        folder: run,
        layer: 'logits',
        questions: [
          { request: all, picture: null },
          { request: other, picture: null },
        ],
      },
      context,
    );
    if (best[1] > 0) expect(both[0]?.index).toBe(best[0]);
    else expect(both).toEqual([]);
    const differences = apart.map(({ shares: [x, y] }) => Math.abs(x - y));
    expect(differences).toEqual([...differences].sort((x, y) => y - x));
    for (const { index, shares: pair } of apart.slice(0, 5)) {
      expect(pair[0]).toBeCloseTo(a.get(index) ?? Number.NaN, 12);
      expect(pair[1]).toBeCloseTo(b.get(index) ?? Number.NaN, 12);
    }
  });
});

describe('a finished run', () => {
  it('explains one example with a ridge plot a layer', async () => {
    const view = await handlers['explain.example'](
      { folder: run, request: { ...request, top: 3 } },
      context,
    );
    expect(view.ridges.map(({ layer }) => layer)).toEqual(view.layers.map(({ name }) => name));
    for (const { residual, examples, opposing } of view.layers) {
      expect(residual).toBeLessThan(1e-5);
      expect([examples.length, opposing.length]).toEqual([3, 3]);
    }
    expect(view.ridges[0]?.predicted).toBe(view.example.predicted);
  });

  it('pages through its examples by what the network says of them', async () => {
    const page = (filter: ExampleFilter, offset = 0, count = 1000) =>
      handlers['examples.page'](
        { folder: run, split: 'test', filter, label: null, predicted: null, offset, count },
        context,
      );
    const [all, correct, wrong] = [
      await page('all'),
      await page('correct'),
      await page('misclassified'),
    ];
    expect(correct.total + wrong.total).toBe(all.total);
    expect(correct.tiles.every((tile) => tile.predicted === tile.label)).toBe(true);
    expect(wrong.tiles.every((tile) => tile.predicted !== tile.label)).toBe(true);
    const suspects = (await page('suspects')).tiles;
    const bySureness = [...wrong.tiles].sort((a, b) => b.confidence - a.confidence);
    expect(suspects.map(({ confidence }) => confidence)).toEqual(
      bySureness.map(({ confidence }) => confidence),
    );
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
