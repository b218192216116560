import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { startEngine } from '../../../src-main/engine/backend';
import { disposeRows, inferenceBatches, rowsOf } from '../../../src-main/engine/examples';
import { orderedBy } from '../../../src-main/engine/graphs';
import { Network } from '../../../src-main/engine/network';
import type { LayerSpec } from '../../../src-shared/model/layer-spec';
import { resolveModel } from '../../../src-shared/model/shapes';
import { graphSplit, type WrittenGraph } from '../../support/graphs';

beforeAll(() => startEngine());

/** One layer of Eq. 8 with an MLP of one dense layer, x of one number. */
const layers: LayerSpec[] = [
  { type: 'Input', name: 'input' },
  { type: 'EdgeFeatures', name: 'edges', inputs: ['input'] },
  { type: 'NodeFeatures', name: 'nodes', inputs: ['input'] },
  { type: 'SourceNodes', name: 'source', inputs: ['nodes'] },
  { type: 'Dense', name: 'edge', units: 1, useBias: false, inputs: ['edges'] },
  { type: 'Add', name: 'sum', inputs: ['source', 'edge'] },
  { type: 'ReLU', name: 'message' },
  { type: 'SegmentSum', name: 'received' },
  { type: 'Dense', name: 'mlp', units: 2, useBias: true },
  { type: 'SegmentMean', name: 'readout' },
  { type: 'Dense', name: 'logits', units: 2, useBias: false },
];

/** Three nodes: 0 → 1, 2 → 1, 1 → 2, and x = (1, 2, 3). */
const threeNodes: WrittenGraph = {
  label: 0,
  edges: [
    [0, 1],
    [1, 2],
    [2, 1],
  ],
  edgeFeatures: [
    [1, 0],
    [0, 1],
    [2, 1],
  ],
  nodeFeatures: [[1], [2], [3]],
};
const oneNode: WrittenGraph = { label: 1, edges: [], edgeFeatures: [], nodeFeatures: [[5]] };

const weights = [
  // W: φ = (a, b) gives 0.5 a − 4 b.
  { name: 'edge/kernel', shape: [2, 1], data: Float32Array.of(0.5, -4) },
  { name: 'mlp/kernel', shape: [1, 2], data: Float32Array.of(2, -1) },
  { name: 'mlp/bias', shape: [2], data: Float32Array.of(0.25, 1) },
  { name: 'logits/kernel', shape: [2, 2], data: Float32Array.of(1, 0, 0, 2) },
];

function network(): { net: Network; split: ReturnType<typeof graphSplit> } {
  const split = graphSplit([threeNodes, oneNode]);
  const net = new Network(resolveModel(layers, split.shape, 2), 1);
  net.parameters.import(weights, 'the test');
  return { net, split };
}

