import {
  type ArchitectureComparison,
  pairedDifference,
  type ShallowerRecipe,
} from '../../src-shared/architecture/comparison';
import type { CallContext } from '../../src-shared/contract/rpc';
import { DeltascopeError } from '../../src-shared/errors';
import { resolveModel } from '../../src-shared/model/shapes';
import { withoutLayers } from '../../src-shared/model/without-layers';
import type { Recipe } from '../../src-shared/recipe/recipe';
import { accountOf, rightOf } from './account';
import { type OpenRun, ownStart } from './open-run';
import { spreadOver } from './seeds-job';

/**
 * The recipe of a run without some of its linear layers, everything else as it was. Layers that both
 * have begin with the same weights, and the batches are the same. Given weights are those that the run
 * keeps; where they no longer fit, as a layer reads another width now, all layers start anew.
 *
 * @throws `layer-missing`, or `model-invalid` where the rest does not fit together
 */
export function recipeWithout(run: OpenRun, layers: readonly string[]): ShallowerRecipe {
  const { recipe, layers: model, data } = run.reader.description;
  if (layers.length === 0) {
    throw new DeltascopeError(
      'request-invalid',
      'worker',
      'No layer is named that should be left out.',
    );
  }
  const classes = data.classNames.length;
  const shallower = withoutLayers(model, layers, data.exampleShape, classes);
  const { maps } = resolveModel(shallower.layers, data.exampleShape, classes);
  const fits = maps.every(({ name, rows, columns }) => {
    const own = run.explainable.network.model.maps.find((layer) => layer.name === name);
    return own?.rows === rows && own.columns === columns;
  });
  const initialWeights = fits ? ownStart(run) : null;
  return {
    recipe: {
      ...recipe,
      model: { layers: shallower.layers },
      traced: tracedOf(recipe, maps),
      initialWeights,
    },
    startsAnew: initialWeights !== ownStart(run),
  };
}

/** What a recipe traces of the layers that are left; all of them where none of those is. */
function tracedOf(
  { traced }: Recipe,
  maps: readonly { readonly name: string }[],
): readonly string[] | null {
  const left = traced?.filter((name) => maps.some((map) => map.name === name)) ?? [];
  return left.length > 0 ? left : null;
}

export interface ComparisonRequest {
  /** Examples that specificity is asked about. */
  readonly examples: number;
  /** Seeds in all; 1: only the two runs themselves. */
  readonly seeds: number;
}

/**
 * Accuracy, size, time and specificity of two runs, the second without some layers of the first, and
 * how these spread over further seeds where more than one is asked for.
 *
 * @throws `run-differs` where they were not trained on the same data; what `spreadOver` throws
 */
export async function compareRuns(
  first: OpenRun,
  second: OpenRun,
  { examples, seeds }: ComparisonRequest,
  context: CallContext,
): Promise<ArchitectureComparison> {
  const [a, b] = [first, second].map(({ reader }) => reader.description.data);
  if (a?.fingerprint !== b?.fingerprint || a?.examples.test !== b?.examples.test) {
    throw new DeltascopeError(
      'run-differs',
      'worker',
      `${second.explainable.name} was not trained and tested on the data of ${first.explainable.name}; compare runs of the same data and limit.`,
    );
  }
  const [all, left] = [first, second].map(({ explainable }) =>
    explainable.network.model.maps.map(({ name }) => name),
  ) as [string[], string[]];
  const accounts = {
    first: await accountOf(first, examples, context),
    second: await accountOf(second, examples, context),
  };
  return {
    without: all.filter((name) => !left.includes(name)),
    startedAnew: ownStart(first) !== null && ownStart(second) === null,
    ...accounts,
    accuracyDifference: pairedDifference(
      await rightOf(first, context.signal),
      await rightOf(second, context.signal),
    ),
    spread:
      seeds > 1 ? await spreadOver({ first, second, accounts, seeds, examples }, context) : null,
  };
}
