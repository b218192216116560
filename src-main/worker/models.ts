import type { ModelInfo } from '../../src-shared/contract/views';
import { presets } from '../../src-shared/model/presets';
import { resolveModel } from '../../src-shared/model/shapes';

/** The presets that fit data of a shape and class count, with their sizes there. */
export function modelsFor(shape: readonly number[], classes: number): ModelInfo[] {
  return presets.flatMap(({ name, title, description, layers }) => {
    try {
      const list = layers(classes, shape);
      const { parameters, traced } = resolveModel(list, shape, classes);
      return [{ name, title, description, layers: list, parameters, tracedLayers: traced }];
    } catch {
      // A convolutional preset does not fit tabular data: it is not offered there.
      return [];
    }
  });
}
