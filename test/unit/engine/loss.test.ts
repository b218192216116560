import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { patchedBackend, startEngine } from '../../../src-main/engine/backend';
import { softmaxCrossEntropy } from '../../../src-main/engine/loss';
import { finiteDifferences, largestDifference, rough } from './finite-differences';
import { plainScope } from './layer-harness';

beforeAll(() => startEngine());

describe('softmax cross-entropy', () => {
  it('has the loss, accuracy and gradient of the mean over rows', () => {
    const labels = Int32Array.of(2, 0, 1);
    const logits = rough(9, 2);
    const lossOf = (): number =>
      plainScope(() => softmaxCrossEntropy(tf.tensor2d(logits, [3, 3]), labels).loss);
    const gradient = plainScope(() =>
      softmaxCrossEntropy(tf.tensor2d(logits, [3, 3]), labels).gradient.dataSync<'float32'>(),
    );
    const expected = finiteDifferences(logits, lossOf, 1 / 32);
    expect(largestDifference(gradient, expected)).toBeLessThan(1e-5);
  });

  it('matches numbers worked out by hand', () => {
    const [loss, accuracy, gradient] = plainScope(() => {
      const logits = tf.tensor2d([Math.log(1), Math.log(3), Math.log(4), Math.log(4)], [2, 2]);
      const found = softmaxCrossEntropy(logits, Int32Array.of(1, 1));
      return [found.loss, found.accuracy, found.gradient.dataSync()];
    });
    // Probabilities (1/4, 3/4) and (1/2, 1/2); a tie goes to the lower class.
    expect(loss).toBeCloseTo((Math.log(4 / 3) + Math.log(2)) / 2, 6);
    expect(accuracy).toBe(0.5);
    expect(largestDifference(gradient as Float32Array, [0.125, -0.125, 0.25, -0.25])).toBeLessThan(
      1e-6,
    );
  });

  it('tells labels that there are no logits of', ({ skip }) => {
    const native = patchedBackend();
    const take = native?.binding.softmaxCrossEntropy;
    if (!native || !take) return skip();
    const ids = native.getInputTensorIds([tf.ones([1, 3])]);
    expect(() => take(ids, Int32Array.of(3), new Float64Array(2))).toThrow(/fit/);
    expect(() => take(ids, Int32Array.of(1, 1), new Float64Array(2))).toThrow(/fit/);
  });

  it('stays finite for logits beyond the range of exp', () => {
    const loss = plainScope(
      () => softmaxCrossEntropy(tf.tensor2d([1000, -1000], [1, 2]), Int32Array.of(1)).loss,
    );
    expect(loss).toBeCloseTo(2000, 2);
  });
});
