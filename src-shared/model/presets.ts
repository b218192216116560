import { DeltascopeError } from '../errors';
import { nearest } from '../text';
import type { LayerSpec } from './layer-spec';

/** A model that a recipe can name. */
export interface Preset {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Its layers for data of so many classes. */
  readonly layers: (classes: number) => readonly LayerSpec[];
}

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

/** Every preset, in the order in which they are offered. */
export const presets: readonly Preset[] = [mlp, lenet];

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
      `Known models: ${known.join(', ')}; or give {"layers": […]}.`,
  );
}

/** The layers of a recipe's `model`, for data of so many classes. */
export function layersOf(
  model: string | { readonly layers: readonly LayerSpec[] },
  classes: number,
): readonly LayerSpec[] {
  return typeof model === 'string' ? presetNamed(model).layers(classes) : model.layers;
}
