import { DeltascopeError } from '../errors';
import { nearest } from '../text';
import { gin, ginShallow } from './gin';
import type { LayerSpec } from './layer-spec';
import type { Preset } from './preset';
import { resnet18 } from './resnet18';
import { tinyTransformer } from './tiny-transformer';

const mlp: Preset = {
  name: 'mlp',
  title: 'Multilayer perceptron',
  description: 'Two hidden layers of 256 and 128 units with ReLU. Fast; for any kind of data.',
  layers: (classes) => [
    { type: 'Flatten', name: 'flatten' },
    { type: 'Dense', name: 'fc1', units: 256, useBias: true },
    { type: 'ReLU', name: 'relu1' },
    { type: 'Dense', name: 'fc2', units: 128, useBias: true },
    { type: 'ReLU', name: 'relu2' },
    { type: 'Dense', name: 'logits', units: classes, useBias: true },
  ],
};

const lenet: Preset = {
  name: 'lenet',
  title: 'LeNet',
  description:
    'Two 5×5 convolutions (32, 64) with batch normalisation and max pooling, then 128 units. For images.',
  layers: (classes) => [
    { type: 'Conv2D', name: 'conv1', filters: 32, kernelSize: 5, padding: 'same', useBias: false },
    { type: 'BatchNormalization', name: 'bn1' },
    { type: 'ReLU', name: 'relu1' },
    { type: 'MaxPooling2D', name: 'pool1', poolSize: 2 },
    { type: 'Conv2D', name: 'conv2', filters: 64, kernelSize: 5, padding: 'same', useBias: false },
    { type: 'BatchNormalization', name: 'bn2' },
    { type: 'ReLU', name: 'relu2' },
    { type: 'MaxPooling2D', name: 'pool2', poolSize: 2 },
    { type: 'Flatten', name: 'flatten' },
    { type: 'Dense', name: 'fc1', units: 128, useBias: false },
    { type: 'BatchNormalization', name: 'bn3' },
    { type: 'ReLU', name: 'relu3' },
    { type: 'Dense', name: 'logits', units: classes, useBias: true },
  ],
};

/** Filters of VGG-16's convolutions; 0 is max pooling. */
const vggColumn = [64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0];

/** Units of VGG-16's hidden dense layers. */
const vggHidden = [4096, 4096];

function vggLayers(classes: number): LayerSpec[] {
  const layers: LayerSpec[] = [];
  let block = 1;
  let place = 1;
  for (const filters of vggColumn) {
    const name = `${block}_${place}`;
    if (filters === 0) {
      layers.push({ type: 'MaxPooling2D', name: `pool${block}`, poolSize: 2 });
      block += 1;
      place = 1;
    } else {
      layers.push(
        {
          ...{ type: 'Conv2D', name: `conv${name}`, filters, kernelSize: 3 },
          ...{ padding: 'same', useBias: false },
        },
        { type: 'BatchNormalization', name: `bn${name}` },
        { type: 'ReLU', name: `relu${name}` },
      );
      place += 1;
    }
  }
  layers.push({ type: 'Flatten', name: 'flatten' });
  for (const [i, units] of vggHidden.entries()) {
    layers.push(
      { type: 'Dense', name: `fc${i + 1}`, units, useBias: false },
      { type: 'BatchNormalization', name: `bn_fc${i + 1}` },
      { type: 'ReLU', name: `relu_fc${i + 1}` },
    );
  }
  return [...layers, { type: 'Dense', name: 'logits', units: classes, useBias: false }];
}

const vgg16: Preset = {
  name: 'vgg16',
  title: 'VGG-16',
  description:
    'Thirteen 3×3 convolutions and three dense layers with batch normalisation. For images of 32×32 pixels or more.',
  layers: vggLayers,
};

/** Every preset, in the order in which they are offered. */
export const presets: readonly Preset[] = [
  mlp,
  lenet,
  vgg16,
  resnet18,
  tinyTransformer,
  gin,
  ginShallow,
];

/**
 * The preset of that name.
 *
 * @throws `recipe-invalid` naming the known ones
 */
export function presetNamed(name: string): Preset {
  const preset = presets.find((candidate) => candidate.name === name);
  if (preset) return preset;
  const known = presets.map((candidate) => candidate.name);
  const guess = nearest(name, known);
  throw new DeltascopeError(
    'recipe-invalid',
    'recipe',
    `Unknown model '${name}'${guess ? `; did you mean '${guess}'?` : '.'} ` +
      `Known models: ${known.join(', ')}; or give {"layers": […]} or the path of a model.json.`,
  );
}

/** The layers of a recipe's `model`, for data of so many classes and examples of a shape. */
export function layersOf(
  model: string | { readonly layers: readonly LayerSpec[] },
  classes: number,
  shape: readonly number[],
): readonly LayerSpec[] {
  return typeof model === 'string' ? presetNamed(model).layers(classes, shape) : model.layers;
}
