import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { startEngine } from '../../../src-main/engine/backend';
import { batchNormalization } from '../../../src-main/engine/layers/batch-normalization';
import { Random } from '../../../src-shared/random';
import { largestDifference } from './finite-differences';
import { type Literal, literal, plainScope, tensorOf } from './layer-harness';

beforeAll(() => startEngine());

const options = { momentum: 0.9, epsilon: 1e-5, affine: false };

/** Outputs of each group, and the moving statistics that started at mean 0 and variance 1. */
function run(groups: Literal[], layerOptions = options, scale?: { gamma: number; beta: number }) {
  return plainScope(() => {
    const [channels = 1] = (groups[0]?.shape ?? []).slice(-1);
    const layer = batchNormalization(channels, layerOptions);
    const { outputs, state } = layer.forward(
      groups.map((group) => [tensorOf(group)]),
      {
        movingMean: tf.zeros([channels]),
        movingVariance: tf.ones([channels]),
        ...(scale
          ? { gamma: tf.fill([channels], scale.gamma), beta: tf.fill([channels], scale.beta) }
          : {}),
      },
      groups.map(() => null),
      () => Random.seeded(1, 'unused'),
    );
    return {
      outputs: outputs.map((x) => Array.from(x.dataSync())),
      mean: Array.from(state?.movingMean?.dataSync() ?? []),
      variance: Array.from(state?.movingVariance?.dataSync() ?? []),
    };
  });
}

describe('pooled statistics', () => {
  it('counts n ghosts and the whole batch as one more', () => {
    // Batch: mean 2, variance 1. Ghosts, n = 3: mean 6, variance 8. So
    // μ = (3·6 + 2)/4 = 5 and σ² = (3·8 + 1)/4 + 3·4²/4² = 9.25.
    const { outputs, mean, variance } = run([literal([2, 1], [1, 3]), literal([3, 1], [4, 4, 10])]);
    const deviation = Math.sqrt(9.25 + 1e-5);
    expect(largestDifference(outputs[0] ?? [], [-4 / deviation, -2 / deviation])).toBeLessThan(
      1e-6,
    );
    expect(
      largestDifference(outputs[1] ?? [], [-1 / deviation, -1 / deviation, 5 / deviation]),
    ).toBeLessThan(1e-6);
    expect(mean[0]).toBeCloseTo(0.1 * 5, 6);
    expect(variance[0]).toBeCloseTo(0.9 + 0.1 * 9.25, 6);
  });

  it('counts examples, not positions, and takes each channel by itself', () => {
    // Channel 0 — batch: one map of (1, 3), mean 2, variance 1; ghosts, n = 2: maps (4, 4), (10, 6),
    // mean 6, variance 6. So μ = (2·6 + 2)/3 = 14/3, σ² = (2·6 + 1)/3 + 2·4²/3² = 71/9.
    // Channel 1 — 10 times and shifted by 7.
    const both = (x: number): number[] => [x, 10 * x + 7];
    const { mean, variance } = run([
      literal([1, 1, 2, 2], [1, 3].flatMap(both)),
      literal([2, 1, 2, 2], [4, 4, 10, 6].flatMap(both)),
    ]);
    expect(mean[0]).toBeCloseTo(0.1 * (14 / 3), 5);
    expect(mean[1]).toBeCloseTo(0.1 * (140 / 3 + 7), 5);
    expect(variance[0]).toBeCloseTo(0.9 + 0.1 * (71 / 9), 5);
    expect(variance[1]).toBeCloseTo(0.9 + 0.1 * (7100 / 9), 3);
  });

  it('is that of the batch, with the biased variance, where there are no ghosts', () => {
    const { outputs, mean, variance } = run([literal([2, 1], [1, 3])], {
      ...options,
      momentum: 0.5,
      epsilon: 0.5,
    });
    const deviation = Math.sqrt(1.5);
    expect(largestDifference(outputs[0] ?? [], [-1 / deviation, 1 / deviation])).toBeLessThan(1e-6);
    expect(mean[0]).toBeCloseTo(1, 6);
    expect(variance[0]).toBeCloseTo(1, 6);
  });

  it('scales and shifts where it is affine', () => {
    const affine = { ...options, affine: true };
    const { outputs } = run([literal([2, 1], [1, 3])], affine, { gamma: 3, beta: -2 });
    expect(largestDifference(outputs[0] ?? [], [-5, 1])).toBeLessThan(1e-4);
  });
});

it('says what to do where a group has no rows to take a mean of', () => {
  const empty = literal([0, 1], []);
  for (const groups of [[empty], [empty, literal([1, 1], [2])], [literal([1, 1], [2]), empty]]) {
    expect(() => run(groups)).toThrow(/a step whose graphs have none; normalise nodes instead/);
  }
});

describe('inference', () => {
  it('uses the moving statistics, whatever the batch', () => {
    const found = plainScope(() => {
      const layer = batchNormalization(2, { ...options, epsilon: 0, affine: true });
      const parameters = {
        movingMean: tf.tensor1d([1, 2]),
        movingVariance: tf.tensor1d([4, 0.25]),
        gamma: tf.tensor1d([3, 1]),
        beta: tf.tensor1d([0, 10]),
      };
      const output = layer.infer([tf.tensor2d([5, 1], [1, 2])], parameters, null);
      return Array.from(output.dataSync());
    });
    expect(largestDifference(found, [6, 8])).toBeLessThan(1e-5);
  });
});
