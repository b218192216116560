import { describe, expect, it } from 'vitest';
import { activationNames } from '../../../src-shared/model/layer-spec';
import { graphSplit } from '../../support/graphs';
import { largest, largestDifference } from './finite-differences';
import { gradientPairs, type LayerCase } from './layer-harness';

/** For layers that are linear between the points of a difference: only rounding is left. */
const linear = { step: 1 / 16, tolerance: 5e-5 };
/** For layers that bend. */
const curved = { step: 1 / 32, tolerance: 2e-4 };

const conv = { type: 'Conv2D', name: 'c', filters: 3, kernelSize: 3 } as const;
const depthwise = { type: 'DepthwiseConv2D', name: 'c', kernelSize: 3 } as const;
const norm = { type: 'BatchNormalization', name: 'n' } as const;
const image = [[5, 4, 2]];

type Spec = LayerCase['spec'];
const rowwise: [string, Spec, number[][]][] = [
  ['Conv2D same', { ...conv, padding: 'same', useBias: false }, image],
  ['Conv2D valid, bias', { ...conv, padding: 'valid', useBias: true }, image],
  ['Conv2D strides 2, same', { ...conv, strides: 2, padding: 'same', useBias: true }, image],
  ['Conv2D strides 2, valid', { ...conv, strides: 2, padding: 'valid', useBias: false }, image],
  ['Conv2D strides 3, even kernel', { ...conv, kernelSize: 2, strides: 3 }, [[7, 6, 1]]],
  ['Conv2D oblong, same', { ...conv, kernelSize: [1, 3], strides: [1, 2], padding: 'same' }, image],
  ['Conv2D oblong, valid', { ...conv, kernelSize: [3, 2], strides: [2, 1] }, [[7, 6, 1]]],
  ['DepthwiseConv2D oblong', { ...depthwise, kernelSize: [3, 1] }, image],
  [
    'MaxPooling2D of oblong tiles',
    { type: 'MaxPooling2D', name: 'p', poolSize: [2, 3] },
    [[4, 6, 2]],
  ],
  [
    'MaxPooling2D oblong, overlapping',
    { type: 'MaxPooling2D', name: 'p', poolSize: [3, 2], strides: [1, 2], padding: 'same' },
    image,
  ],
  [
    'AveragePooling2D oblong',
    { type: 'AveragePooling2D', name: 'p', poolSize: [1, 2], strides: [2, 1] },
    image,
  ],
  ['Conv2D 1×1', { ...conv, kernelSize: 1 }, image],
  ['Conv2D 1×1, strides 2', { ...conv, kernelSize: 1, strides: 2 }, [[6, 5, 3]]],
  ['DepthwiseConv2D 1×1, strides 2', { ...depthwise, kernelSize: 1, strides: 2 }, [[6, 5, 1]]],
  ['Conv2D dilated, same', { ...conv, padding: 'same', dilationRate: 2 }, image],
  ['Conv2D dilated, valid', { ...conv, kernelSize: 2, dilationRate: 3 }, [[6, 5, 2]]],
  ['Conv2D in groups', { ...conv, filters: 4, groups: 2, strides: 2 }, [[5, 4, 4]]],
  ['DepthwiseConv2D', { ...depthwise, padding: 'same' }, image],
  ['DepthwiseConv2D, two filters', { ...depthwise, depthMultiplier: 2 }, image],
  ['DepthwiseConv2D strides 2', { ...depthwise, strides: 2, padding: 'same' }, image],
  ['DepthwiseConv2D dilated', { ...depthwise, kernelSize: 2, dilationRate: 2 }, image],
  [
    'ZeroPadding2D',
    {
      type: 'ZeroPadding2D',
      name: 'z',
      padding: [
        [1, 0],
        [0, 2],
      ],
    },
    image,
  ],
  ['Reshape', { type: 'Reshape', name: 'r', targetShape: [-1, 4] }, image],
  ['Dropout', { type: 'Dropout', name: 'd', rate: 0.25 }, image],
  ['Dense over tokens', { type: 'Dense', name: 'd', units: 4 }, [[3, 5]]],
  ['GlobalAveragePooling1D', { type: 'GlobalAveragePooling1D', name: 'g' }, [[3, 5]]],
  ['LeakyReLU', { type: 'LeakyReLU', name: 'a' }, image],
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

/** A cycle with a chord; two nodes without an edge; a node that its neighbours and itself point to. */
const graphs = graphSplit([
  {
    label: 0,
    nodes: 3,
    edges: [
      [0, 1],
      [1, 2],
      [2, 0],
      [0, 2],
    ],
    edgeFeatures: [],
    nodeFeatures: [],
  },
  { label: 0, nodes: 2, edges: [], edgeFeatures: [], nodeFeatures: [] },
  {
    label: 0,
    nodes: 4,
    edges: [
      [1, 0],
      [0, 0],
      [3, 0],
    ],
    edgeFeatures: [],
    nodeFeatures: [],
  },
]).graphs;

/** Layer, rows of each group that it reads, and rows that it gives. */
const betweenRows: ['SourceNodes' | 'SegmentSum' | 'SegmentMean', number[], number[]][] = [
  ['SourceNodes', [5, 4], [4, 3]],
  ['SegmentSum', [4, 3], [5, 4]],
  ['SegmentMean', [5, 4], [2, 1]],
];

const self = { type: 'Attention', name: 'a', numHeads: 2 } as const;
/**
 * Layers that bend. Wide apart, inputs would leave nothing of most derivatives; only those with a kink
 * need them away from 0.
 */
const bent: [string, Spec, number[][]][] = [
  ...activationNames
    .filter((name) => !name.startsWith('relu'))
    .map((name): [string, Spec, number[][]] => [
      `Activation ${name}`,
      { type: 'Activation', name: 'a', activation: name },
      [[10]],
    ]),
  ['ELU', { type: 'ELU', name: 'e', alpha: 0.5 }, [[10]]],
  ['LayerNormalization', { type: 'LayerNormalization', name: 'l' }, [[3, 5]]],
  [
    'Attention',
    self,
    [
      [3, 4],
      [5, 6],
      [5, 4],
    ],
  ],
  [
    'Attention, causal',
    { ...self, useCausalMask: true },
    [
      [4, 4],
      [4, 2],
      [4, 4],
    ],
  ],
  ['GRUCell', { type: 'GRUCell', name: 'l', units: 2 }, [[3, 6]]],
  [
    'GRUCell, every step, no bias',
    { type: 'GRUCell', name: 'l', units: 2, useBias: false, returnSequences: true },
    [[4, 6]],
  ],
  ['SimpleRNNCell', { type: 'SimpleRNNCell', name: 'l', units: 2, useBias: false }, [[3, 2]]],
  [
    'SimpleRNNCell, every step',
    { type: 'SimpleRNNCell', name: 'l', units: 2, returnSequences: true },
    [[4, 2]],
  ],
  ['LSTMCell', { type: 'LSTMCell', name: 'l', units: 2 }, [[3, 8]]],
  [
    'LSTMCell, every step',
    { type: 'LSTMCell', name: 'l', units: 2, returnSequences: true },
    [[4, 8]],
  ],
];

/** Every layer type on the engine that has been started, against finite differences. */
export function describeGradients(): void {
  describe('gradients of layers that take each row by itself', () => {
    it.each(rowwise)('%s', (_, spec, inputShapes) => {
      // Two groups: nothing of one may show in the other.
      const pairs = gradientPairs({
        spec,
        inputShapes,
        rows: [2, 3],
        flow: true,
        step: linear.step,
      });
      expect(pairs.length).toBeGreaterThanOrEqual(2 * inputShapes.length);
      for (const { name, found, expected } of pairs) {
        expect(largest(expected), name).toBeGreaterThan(0);
        expect(largestDifference(found, expected), name).toBeLessThan(
          linear.tolerance * (1 + largest(expected)),
        );
      }
    });
  });

  describe('gradients of layers between nodes, edges and graphs', () => {
    it.each(betweenRows)('%s', (type, rows, outputRows) => {
      const pairs = gradientPairs({
        ...{ spec: { type, name: 'g' }, inputShapes: [[2]], rows, flow: true },
        ...{ step: linear.step, graphs: { source: graphs, groups: [[0, 1], [2]], outputRows } },
      });
      expect(pairs).toHaveLength(2);
      for (const { name, found, expected } of pairs) {
        expect(largest(expected), name).toBeGreaterThan(0);
        expect(largestDifference(found, expected), name).toBeLessThan(
          linear.tolerance * (1 + largest(expected)),
        );
      }
    });
  });

  describe('gradients of layers that bend', () => {
    it.each(bent)('%s', (title, spec, inputShapes) => {
      const pairs = gradientPairs({
        ...{
          spec,
          inputShapes,
          rows: [2, 1],
          flow: true,
          step: curved.step,
          narrow: !/elu$/i.test(title),
        },
      });
      for (const { name, found, expected } of pairs) {
        expect(largest(expected), name).toBeGreaterThan(0.01);
        expect(largestDifference(found, expected), name).toBeLessThan(
          curved.tolerance * (1 + largest(expected)),
        );
      }
    });
  });

  describe('gradients through frozen layers', () => {
    const frozen: [string, Spec, number[][]][] = [
      ['Conv2D', { ...conv, padding: 'same' }, image],
      ['BatchNormalization', { ...norm, affine: true }, image],
    ];
    it.each(frozen)('%s: by the input alone', (_, spec, inputShapes) => {
      const pairs = gradientPairs({
        ...{ spec, inputShapes, rows: [2, 3], flow: true, step: curved.step, trainable: false },
      });
      expect(pairs.map(({ name }) => name)).toEqual(['input 0 of group 0', 'input 0 of group 1']);
      for (const { found, expected } of pairs) {
        expect(largest(expected)).toBeGreaterThan(0.01);
        expect(largestDifference(found, expected)).toBeLessThan(
          curved.tolerance * (1 + largest(expected)),
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
          const pairs = gradientPairs({
            spec,
            inputShapes: [shape],
            rows,
            flow,
            step: curved.step,
          });
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
}
