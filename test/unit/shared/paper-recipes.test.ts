import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { shapeOfGraphs } from '../../../src-shared/model/graph-shape';
import { layersOf } from '../../../src-shared/model/presets';
import { resolveModel } from '../../../src-shared/model/shapes';
import { parseJson } from '../../../src-shared/recipe/json-text';
import { completeRecipe } from '../../../src-shared/recipe/schema';

it('trains GIN on graphs of the form of ogbg-ppa', () => {
  const path = new URL('../../../resources/recipes/gin-ogbg-ppa.json', import.meta.url);
  const recipe = completeRecipe(parseJson(readFileSync(path, 'utf8')));
  expect([recipe.model, recipe.data, recipe.ghostSamples]).toEqual(['gin', 'ogbg-ppa', 40]);
  const shape = shapeOfGraphs({ nodeFeatures: 0, edgeFeatures: 7 });
  const { classes } = resolveModel(layersOf(recipe.model, 37, shape), shape, 37);
  expect(classes).toBe(37);
});
