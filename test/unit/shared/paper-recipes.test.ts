import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { shapeOfGraphs } from '../../../src-shared/model/graph-shape';
import { layersOf } from '../../../src-shared/model/presets';
import { resolveModel } from '../../../src-shared/model/shapes';
import { parseJson } from '../../../src-shared/recipe/json-text';
import { completeRecipe } from '../../../src-shared/recipe/schema';

const folder = new URL('../../../resources/recipes/', import.meta.url);

function recipeOf(name: string) {
  return completeRecipe(parseJson(readFileSync(new URL(name, folder), 'utf8')));
}

it.each(readdirSync(folder))('%s is a whole recipe', (name) => {
  expect(recipeOf(name).epochs).toBeGreaterThan(0);
});

// The numbers of the trainings that the paper's authors published.
it('trains VGG-16 on CIFAR-10 as the paper did', () => {
  expect(recipeOf('vgg16-cifar10.json')).toMatchObject({
    model: 'vgg16',
    recording: 'class-batches',
    batchSize: 128,
    ghostSamples: 40,
    optimizer: { name: 'sgd', learningRate: 0.01, momentum: 0, weightDecay: 0 },
    epochs: 35,
  });
});

it('trains GIN on graphs of the form of ogbg-ppa as the paper did', () => {
  const recipe = recipeOf('gin-ogbg-ppa.json');
  // Half as many ghost samples as there are classes.
  expect([recipe.batchSize, recipe.ghostSamples]).toEqual([32, 18]);
  expect(recipe.optimizer).toMatchObject({ learningRate: 0.001, momentum: 0.9, nesterov: true });
  const shape = shapeOfGraphs({ nodeFeatures: 0, edgeFeatures: 7 });
  const { classes } = resolveModel(layersOf(recipe.model, 37, shape), shape, 37);
  expect(classes).toBe(37);
});
