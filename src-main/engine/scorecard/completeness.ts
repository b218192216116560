import type { RecipeInput } from '../../../src-shared/recipe/recipe';
import type { Completeness } from '../../../src-shared/scorecard';
import { explain } from '../explanation/explain';
import { type SmallData, smallRun } from './small-run';
import { convolutionLayers, hiddenLayers, usualTraining } from './task';

const momentum = { name: 'sgd', learningRate: 0.03, momentum: 0.9, weightDecay: 0.001 } as const;

/** Trainings of each kind of bookkeeping, in fp32. */
const trainings: readonly [string, Partial<RecipeInput>, typeof hiddenLayers][] = [
  ['mini-batches, SGD', usualTraining('mini-batches'), hiddenLayers],
  [
    'mini-batches, momentum and weight decay',
    { ...usualTraining('mini-batches'), optimizer: momentum },
    hiddenLayers,
  ],
  [
    'class batches with ghost samples, momentum and weight decay',
    { batchSize: 32, ghostSamples: 10, optimizer: momentum, maxSteps: 40 },
    convolutionLayers,
  ],
  [
    'class batches, Adam',
    { batchSize: 20, optimizer: { name: 'adam' }, maxSteps: 40 },
    hiddenLayers,
  ],
];

/** The largest residual of each training over all its layers and the test examples. */
export async function completeness(
  data: SmallData,
  seed: number,
  signal: AbortSignal,
): Promise<Completeness[]> {
  const found: Completeness[] = [];
  for (const [training, more, layersFor] of trainings) {
    const run = await smallRun(data, layersFor(data.classes), { ...more, seed }, signal);
    try {
      const explanations = await explain(run, {
        examples: Array.from(data.test.labels, (_, index) => ({ split: 'test', index })),
        layers: null,
        target: { kind: 'representation' },
        unit: 'credit',
        exampleSplit: 'equal',
        top: 1,
        signal,
      });
      const residuals = explanations.flatMap(({ layers }) => layers.map((l) => l.residual));
      found.push({
        training,
        layers: explanations[0]?.layers.length ?? 0,
        examples: explanations.length,
        residual: Math.max(...residuals),
      });
    } finally {
      run.dispose();
    }
  }
  return found;
}
