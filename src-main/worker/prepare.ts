import { layersOf } from '../../src-shared/model/presets';
import type { ResolvedModel } from '../../src-shared/model/resolved';
import { resolveModel } from '../../src-shared/model/shapes';
import type { Recipe } from '../../src-shared/recipe/recipe';
import { completeRecipe } from '../../src-shared/recipe/schema';
import { openDataSet } from '../data/catalogue';
import type { DataSet } from '../data/data-set';
import { isKnown } from '../data/known';
import { normalized } from '../data/normalized';
import { type Augmenter, augmenter } from '../engine/augmentation';
import { Network } from '../engine/network';
import {
  type Batch,
  orderedSampler,
  type Sampler,
  type SamplerPlace,
  seededSampler,
} from '../engine/sampler';
import { Trainer } from '../engine/step';
import { readInitialWeights, withImportedModel } from './imported-model';
import { readOrder } from './order-file';
import { recipePath } from './paths';

/** A recipe with everything it names opened and checked. */
export interface PreparedTraining {
  readonly recipe: Recipe;
  readonly data: DataSet;
  readonly model: ResolvedModel;
  /** Changes each step's images; null where the recipe asks for none. */
  readonly augment: Augmenter | null;
  /** Examples of each split that take part, after `limit`. */
  readonly examples: { readonly train: number; readonly test: number };
  /** A trainer at the start of the training; one that goes on reads no initial weights. */
  readonly trainer: (goesOn?: boolean) => Promise<Trainer>;
  /** A sampler at the start, or where it was. */
  readonly sampler: (place?: SamplerPlace) => Sampler;
}

/**
 * Checks a recipe and opens what it names, before anything is written.
 *
 * @param bases folders that its relative paths start from, the first that has the file
 */
export async function prepareTraining(
  input: unknown,
  bases: readonly string[],
): Promise<PreparedTraining> {
  const imported = await withImportedModel(input, bases);
  const recipe = withAbsolutePaths(completeRecipe(imported.recipe), bases);
  const data = normalized(await openDataSet(recipe.data, process.cwd()), recipe.normalize);
  const classes = data.classNames.length;
  const layers = layersOf(recipe.model, classes, data.shape);
  const model = resolveModel(layers, data.shape, classes, recipe.traced);
  const examples = {
    train: Math.min(data.train.count, recipe.limit.train ?? data.train.count),
    test: Math.min(data.test.count, recipe.limit.test ?? data.test.count),
  };
  const order: Batch[] | null = recipe.order
    ? await readOrder(recipe.order, data.train.count, examples.train)
    : null;
  const labels = data.train.labels.slice(0, examples.train);
  return {
    recipe,
    data,
    model,
    augment: augmenter(recipe, data.shape, data.name),
    examples,
    sampler: (place) =>
      order
        ? orderedSampler(order.slice(0, recipe.maxSteps ?? order.length), place)
        : seededSampler(recipe, labels, place),
    trainer: async (goesOn = false) => {
      const network = new Network(model, recipe.seed);
      if (recipe.initialWeights && !goesOn) {
        const weights = await readInitialWeights(recipe.initialWeights);
        network.parameters.import(weights, recipe.initialWeights);
      }
      return new Trainer(network, recipe);
    },
  };
}

/** A recipe whose relative paths start from the first of `bases` that has the file. */
export function withAbsolutePaths(recipe: Recipe, bases: readonly string[]): Recipe {
  const absolute = (path: string | null): string | null =>
    path === null ? null : recipePath(path, bases);
  return {
    ...recipe,
    data:
      isKnown(recipe.data) || !recipe.data.endsWith('.npz')
        ? recipe.data
        : recipePath(recipe.data, bases),
    initialWeights: absolute(recipe.initialWeights),
    order: absolute(recipe.order),
  };
}