describe('a graph isomorphism layer on three nodes', () => {
  it('gives what Eq. 8 gives by hand', () => {
    const { net, split } = network();
    const rows = rowsOf(split, [0, 1]);
    // W φ: 0→1 gives 0.5, 1→2 gives −4, 2→1 gives 1 − 4 = −3.
    // Messages max(x_u + W φ, 0): 0→1 max(1 + 0.5) = 1.5; 1→2 max(2 − 4) = 0; 2→1 max(3 − 3) = 0.
    // Sums: node 0 has 0, node 1 has 1.5 + 0 = 1.5, node 2 has 0.
    // MLP (2 s + 0.25, −s + 1): (0.25, 1), (3.25, −0.5), (0.25, 1).
    // Mean: (3.75 / 3, 1.5 / 3) = (1.25, 0.5). Logits: (1.25, 2 · 0.5) = (1.25, 1).
    // The graph of one node: s = 0, MLP (0.25, 1), logits (0.25, 2).
    const logits = net.infer(rows);
    expect(Array.from(logits.dataSync())).toEqual([1.25, 1, 0.25, 2]);
    logits.dispose();
    disposeRows(rows);
    net.dispose();
  });

  it('has the gradients of the softmax loss by hand, and X and D of every row', () => {
    const { net, split } = network();
    const rows = rowsOf(split, [0, 1]);
    const found = tf.tidy(() => {
      const gradients = net.gradients(
        { batch: rows, labels: Int32Array.of(0, 1), ghosts: null },
        'flow',
        0,
      );
      const values = (x: tf.Tensor | undefined): number[] => Array.from(x?.dataSync() ?? []);
      return {
        values: {
          edge: values(gradients.parameters.get('edge/kernel')),
          mlp: values(gradients.parameters.get('mlp/kernel')),
          bias: values(gradients.parameters.get('mlp/bias')),
          x: values(gradients.traced.get('mlp')?.inputs[0]),
          d: values(gradients.traced.get('mlp')?.deltas[0]),
          edgeRows: gradients.traced.get('edge')?.inputs[0]?.shape,
        },
      } as never;
    }) as unknown as { values: Record<string, number[]> };
    // p = softmax(1.25, 1)[1] and q = softmax(0.25, 2)[0]; D of the logits is ((−p, p), (q, −q)) / 2.
    const p = 1 / (1 + Math.exp(0.25));
    const q = 1 / (1 + Math.exp(1.75));
    // Through the logits' kernel (1, 0; 0, 2): D of the means (−p, 2p) / 2 and (q, −2q) / 2. A node of
    // the first graph has a third of it.
    const node = [-p / 6, p / 3];
    const lone = [q / 2, -q];
    const close = (name: string, expected: readonly number[]): void => {
      expect(found.values[name]).toHaveLength(expected.length);
      for (const [i, value] of expected.entries()) {
        expect(found.values[name]?.[i], `${name}[${i}]`).toBeCloseTo(value, 6);
      }
    };
    close('x', [0, 1.5, 0, 0]);
    close('d', [...node, ...node, ...node, ...lone]);
    // Xᵀ D: only node 1 has an input, 1.5.
    close('mlp', [1.5 * (node[0] as number), 1.5 * (node[1] as number)]);
    close(
      'bias',
      [0, 1].map((i) => 3 * (node[i] as number) + (lone[i] as number)),
    );
    // Back through the MLP (2, −1): the sum at node 1 has 2 · (−p/6) − p/3 = −2p/3. Only edge 0→1 with
    // φ = (1, 0) passes its ReLU: W's gradient is (−2p/3, 0).
    close('edge', [(-2 * p) / 3, 0]);
    expect(found.values.edgeRows).toEqual([3, 2]);
    disposeRows(rows);
    net.dispose();
  });

  it('puts nothing into the weights of edges where no graph of the batch has one', () => {
    const { net, split } = network();
    const rows = rowsOf(split, [1, 1]);
    // Memory that TensorFlow may give out again.
    tf.tidy(() => tf.fill([2, 1], Number.NaN).dataSync());
    const kernel = tf.tidy(() => {
      const step = { batch: rows, labels: Int32Array.of(1, 0), ghosts: null };
      const { parameters } = net.gradients(step, 'flow', 0);
      return Array.from(parameters.get('edge/kernel')?.dataSync() ?? []) as never;
    }) as unknown as number[];
    expect(kernel).toEqual([0, 0]);
    disposeRows(rows);
    net.dispose();
  });

  it('leaves no tensor behind', () => {
    const { net, split } = network();
    const before = tf.memory().numTensors;
    const rows = rowsOf(split, [1, 0, 0]);
    const { logits, layers: signals } = net.signals(rows);
    disposeRows(rows);
    logits.dispose();
    for (const { input, preActivation } of signals.values()) {
      input.dispose();
      preActivation.dispose();
    }
    expect(tf.memory().numTensors).toBe(before);
    net.dispose();
  });
});

it('puts the same numbers for a graph whatever stands beside it', () => {
  const { net, split } = network();
  const rows = rowsOf(split, [1, 0, 1, 0]);
  const logits = net.infer(rows);
  expect(Array.from(logits.dataSync())).toEqual([0.25, 2, 1.25, 1, 0.25, 2, 1.25, 1]);
  logits.dispose();
  disposeRows(rows);
  net.dispose();
});

it('sorts edges by their nodes and keeps the order of equal ones', () => {
  const { order, sorted } = orderedBy(Int32Array.of(2, 0, 2, 1, 0), 3);
  expect(Array.from(order)).toEqual([1, 4, 3, 0, 2]);
  expect(Array.from(sorted)).toEqual([0, 0, 1, 2, 2]);
});

it('cuts batches of inference at so many rows', () => {
  const { split } = network();
  const cut = (most: number, rows: number): number[][] =>
    Array.from(inferenceBatches(split, 2, most, rows), (batch) => Array.from(batch));
  expect(cut(8, 100)).toEqual([[0, 1]]);
  expect(cut(1, 100)).toEqual([[0], [1]]);
  // A graph larger than the bound goes alone.
  expect(cut(8, 2)).toEqual([[0], [1]]);
});
