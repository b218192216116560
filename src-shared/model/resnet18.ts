import type { LayerSpec } from './layer-spec';
import type { Preset } from './preset';

/** Filters of the four stages, of two blocks each; every stage but the first halves the sides. */
const stages = [64, 128, 256, 512];

/**
 * ResNet-18 (He et al., 2016) as it is used on CIFAR-10: a 3×3 stem without pooling, eight blocks of
 * two 3×3 convolutions, and a 1×1 convolution where a block changes its shape.
 */
function resnetLayers(classes: number): LayerSpec[] {
  const layers: LayerSpec[] = [
    ...normalized('stem', 64, 3, 1),
    { type: 'ReLU', name: 'stem_relu' },
  ];
  let before = 'stem_relu';
  let channels = 64;
  for (const [stage, filters] of stages.entries()) {
    for (const place of [1, 2]) {
      const name = `block${stage + 1}_${place}`;
      const strides = stage > 0 && place === 1 ? 2 : 1;
      layers.push(
        ...normalized(`${name}_conv1`, filters, 3, strides, before),
        { type: 'ReLU', name: `${name}_relu1` },
        ...normalized(`${name}_conv2`, filters, 3, 1),
      );
      const passed = strides > 1 || filters !== channels;
      if (passed) layers.push(...normalized(`${name}_pass`, filters, 1, strides, before));
      layers.push(
        {
          ...{ type: 'Add', name: `${name}_sum` },
          inputs: [`${name}_conv2_bn`, passed ? `${name}_pass_bn` : before],
        },
        { type: 'ReLU', name: `${name}_relu2` },
      );
      before = `${name}_relu2`;
      channels = filters;
    }
  }
  return [
    ...layers,
    { type: 'GlobalAveragePooling2D', name: 'mean' },
    { type: 'Dense', name: 'logits', units: classes, useBias: true },
  ];
}

/** A convolution with affine batch normalisation behind it. */
function normalized(
  name: string,
  filters: number,
  kernelSize: number,
  strides: number,
  input?: string,
): LayerSpec[] {
  return [
    {
      ...{ type: 'Conv2D', name, filters, kernelSize, strides, padding: 'same', useBias: false },
      ...(input ? { inputs: [input] } : {}),
    },
    { type: 'BatchNormalization', name: `${name}_bn`, affine: true },
  ];
}

export const resnet18: Preset = {
  name: 'resnet18',
  title: 'ResNet-18',
  description:
    'Residual network as for CIFAR-10: a 3×3 stem and eight blocks with affine batch normalisation. For images.',
  layers: resnetLayers,
};
