import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEngine } from '../../../src-main/engine/backend';
import { type SmallRun, smallRun, subset } from '../../../src-main/engine/scorecard/small-run';
import {
  accuracyOutput,
  ConfusionCounts,
  confusionOutput,
} from '../../../src-main/privacy/outputs/predictions';
import { Publisher } from '../../../src-main/privacy/publisher';
import { drawSample } from '../../../src-main/privacy/sample';
import { systemRandom } from '../../../src-main/privacy/secret-random';
import { Random } from '../../../src-shared/random';
import { contentOf, numbersIn, outputsOf } from '../../support/releases';
import { clouds } from '../../support/small-training';

const usual = { atLeast: 10 };
const model = [
  { type: 'Input', name: 'input' },
  { type: 'Dense', name: 'fc1', units: 16, useBias: true },
  { type: 'ReLU', name: 'relu1' },
  { type: 'Dense', name: 'logits', units: 4, useBias: true },
] as const;
const recipe = {
  recording: 'class-batches',
  batchSize: 32,
  ghostSamples: 8,
  optimizer: { name: 'sgd', learningRate: 0.1 },
  epochs: 2,
} as const;

/** Two runs on data that differ in one training and one test example. */
describe('releases of two runs that differ by one example', () => {
  const runs: SmallRun[] = [];

  beforeAll(async () => {
    await startEngine();
    const data = clouds(4, 240, 300);
    const { signal } = new AbortController();
    const without = (count: number, left: number) =>
      Array.from({ length: count }, (_, i) => i).filter((i) => i !== left);
    const fewer = {
      ...data,
      train: subset(data.train, without(240, 17)),
      test: subset(data.test, without(300, 40)),
    };
    for (const each of [data, fewer]) runs.push(await smallRun(each, model, recipe, signal));
  });

  afterAll(() => {
    for (const run of runs) run.dispose();
  });

  it('show counts on base 5 alone, none below the threshold, and rounded means', async () => {
    const [first = [], second = []] = await Promise.all(runs.map((run) => outputsOf(run)));
    for (const outputs of [first, second]) {
      const counts = [
        ...contentOf(outputs, 'accuracy').classes.map(({ examples }) => examples),
        ...contentOf(outputs, 'confusion').counts.flat(),
        ...contentOf(outputs, 'class-shares').layers.flatMap(({ rows }) =>
          rows.map(({ examples }) => examples),
        ),
      ].filter((count) => typeof count === 'number');
      expect(counts.length).toBeGreaterThan(8);
      for (const count of counts) {
        expect(count % 5).toBe(0);
        expect(count).toBeGreaterThanOrEqual(10);
      }
      const means = ['class-shares', 'specificity', 'timeline', 'cos-histograms'] as const;
      for (const kind of means) {
        const found = numbersIn(contentOf(outputs, kind)).filter(([path]) => !/edges/.test(path));
        expect(found.length, kind).toBeGreaterThan(4);
        for (const [path, value] of found) {
          expect(Math.round(100 * value) / 100, `${kind}${path}`).toBe(value);
        }
      }
    }
    // What changed between the two changed by a step of the rounding at least, never by one example.
    const [a, b] = [first, second].map(
      (outputs) => new Map(numbersIn(contentOf(outputs, 'confusion'))),
    );
    for (const [path, value] of a ?? []) {
      const other = b?.get(path);
      if (other !== undefined) expect(Math.abs(value - other) % 5).toBe(0);
    }
  });
});

/**
 * The hardest case: the same network, and test data that differ by one example of which the attacker
 * knows everything but whether it is there.
 */
describe('whether one test example is there', () => {
  const classes = 4;
  const random = Random.seeded(11, 'tests');
  const labels = Int32Array.from({ length: 400 }, (_, i) => i % classes);
  const predicted = labels.map((label) =>
    random.uniform() < 0.7 ? label : random.integer(classes),
  );
  const target = 40;
  const all = Array.from(labels.keys());
  const rounds = 500;

  /** What the attacker looks at: the published count of the target's cell and of its class. */
  function published(indices: readonly number[]): string {
    const said = Int32Array.from(indices, (i) => predicted[i] as number);
    const { predicted: asked } = drawSample(said, null, () => true, usual, systemRandom);
    const of = (values: Int32Array) => asked.map((i) => values[indices[i] as number] as number);
    const confusion = new ConfusionCounts(of(labels), of(predicted), classes);
    const publisher = new Publisher(usual, null, systemRandom);
    const { classes: rates } = accuracyOutput(confusion, publisher).content;
    const { counts } = confusionOutput(confusion, publisher).content;
    const label = labels[target] as number;
    const cell = counts[label]?.[predicted[target] as number];
    return JSON.stringify([cell, rates[label]?.examples]);
  }

  /** By how much the best guess from what was seen beats a coin: total variation, 0 … 1. */
  function advantage(inside: readonly string[], outside: readonly string[]): number {
    const share = (list: readonly string[], seen: string) =>
      list.filter((each) => each === seen).length / list.length;
    const seen = new Set([...inside, ...outside]);
    return (
      [...seen].reduce(
        (sum, each) => sum + Math.abs(share(inside, each) - share(outside, each)),
        0,
      ) / 2
    );
  }

  it('can hardly be guessed from what is published', () => {
    const worlds = [all, all.filter((i) => i !== target)].map((indices) =>
      Array.from({ length: rounds }, () => published(indices)),
    );
    // Between two sets of draws from one world some 0.1 is seen by chance: 20 outcomes, 500 draws.
    const a = advantage(worlds[0] ?? [], worlds[1] ?? []);
    expect(a).toBeLessThan(0.15);
  });

  it('is certain from exact counts: the attack works', () => {
    const exact = (indices: readonly number[]) =>
      String(indices.filter((i) => labels[i] === labels[target]).length);
    const worlds = [all, all.filter((i) => i !== target)].map((indices) =>
      Array.from({ length: rounds }, () => exact(indices)),
    );
    expect(advantage(worlds[0] ?? [], worlds[1] ?? [])).toBe(1);
  });
});
