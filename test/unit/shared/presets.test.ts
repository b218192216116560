import { describe, expect, it } from 'vitest';
import { shapeOfGraphs } from '../../../src-shared/model/graph-shape';
import { layersOf, presetNamed, presets } from '../../../src-shared/model/presets';
import { resolveModel } from '../../../src-shared/model/shapes';

describe('presets', () => {
  it('fit any class count', () => {
    for (const preset of presets) {
      const shape = preset.name.startsWith('gin')
        ? shapeOfGraphs({ nodeFeatures: 2, edgeFeatures: 3 })
        : [32, 32, 3];
      const { nodes } = resolveModel(preset.layers(7, shape), shape, 7);
      expect(nodes.at(-1)?.outputShape).toEqual([7]);
    }
  });

  it('hold ResNet-18 with the weights that are known of it on CIFAR-10', () => {
    const { parameters, traced } = resolveModel(
      layersOf('resnet18', 10, [32, 32, 3]),
      [32, 32, 3],
      10,
    );
    expect(parameters).toBe(11_173_962);
    expect(traced).toHaveLength(21);
  });

  it('hold VGG-16 with the weights of the paper', () => {
    expect(resolveModel(layersOf('vgg16', 10, [32, 32, 3]), [32, 32, 3], 10).parameters).toBe(
      33_625_792,
    );
  });

  it('name the known ones where a name is unknown', () => {
    expect(() => presetNamed('lent')).toThrow(
      "Unknown model 'lent'; did you mean 'lenet'? Known models: mlp, lenet, vgg16, resnet18, tiny-transformer, gin, gin-shallow; or give {\"layers\": […]} or the path of a model.json.",
    );
  });
});
