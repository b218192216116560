import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { startEngine } from '../../../src-main/engine/backend';
import { softmaxCrossEntropy } from '../../../src-main/engine/loss';
import { finiteDifferences, largest, largestDifference, rough } from './finite-differences';
import { gradientPairs, type LayerCase, plainScope } from './layer-harness';

beforeAll(() => startEngine());

/** For layers that are linear between the points of a difference: only rounding is left. */
const linear = { step: 1 / 16, tolerance: 2e-5 };
/** For layers that bend. */
const curved = { step: 1 / 32, tolerance: 2e-4 };

const conv = { type: 'Conv2D', name: 'c', filters: 3, kernelSize: 3 } as const;
const norm = { type: 'BatchNormalization', name: 'n' } as const;
const image = [[5, 4, 2]];

type Spec = LayerCase['spec'];
const rowwise: [string, Spec, number[][]][] = [
  ['Conv2D same', { ...conv, padding: 'same', useBias: false }, image],
  ['Conv2D valid, bias', { ...conv, padding: 'valid', useBias: true }, image],
  ['Conv2D strides 2, same', { ...conv, strides: 2, padding: 'same', useBias: true }, image],
  ['Conv2D strides 2, valid', { ...conv, strides: 2, padding: 'valid', useBias: false }, image],
  ['Conv2D strides 3, even kernel', { ...conv, kernelSize: 2, strides: 3 }, [[7, 6, 1]]],
  ['Conv2D 1×1', { ...conv, kernelSize: 1 }, image],
  ['Dense, bias', { type: 'Dense', name: 'd', units: 4 }, [[5]]],
  ['Dense', { type: 'Dense', name: 'd', units: 4, useBias: false }, [[5]]],
  ['ReLU', { type: 'ReLU', name: 'r' }, image],
  ['MaxPooling2D', { type: 'MaxPooling2D', name: 'p' }, [[4, 6, 2]]],
  ['MaxPooling2D beside the edge', { type: 'MaxPooling2D', name: 'p' }, image],
  [
    'MaxPooling2D overlapping, same',
    { type: 'MaxPooling2D', name: 'p', poolSize: 3, strides: 2, padding: 'same' },
    image,
  ],
  [
    'MaxPooling2D overlapping, valid',
    { type: 'MaxPooling2D', name: 'p', poolSize: 3, strides: 1, padding: 'valid' },
    image,
  ],
  ['AveragePooling2D', { type: 'AveragePooling2D', name: 'p' }, [[4, 6, 2]]],
  [
    'AveragePooling2D overlapping, same',
    { type: 'AveragePooling2D', name: 'p', poolSize: 3, strides: 2, padding: 'same' },
    image,
  ],
  [
    'AveragePooling2D overlapping, valid',
    { type: 'AveragePooling2D', name: 'p', poolSize: 3, strides: 1 },
    image,
  ],
  ['GlobalAveragePooling2D', { type: 'GlobalAveragePooling2D', name: 'g' }, image],
  ['Flatten', { type: 'Flatten', name: 'f' }, image],
  [
    'Add',
    { type: 'Add', name: 'a' },
    [
      [3, 2, 2],
      [3, 2, 2],
      [3, 2, 2],
    ],
  ],
  [
    'Concatenate maps',
    { type: 'Concatenate', name: 'a' },
    [
      [3, 2, 2],
      [3, 2, 1],
    ],
  ],
  ['Concatenate features', { type: 'Concatenate', name: 'a' }, [[3], [1], [4]]],
];

describe('gradients of layers that take each row by itself', () => {
  it.each(rowwise)('%s', (_, spec, inputShapes) => {
    // Two groups: nothing of one may show in the other.
    const pairs = gradientPairs({ spec, inputShapes, rows: [2, 3], flow: true, step: linear.step });
    expect(pairs.length).toBeGreaterThanOrEqual(2 * inputShapes.length);
    for (const { name, found, expected } of pairs) {
      expect(largest(expected), name).toBeGreaterThan(0);
      expect(largestDifference(found, expected), name).toBeLessThan(
        linear.tolerance * (1 + largest(expected)),
      );
    }
  });
});

describe('gradients of batch normalisation', () => {
  const groups: [string, number[], boolean][] = [
    ['the batch alone', [4], false],
    ['with ghosts, flowing to them', [3, 5], true],
    ['with ghosts, stopped at them', [3, 5], false],
    ['with ghosts, a batch of one', [1, 4], true],
  ];
  const shapes: [string, number[]][] = [
    ['features', [3]],
    ['maps', [2, 3, 2]],
  ];
  for (const [shapeName, shape] of shapes) {
    for (const affine of [false, true]) {
      it.each(groups)(`${shapeName}${affine ? ', affine' : ''}: %s`, (_, rows, flow) => {
        const spec = { ...norm, affine };
        const pairs = gradientPairs({ spec, inputShapes: [shape], rows, flow, step: curved.step });
        expect(pairs.length).toBe((flow ? 2 : 1) + (affine ? 2 : 0));
        for (const { name, found, expected } of pairs) {
          expect(largest(expected), name).toBeGreaterThan(0.01);
          expect(largestDifference(found, expected), name).toBeLessThan(
            curved.tolerance * (1 + largest(expected)),
          );
        }
      });
    }
  }
});

describe('softmax cross-entropy', () => {
  it('has the loss, accuracy and gradient of the mean over rows', () => {
    const labels = Int32Array.of(2, 0, 1);
    const logits = rough(9, 2);
    const lossOf = (): number =>
      plainScope(
        () => softmaxCrossEntropy(tf.tensor2d(logits, [3, 3]), labels).loss.dataSync()[0] as number,
      );
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
      return [found.loss.dataSync()[0], found.accuracy.dataSync()[0], found.gradient.dataSync()];
    });
    // Probabilities (1/4, 3/4) and (1/2, 1/2); a tie goes to the lower class.
    expect(loss).toBeCloseTo((Math.log(4 / 3) + Math.log(2)) / 2, 6);
    expect(accuracy).toBe(0.5);
    expect(largestDifference(gradient as Float32Array, [0.125, -0.125, 0.25, -0.25])).toBeLessThan(
      1e-6,
    );
  });

  it('stays finite for logits beyond the range of exp', () => {
    const loss = plainScope(
      () =>
        softmaxCrossEntropy(
          tf.tensor2d([1000, -1000], [1, 2]),
          Int32Array.of(1),
        ).loss.dataSync()[0],
    );
    expect(loss).toBeCloseTo(2000, 2);
  });
});
