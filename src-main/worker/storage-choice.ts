import { chooseStorage } from '../engine/codecs/choose-storage';
import type { LayerStorage } from '../engine/records';
import type { Batch } from '../engine/sampler';
import { recordedParts, type Trainer } from '../engine/step';
import type { PreparedTraining } from './prepare';

/** Batches at the training's start that the errors of codecs are measured on. */
const probes = 4;

/** How a new recording is going to store each layer; takes no step of the training. */
export function storageFor(
  { recipe, data, sampler }: PreparedTraining,
  trainer: Trainer,
): ReadonlyMap<string, LayerStorage> {
  const drawn = sampler();
  const batches: Batch[] = [];
  while (batches.length < probes) {
    const batch = drawn.next();
    if (!batch) break;
    batches.push(batch);
  }
  return chooseStorage({
    trainer,
    examples: data.train,
    batches,
    kept: recordedParts(recipe),
    setting: recipe.codec,
    augments: recipe.augment !== null,
  });
}
