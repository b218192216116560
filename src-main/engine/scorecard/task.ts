import type { LayerSpec } from '../../../src-shared/model/layer-spec';
import type { RecipeInput } from '../../../src-shared/recipe/recipe';
import type { ScorecardRecording } from '../../../src-shared/scorecard';

/** The small network of the scorecard: one hidden layer of 32 units. */
export function hiddenLayers(classes: number): LayerSpec[] {
  return [
    { type: 'Flatten', name: 'flatten' },
    { type: 'Dense', name: 'fc1', units: 32 },
    { type: 'ReLU', name: 'relu1' },
    { type: 'Dense', name: 'logits', units: classes },
  ];
}

/** A convolution with batch normalisation before it, for class batches with ghost samples. */
export function convolutionLayers(classes: number): LayerSpec[] {
  return [
    { type: 'Conv2D', name: 'conv1', filters: 6, kernelSize: 5, strides: 2, useBias: false },
    { type: 'BatchNormalization', name: 'bn1' },
    { type: 'ReLU', name: 'relu1' },
    { type: 'Flatten', name: 'flatten' },
    { type: 'Dense', name: 'logits', units: classes },
  ];
}

/** How the small network is trained where nothing else is said. */
export type SmallTraining = Partial<RecipeInput> & { readonly epochs: number };

/** Each example's part is kept in both ways; ghosts have nothing to feed here. */
export function usualTraining(recording: ScorecardRecording): SmallTraining {
  return {
    ...{ recording, batchSize: 20, ghostSamples: 0, perExample: true, epochs: 6 },
    optimizer: { name: 'sgd', learningRate: 0.1 },
  };
}
