import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { startEngine } from '../../../../src-main/engine/backend';
import { Network } from '../../../../src-main/engine/network';
import { inScope } from '../../../../src-main/engine/scope';
import { scorecard } from '../../../../src-main/engine/scorecard/scorecard';
import {
  logitsOf,
  lossOf,
  type SmallData,
  subset,
} from '../../../../src-main/engine/scorecard/small-run';
import { hiddenLayers } from '../../../../src-main/engine/scorecard/task';
import { gradientProducts } from '../../../../src-main/engine/scorecard/tracin';
import { resolveModel } from '../../../../src-shared/model/shapes';
import { Random } from '../../../../src-shared/random';
import { clouds, drawn } from '../../../support/small-training';

beforeAll(() => startEngine());

/** Tiny pictures of four classes, 8 × 8: each class is bright in a quarter of its own. */
function pictures(seed: number, train: number, test: number): SmallData {
  const split = (count: number, stream: string) => {
    const random = Random.seeded(seed, stream);
    const flat = drawn(count, 64, (i) => ({
      label: i % 4,
      values: Float64Array.from({ length: 64 }, (_, pixel) => {
        const quarter = 2 * Number(pixel >= 32) + Number(pixel % 8 >= 4);
        return Number(quarter === i % 4) + 0.6 * random.normal();
      }),
    }));
    return { ...flat, shape: [8, 8, 1] };
  };
  return { train: split(train, 'train'), test: split(test, 'test'), classes: 4 };
}

describe('the products of gradients', () => {
  it('are the change of one loss along the other’s gradient', async () => {
    const data = clouds(3, 6, 2);
    const network = new Network(resolveModel(hiddenLayers(4), [16], 4), 5);
    const products = await gradientProducts(
      network,
      data.train,
      data.test,
      new AbortController().signal,
    );
    const loss = (j: number): number =>
      lossOf(logitsOf(network, data.test, [j])[0] as Float32Array, data.test.labels[j] as number);
    const start = network.parameters.export().map((each) => ({ ...each, data: each.data.slice() }));
    const one = subset(data.train, [4]);
    const gradient = inScope(() => {
      const values = new Float32Array(16);
      one.gather([0], values);
      const batch = { values: tf.tensor(values, [1, 16]), graphs: null };
      const { parameters } = network.gradients(
        { batch, labels: one.labels, ghosts: null },
        'flow',
        0,
      );
      return new Map([...parameters].map(([name, g]) => [name, g.dataSync<'float32'>().slice()]));
    });
    const moved = (by: number): void =>
      network.parameters.import(
        start.map(({ name, shape, data: values }) => ({
          ...{ name, shape },
          data: values.map((w, k) => w + by * (gradient.get(name)?.[k] as number)),
        })),
        'moved',
      );
    const step = 1e-3;
    for (const j of [0, 1]) {
      moved(step);
      const up = loss(j);
      moved(-step);
      const slope = (up - loss(j)) / (2 * step);
      const found = products[j]?.[4] as number;
      // Central differences of a loss in fp32: some 1e-7 / 1e-3.
      expect(Math.abs(found - slope)).toBeLessThan(1e-3 + 0.01 * Math.abs(slope));
    }
    network.dispose();
  });
});

it('runs in a tiny form, and tells what must be true of any method', async () => {
  const tensors = tf.memory().numTensors;
  const said: string[] = [];
  const card = await scorecard('pictures', pictures(1, 80, 8), {
    ...{ recording: 'mini-batches', seeds: [1], examples: { train: 80, test: 8 }, subsets: 6 },
    signal: new AbortController().signal,
    onProgress: (message) => said.push(message),
  });
  expect(tf.memory().numTensors).toBe(tensors);
  expect(said.at(-1)).toBe('Linear datamodelling: 6 of 6 trainings');
  expect(card.completeness).toHaveLength(4);
  for (const { residual } of card.completeness) expect(residual).toBeLessThan(1e-5);
  const meanOf = (list: typeof card.mislabelled.scores, name: string): number =>
    list.find((score) => score.name === name)?.estimate.mean as number;
  const { mislabelled, randomised, datamodelling } = card;
  expect([mislabelled.changed, mislabelled.examples]).toEqual([8, 80]);
  for (const { estimate } of [...mislabelled.scores, ...datamodelling.scores]) {
    expect(estimate.interval[0]).toBeLessThanOrEqual(estimate.mean + 1e-9);
    expect(estimate.interval[1]).toBeGreaterThanOrEqual(estimate.mean - 1e-9);
  }
  expect(meanOf(mislabelled.scores, 'TracIn of itself')).toBeGreaterThan(0.7);
  const again = meanOf(randomised.scores, 'another seed');
  expect(meanOf(randomised.scores, 'exchanged labels')).toBeLessThan(again);
});

it('takes the mean over seeds, in class batches too', async () => {
  const measured = (seeds: readonly number[]) =>
    scorecard('pictures', pictures(1, 60, 6), {
      ...{ recording: 'class-batches', seeds, examples: { train: 60, test: 6 }, subsets: 4 },
      ...{ signal: new AbortController().signal, onProgress: () => undefined },
    });
  const [one, other, both] = [await measured([1]), await measured([2]), await measured([1, 2])];
  expect([both.recording, both.seeds]).toEqual(['class-batches', [1, 2]]);
  for (const part of ['mislabelled', 'datamodelling', 'randomised'] as const) {
    for (const [place, { name, estimate }] of both[part].scores.entries()) {
      const [a, b] = [one, other].map((card) => card[part].scores[place]?.estimate.mean as number);
      const middle = ((a as number) + (b as number)) / 2;
      expect(estimate.mean, name).toBeCloseTo(middle, 9);
      // Student's t for two: 12.706 times half their distance.
      const reach = (12.706 * Math.abs((a as number) - (b as number))) / 2;
      expect(estimate.interval[1], name).toBeCloseTo(middle + reach, 9);
      expect(estimate.count).toBe(2);
    }
  }
  for (const [place, { residual }] of both.completeness.entries()) {
    const each = [one, other].map((card) => card.completeness[place]?.residual as number);
    expect(residual).toBe(Math.max(...each));
  }
});

it('is given up when it is cancelled', async () => {
  const controller = new AbortController();
  const work = scorecard('pictures', pictures(1, 40, 4), {
    ...{ recording: 'mini-batches', seeds: [1, 2], examples: { train: 40, test: 4 } },
    ...{ subsets: 50, signal: controller.signal },
    onProgress: () => controller.abort(),
  });
  await expect(work).rejects.toMatchObject({ code: 'cancelled' });
});
