import { describe, expect, it } from 'vitest';
import type { LayerSpec } from '../../../src-shared/model/layer-spec';
import { layersOf } from '../../../src-shared/model/presets';
import { resolveModel } from '../../../src-shared/model/shapes';
import { withoutLayers } from '../../../src-shared/model/without-layers';

const residual: LayerSpec[] = [
  { type: 'Conv2D', name: 'stem', filters: 4, kernelSize: 3, padding: 'same' },
  { type: 'Conv2D', name: 'inner', filters: 4, kernelSize: 3, padding: 'same' },
  { type: 'BatchNormalization', name: 'bn' },
  { type: 'Add', name: 'add', inputs: ['bn', 'stem'] },
  { type: 'Conv2D', name: 'wider', filters: 8, kernelSize: 3, padding: 'same' },
  { type: 'Conv2D', name: 'side', filters: 8, kernelSize: 1, inputs: ['add'] },
  { type: 'Add', name: 'join', inputs: ['wider', 'side'] },
  { type: 'ReLU', name: 'relu' },
  { type: 'Flatten', name: 'flatten' },
  { type: 'Dense', name: 'logits', units: 3 },
];

describe('a model without some of its layers', () => {
  it('loses what only served them, and fits together', () => {
    const { layers, removed } = withoutLayers(
      layersOf('lenet', 10, [28, 28, 1]),
      ['conv2'],
      [28, 28, 1],
      10,
    );
    expect(removed).toEqual(['conv2', 'bn2', 'relu2']);
    const model = resolveModel(layers, [28, 28, 1], 10);
    expect(model.traced.map(({ name, rows }) => [name, rows])).toEqual([
      ['conv1', 25],
      // Two poolings of 28 × 28 are left, of 32 filters rather than 64.
      ['fc1', 7 * 7 * 32],
      ['logits', 129],
    ]);
  });

  it('goes on from what the first of several removed layers read', () => {
    const { layers, removed } = withoutLayers(
      layersOf('mlp', 10, [28, 28, 1]),
      ['fc1', 'fc2'],
      [28, 28, 1],
      10,
    );
    expect(removed).toEqual(['fc1', 'relu1', 'fc2', 'relu2']);
    expect(layers.map(({ name, inputs }) => [name, inputs])).toEqual([
      ['input', undefined],
      ['flatten', ['input']],
      ['logits', ['flatten']],
    ]);
  });

  it('leaves what others read too', () => {
    const { layers, removed } = withoutLayers(residual, ['inner'], [8, 8, 1], 3);
    expect(removed).toEqual(['inner', 'bn']);
    expect(layers.find(({ name }) => name === 'add')?.inputs).toEqual(['stem', 'stem']);
    expect(withoutLayers(residual, ['stem'], [8, 8, 4], 3).removed).toEqual(['stem']);
  });

  it('says where it cannot be', () => {
    const without = (name: string) => () => withoutLayers(residual, [name], [8, 8, 1], 3);
    expect(without('wider')).toThrow(
      /^Without wider the rest does not fit: Layer 'join' \(Add\).*/,
    );
    expect(without('logits')).toThrow("Layer 'logits' (Dense) gives the logits");
    expect(without('bn')).toThrow("no linear layer 'bn'");
    expect(without('other')).toThrow("no linear layer 'other'");
  });
});
