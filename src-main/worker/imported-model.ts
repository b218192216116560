import { DeltascopeError } from '../../src-shared/errors';
import { isJsonObject } from '../../src-shared/model/keras/layer-config';
import { openKerasModel } from '../data/keras/model-file';
import type { NamedArray } from '../engine/records';
import { readTensors } from '../trace/safetensors';
import { recipePath } from './paths';

/** `initialWeights` of a recipe that takes a model's layers and leaves its weights. */
const fresh = 'fresh';

/** A recipe's JSON whose `model` is no file any more, and what to tell about it. */
export interface ImportedModel {
  readonly recipe: unknown;
  readonly remarks: readonly string[];
}

/**
 * A recipe with the layers of the `model.json` or `.keras` that its `model` names, so that a run needs this file
 * no more. The file's weights become `initialWeights`, unless the recipe gives others or says
 * `fresh`. Any other recipe comes back as it is, to be checked by `completeRecipe`.
 *
 * @param bases folders that relative paths start from, the first that has the file
 * @throws what `openKerasModel` throws
 */
export async function withImportedModel(
  recipe: unknown,
  bases: readonly string[],
): Promise<ImportedModel> {
  if (!isJsonObject(recipe)) return { recipe, remarks: [] };
  const { model, initialWeights } = recipe;
  if (typeof model !== 'string' || !/\.(json|keras)$/.test(model)) return { recipe, remarks: [] };
  const path = recipePath(model, bases);
  const { layers, weights, softmaxLeftOff } = await openKerasModel(path, model);
  const own = weights ? path : null;
  const taken = initialWeights === fresh ? null : (initialWeights ?? own);
  const start = taken === null ? 'start anew' : taken === path ? 'are taken' : 'are those named';
  const remarks = [
    `${model}: ${layers.length} layers; the weights ${start}.`,
    ...(softmaxLeftOff ? [`${model}: its last softmax is left off, as logits are trained.`] : []),
  ];
  return { recipe: { ...recipe, model: { layers }, initialWeights: taken }, remarks };
}

/**
 * The weights that a recipe starts with: a safetensors file, or those of a `model.json`.
 *
 * @param path absolute
 */
export async function readInitialWeights(path: string): Promise<NamedArray[]> {
  if (!path.endsWith('.json')) return readTensors(path);
  const { weights } = await openKerasModel(path, path);
  if (weights) return weights();
  throw new DeltascopeError('model-invalid', 'worker', `${path} names no weights.`);
}
