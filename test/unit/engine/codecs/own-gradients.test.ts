import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { startEngine } from '../../../../src-main/engine/backend';
import { candidatesFor } from '../../../../src-main/engine/codecs/candidates';
import { chooseStorage } from '../../../../src-main/engine/codecs/choose-storage';
import { explain } from '../../../../src-main/engine/explanation/explain';
import { MemoryTrace } from '../../../../src-main/engine/memory-trace';
import { Network } from '../../../../src-main/engine/network';
import type { LayerStorage } from '../../../../src-main/engine/records';
import { seededSampler } from '../../../../src-main/engine/sampler';
import { recordedParts, Trainer } from '../../../../src-main/engine/step';
import { train } from '../../../../src-main/engine/training';
import { layersOf } from '../../../../src-shared/model/presets';
import { resolveModel } from '../../../../src-shared/model/shapes';
import { Random } from '../../../../src-shared/random';
import { completeRecipe } from '../../../../src-shared/recipe/schema';
import { graphSplit, type WrittenGraph } from '../../../support/graphs';

beforeAll(() => startEngine());

/** Graphs of 20 nodes and 200 edges, so that an example has many more rows than W has. */
function denseGraphs(count: number): WrittenGraph[] {
  const random = Random.seeded(3, 'graphs');
  return Array.from({ length: count }, (_, index) => ({
    label: index % 2,
    nodes: 20,
    nodeFeatures: [],
    edges: Array.from({ length: 200 }, () => [random.integer(20), random.integer(20)] as const),
    edgeFeatures: Array.from({ length: 200 }, () => [
      random.normal(),
      random.normal() + (index % 2),
    ]),
  }));
}

async function recorded(codec: 'dense' | 'fast') {
  const split = graphSplit(denseGraphs(12));
  const recipe = completeRecipe({
    ...{ data: 'graphs', model: 'gin-shallow', recording: 'class-batches', perExample: true },
    ...{ batchSize: 5, ghostSamples: 2, epochs: 2, codec, optimizer: { learningRate: 0.01 } },
  });
  const layers = layersOf(recipe.model, 2, split.shape);
  const network = new Network(resolveModel(layers, split.shape, 2), recipe.seed);
  const trainer = new Trainer(network, recipe);
  const batch = seededSampler(recipe, split.labels).next();
  const storage = chooseStorage({
    ...{ trainer, examples: split, batches: batch ? [batch] : [] },
    ...{ kept: recordedParts(recipe), setting: recipe.codec, augments: false },
  });
  return { split, recipe, network, trainer, storage };
}

function partsOf(storage: ReadonlyMap<string, LayerStorage>, layer: string): string[] {
  return storage.get(layer)?.parts.map(({ part, codec }) => `${part} ${codec}`) ?? [];
}

/** Trains, recording each layer as `storage` says, and gives every example's part of an explanation. */
async function influences(codec: 'dense' | 'fast', packed: boolean) {
  const { split, recipe, network, trainer, storage } = await recorded(codec);
  const trace = new MemoryTrace(network.model.traced, network.parameters.export());
  if (packed) trainer.recordAs(storage);
  await train({
    ...{ trainer, sampler: seededSampler(recipe, split.labels), examples: split, sink: trace },
    ...{ committedSteps: 0, signal: new AbortController().signal },
    ...{ paused: () => false, admission: async () => undefined, onStep: () => undefined },
  });
  const { optimizer, perExample } = recipe;
  const splits = { train: split, test: split };
  const [found] = await explain(
    { name: 'run', source: trace, network, optimizer, splits, perExample },
    {
      ...{ examples: [{ split: 'test', index: 3 }], layers: null, unit: 'update', top: 12 },
      ...{ target: { kind: 'representation' }, exampleSplit: 'exact' },
    },
  );
  trainer.dispose();
  return { layers: found?.layers ?? [], bytes: sizeOf(trace) };
}

/** Bytes of what is kept of the layers over edges. */
function sizeOf(trace: MemoryTrace): number {
  const parts = trace.records
    .flatMap((record) => record.parts)
    .filter(({ layer }) => layer.startsWith('edge'));
  return parts.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 4), 0);
}

describe('graphs of many edges', () => {
  it('keep the gradient of each example in place of its rows where that is smaller', async () => {
    const { storage, trainer } = await recorded('fast');
    // W is 2 × 300 and an example has 200 edges: 600 numbers against 200 · 302.
    expect(partsOf(storage, 'edge1')).toEqual(['gradient dense', 'ghost dense', 'examples dense']);
    // The MLP's layers are 300 × 300 and an example has 20 nodes: rows are the smaller record.
    expect(partsOf(storage, 'mlp1_1')).toEqual(['inputs int16', 'deltas int16']);
    trainer.dispose();
  });

  it('tell the same of each example either way', async () => {
    const before = tf.memory().numTensors;
    const rows = await influences('dense', false);
    const own = await influences('dense', true);
    expect(own.bytes).toBeLessThan(rows.bytes / 50);
    for (const [
      l,
      { name, examples, normSquared, residual, ghostShare },
    ] of rows.layers.entries()) {
      const other = own.layers[l];
      expect(other?.examples).toHaveLength(12);
      expect(residual, name).toBeLessThan(1e-5);
      expect(other?.residual, name).toBeLessThan(1e-5);
      expect(Math.abs((other?.ghostShare ?? 1) - ghostShare), name).toBeLessThan(1e-5);
      for (const { index, gamma } of examples) {
        const same = other?.examples.find((example) => example.index === index);
        expect(Math.abs((same?.gamma ?? Number.NaN) - gamma) / normSquared, name).toBeLessThan(
          1e-6,
        );
      }
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  it('keep the rows where an example has fewer than the layer has inputs', () => {
    const layer = { name: 'w', kind: 'Dense' as const, rows: 100, columns: 100, bias: false };
    const storable = (nodes: number) => ({
      ...{ layer, examples: 4, lowRank: null, kept: ['gradient', 'inputs', 'deltas'] as const },
      ...{ inputs: [4 * nodes, 100], deltas: [4 * nodes, 100] },
    });
    const smallest = (nodes: number): string[] =>
      candidatesFor(storable(nodes), 'fast')[0]?.parts.map(({ part }) => part) ?? [];
    expect(smallest(10)).toEqual(['inputs', 'deltas']);
    expect(smallest(1000)).toEqual(['gradient', 'examples']);
  });
});
