import { nearest } from '../text';
import { mapNamesOf } from './layer-parts';
import type { LayerSpec } from './layer-spec';

/** The names of the linear maps that training moves. */
export function trainedMaps(layers: readonly LayerSpec[]): readonly string[] {
  return layers.filter(({ trainable }) => trainable !== false).flatMap(mapNamesOf);
}

/**
 * What is wrong with a choice of layers to record: one sentence, or null.
 *
 * @param names as a recipe's `traced` gives them; there is one or more
 */
export function complaintAboutTraced(
  names: readonly string[],
  layers: readonly LayerSpec[],
): string | null {
  const trained = trainedMaps(layers);
  const known = `the layers that can be recorded are ${trained.join(', ')}.`;
  for (const [place, name] of names.entries()) {
    if (names.indexOf(name) < place) return `traced names '${name}' twice; once is enough.`;
    if (trained.includes(name)) continue;
    const frozen = layers.some((spec) => mapNamesOf(spec).includes(name));
    if (frozen) return `traced names '${name}', which is frozen and has no updates; leave it out.`;
    const layer = layers.find((spec) => spec.name === name);
    if (!layer) {
      const guess = nearest(name, trained);
      const advice = guess ? `did you mean '${guess}'?` : known;
      return `traced names '${name}', which is no layer of the model; ${advice}`;
    }
    const maps = mapNamesOf(layer);
    return maps.length > 0
      ? `traced names '${name}', which is recorded as what it is made of; name ${maps.join(', ')}.`
      : `traced names '${name}', a ${layer.type}, which has no linear map to record; ${known}`;
  }
  return null;
}
