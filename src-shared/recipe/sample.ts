import type { RecipeInput } from './recipe';

/** The sample audit: LeNet on a part of MNIST, a minute of recording, about 96 % right. */
export const sampleRecipe: RecipeInput = {
  data: 'mnist',
  limit: { train: 6000, test: 1000 },
  model: 'lenet',
  recording: 'class-batches',
  batchSize: 128,
  ghostSamples: 40,
  optimizer: { name: 'sgd', learningRate: 0.05 },
  epochs: 4,
  seed: 7,
};
