import { beforeAll, expect, it } from 'vitest';
import { startEngine } from '../../../src-main/engine/backend';
import { explain } from '../../../src-main/engine/explanation/explain';
import { MemoryTrace } from '../../../src-main/engine/memory-trace';
import { Network } from '../../../src-main/engine/network';
import { seededSampler } from '../../../src-main/engine/sampler';
import { Trainer } from '../../../src-main/engine/step';
import { train } from '../../../src-main/engine/training';
import { resolveModel } from '../../../src-shared/model/shapes';
import { Random } from '../../../src-shared/random';
import { completeRecipe } from '../../../src-shared/recipe/schema';

beforeAll(() => startEngine());

/** A map of one position is still a convolution: its patch holds padding that its input does not. */
it('adds up the rows of a convolution whose output is one position', async () => {
  const random = Random.seeded(3, 'pixels');
  const count = 12;
  const pixels = Float32Array.from({ length: count * 8 }, () => random.normal());
  const examples = {
    count,
    shape: [2, 2, 2],
    labels: Int32Array.from({ length: count }, (_, i) => i % 3),
    gather(indices: ArrayLike<number>, into: Float32Array) {
      for (let i = 0; i < indices.length; i++) {
        const from = (indices[i] as number) * 8;
        into.set(pixels.subarray(from, from + 8), i * 8);
      }
    },
  };
  const recipe = completeRecipe({
    data: 'own.npz',
    model: {
      layers: [
        { type: 'Conv2D', name: 'conv', filters: 4, kernelSize: 3, strides: 2, padding: 'same' },
        { type: 'Flatten', name: 'flatten' },
        { type: 'Dense', name: 'logits', units: 3 },
      ],
    },
    recording: 'mini-batches',
    batchSize: 4,
    epochs: 3,
    optimizer: { learningRate: 0.1 },
  });
  const { layers } = recipe.model as Exclude<typeof recipe.model, string>;
  const network = new Network(resolveModel(layers, examples.shape, 3), 5);
  const trace = new MemoryTrace(network.model.traced, network.parameters.export());
  await train({
    trainer: new Trainer(network, recipe),
    sampler: seededSampler(recipe, examples.labels),
    examples,
    sink: trace,
    committedSteps: 0,
    signal: new AbortController().signal,
    paused: () => false,
    admission: async () => undefined,
    onStep: () => undefined,
  });
  const splits = { train: examples, test: examples };
  const { optimizer, perExample } = recipe;
  const [found] = await explain(
    { name: 'run', source: trace, network, optimizer, splits, perExample },
    {
      examples: [{ split: 'test', index: 0 }],
      layers: ['conv'],
      target: { kind: 'representation' },
      unit: 'update',
      exampleSplit: 'exact',
      top: count,
    },
  );
  const layer = found?.layers[0];
  const whole = Array.from(layer?.steps.gamma ?? []).reduce((a, b) => a + b, 0);
  const parts = layer?.examples.reduce((sum, { gamma }) => sum + gamma, 0) ?? Number.NaN;
  expect(layer?.exampleSplit).toBe('exact');
  expect(Math.abs(whole)).toBeGreaterThan(1e-3);
  expect(Math.abs(parts - whole)).toBeLessThan(1e-5 * (1 + Math.abs(whole)));
});
