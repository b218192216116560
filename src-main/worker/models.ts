import type { ModelInfo } from '../../src-shared/contract/views';
import { shapeOfGraphs } from '../../src-shared/model/graph-shape';
import { presets } from '../../src-shared/model/presets';
import { resolveModel } from '../../src-shared/model/shapes';

/** The presets that fit data of a shape and class count, with their sizes there. */
export function modelsFor(shape: readonly number[], classes: number): ModelInfo[] {
  return presets.flatMap(({ name, title, description, layers }) => {
    try {
      const list = layers(classes, shape);
      const { parameters, maps } = resolveModel(list, shape, classes);
      return [{ name, title, description, layers: list, parameters, tracedLayers: maps }];
    } catch {
      // A convolutional preset does not fit tabular data: it is not offered there.
      return [];
    }
  });
}

/** Shapes that presets are meant for: MNIST's, CIFAR-10's, and graphs with the edges of ogbg-ppa. */
const usualShapes = [[28, 28, 1], [32, 32, 3], shapeOfGraphs({ nodeFeatures: 0, edgeFeatures: 7 })];

/** Every preset, with its sizes for ten classes at the first of the usual shapes that it fits. */
export function everyModel(): (ModelInfo & { readonly shape: readonly number[] })[] {
  const fitting = usualShapes.flatMap((shape) =>
    modelsFor(shape, 10).map((model) => ({ ...model, shape })),
  );
  return presets.flatMap(({ name }) => fitting.find((model) => model.name === name) ?? []);
}
