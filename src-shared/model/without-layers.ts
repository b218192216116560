import { DeltascopeError } from '../errors';
import { connectLayers, modelError, titleOf } from './graph';
import type { LayerSpec } from './layer-spec';
import { resolveModel } from './shapes';

/** A model without some of its layers. */
export interface ShallowerModel {
  readonly layers: readonly LayerSpec[];
  /** Everything that went: the layers asked for, and what only served them. */
  readonly removed: readonly string[];
}

/** Layers that only serve the linear map before them. */
const followers = new Set<LayerSpec['type']>(['BatchNormalization', 'ReLU']);

/**
 * The model without the named linear maps. The batch normalisations and activations that read
 * nothing but a removed layer go with it; who read the last of them reads what the layer itself read.
 *
 * @param exampleShape shape of one example of the data
 * @throws `layer-missing`, or `model-invalid` where the rest does not fit together, one sentence
 */
export function withoutLayers(
  layers: readonly LayerSpec[],
  names: readonly string[],
  exampleShape: readonly number[],
  classes: number,
): ShallowerModel {
  const nodes = connectLayers(layers);
  const readers = nodes.map((_, place) =>
    nodes.flatMap(({ inputs }, reader) => (inputs.includes(place) ? [reader] : [])),
  );
  /** By the place of a removed layer: the place that stands for it. */
  const standIn = new Map<number, number>();
  for (const name of names) {
    const place = nodes.findIndex(({ spec }) => spec.name === name);
    const spec = nodes[place]?.spec;
    if (spec?.type !== 'Conv2D' && spec?.type !== 'Dense') {
      throw new DeltascopeError(
        'layer-missing',
        'recipe',
        `The model has no linear layer '${name}' that could be left out.`,
      );
    }
    if (place === nodes.length - 1) {
      throw modelError(`${titleOf(spec)} gives the logits and cannot be left out.`);
    }
    const source = nodes[place]?.inputs[0] as number;
    let at = place;
    for (;;) {
      standIn.set(at, source);
      const [reader, ...others] = readers[at] ?? [];
      const next = reader === undefined ? undefined : nodes[reader]?.spec;
      if (others.length > 0 || !next || !followers.has(next.type)) break;
      at = reader as number;
    }
  }
  const kept = (place: number): number => {
    const source = standIn.get(place);
    return source === undefined ? place : kept(source);
  };
  const shallower = nodes.flatMap(({ spec, inputs }, place): LayerSpec[] => {
    if (standIn.has(place)) return [];
    if (spec.type === 'Input') return [spec];
    return [{ ...spec, inputs: inputs.map((input) => nodes[kept(input)]?.spec.name ?? '') }];
  });
  try {
    resolveModel(shallower, exampleShape, classes);
  } catch (error) {
    if (!(error instanceof DeltascopeError)) throw error;
    throw modelError(`Without ${names.join(', ')} the rest does not fit: ${error.message}`);
  }
  const removed = [...standIn.keys()].sort((a, b) => a - b).map((at) => nodes[at]?.spec.name ?? '');
  return { layers: shallower, removed };
}
