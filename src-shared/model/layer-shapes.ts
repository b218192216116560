import { modelError, titleOf } from './graph';
import { graphShapeOf } from './graph-shape';
import type {
  BatchNormalizationSpec,
  Conv2DSpec,
  DenseSpec,
  GraphFeaturesSpec,
  InputSpec,
  LayerSpec,
  MergeSpec,
  Pooling2DSpec,
} from './layer-spec';
import { layerDefaults } from './layer-spec';
import type { ResolvedLayer } from './resolved';
import { sizeOf } from './resolved';

/** Largest size a recipe may give a layer; beyond it is a slip of the keyboard, not a model. */
const maximumSize = 65_536;

type Shape = readonly number[];

/** A layer with its defaults filled in, its output shape (of one example) and trainable weights. */
export interface ResolvedShape {
  readonly spec: ResolvedLayer;
  readonly shape: Shape;
  readonly parameters: number;
}

/**
 * What becomes of one layer that reads `inputs` (shapes of one example), by the rules of Keras.
 *
 * @param exampleShape shape of the data's examples, which the Input layer gives
 * @throws `model-invalid` naming the layer: sizes out of range, shapes that don't fit
 */
export function resolveLayer(
  spec: LayerSpec,
  inputs: readonly Shape[],
  exampleShape: Shape,
): ResolvedShape {
  if (spec.type === 'Input') return resolveInput(spec, exampleShape);
  const merges = spec.type === 'Add' || spec.type === 'Concatenate';
  if (inputs.length !== 1 && !merges) {
    throw modelError(
      `${titleOf(spec)} reads one layer, but 'inputs' names ${inputs.length}; ` +
        'join them with an Add or a Concatenate before it.',
    );
  }
  const input = inputs[0] as Shape;
  const readsGraphs = spec.type === 'NodeFeatures' || spec.type === 'EdgeFeatures';
  if (!readsGraphs && inputs.some((shape) => graphShapeOf(shape))) {
    throw modelError(
      `${titleOf(spec)} can't read whole graphs; put NodeFeatures or EdgeFeatures before it.`,
    );
  }
  switch (spec.type) {
    case 'Conv2D':
      return resolveConvolution(spec, input);
    case 'Dense':
      return resolveDense(spec, input);
    case 'BatchNormalization':
      return resolveBatchNormalization(spec, input);
    case 'MaxPooling2D':
    case 'AveragePooling2D':
      return resolvePooling(spec, input);
    case 'GlobalAveragePooling2D':
      return plain(spec, [imageOf(spec, input)[2]]);
    case 'Flatten':
      // Rows, columns, channels: the order of memory and of TensorFlow.
      return plain(spec, [sizeOf(input)]);
    case 'Add':
    case 'Concatenate':
      return resolveMerge(spec, inputs);
    case 'NodeFeatures':
    case 'EdgeFeatures':
      return resolveGraphFeatures(spec, input);
    case 'ReLU':
    case 'SourceNodes':
    case 'SegmentSum':
    case 'SegmentMean':
      return plain(spec, input);
    default:
      return unsupported(spec);
  }
}

/** Models also come from files, where the type is whatever stands there. */
function unsupported(spec: never): never {
  const { name, type } = spec as { name: string; type: string };
  throw modelError(`${titleOf({ name, type })} is of a type that is not supported.`);
}

/** Layers that have no fields of their own. */
type PlainLayer = Extract<
  ResolvedLayer,
  {
    type:
      | 'GlobalAveragePooling2D'
      | 'Flatten'
      | 'ReLU'
      | GraphFeaturesSpec['type']
      | 'SourceNodes'
      | 'SegmentSum'
      | 'SegmentMean';
  }
>;

function plain({ name, type }: Pick<PlainLayer, 'name' | 'type'>, shape: Shape): ResolvedShape {
  return { spec: { type, name }, shape, parameters: 0 };
}

function resolveInput(spec: InputSpec, exampleShape: Shape): ResolvedShape {
  const shape = spec.shape ?? exampleShape;
  if (shape.join() !== exampleShape.join()) {
    throw modelError(
      `${titleOf(spec)} has the shape [${shape.join(', ')}], but an example of the data has ` +
        `[${exampleShape.join(', ')}]; leave 'shape' out or make them equal.`,
    );
  }
  return { spec: { type: 'Input', name: spec.name, shape }, shape, parameters: 0 };
}

function resolveGraphFeatures(spec: GraphFeaturesSpec, input: Shape): ResolvedShape {
  const graph = graphShapeOf(input);
  if (!graph) {
    throw modelError(
      `${titleOf(spec)} reads the Input of graphs, but gets [${input.join(', ')}]; use graph data.`,
    );
  }
  const isNodes = spec.type === 'NodeFeatures';
  const features = isNodes ? graph.nodeFeatures : graph.edgeFeatures;
  if (features === 0) {
    throw modelError(
      `${titleOf(spec)}: the ${isNodes ? 'nodes' : 'edges'} of these graphs have no features; ` +
        `leave the layer out.`,
    );
  }
  return plain(spec, [features]);
}

function resolveConvolution(spec: Conv2DSpec, input: Shape): ResolvedShape {
  const { type, name, filters, kernelSize } = spec;
  const defaults = layerDefaults.convolution;
  const strides = spec.strides ?? defaults.strides;
  const padding = spec.padding ?? defaults.padding;
  const useBias = spec.useBias ?? defaults.useBias;
  checkSizes(spec, { filters, kernelSize, strides });
  const [height, width, channels] = imageOf(spec, input);
  const shape = [
    windows(spec, height, kernelSize, strides, padding),
    windows(spec, width, kernelSize, strides, padding),
    filters,
  ];
  const parameters = (kernelSize * kernelSize * channels + (useBias ? 1 : 0)) * filters;
  return {
    spec: { type, name, filters, kernelSize, strides, padding, useBias },
    shape,
    parameters,
  };
}

function resolveDense(spec: DenseSpec, input: Shape): ResolvedShape {
  const { type, name, units } = spec;
  const useBias = spec.useBias ?? layerDefaults.dense.useBias;
  checkSizes(spec, { units });
  const [features] = input;
  if (input.length !== 1 || features === undefined) {
    throw modelError(
      `${titleOf(spec)} needs [features], but gets [${input.join(', ')}]; put a Flatten before it.`,
    );
  }
  const parameters = (features + (useBias ? 1 : 0)) * units;
  return { spec: { type, name, units, useBias }, shape: [units], parameters };
}

function resolveBatchNormalization(spec: BatchNormalizationSpec, input: Shape): ResolvedShape {
  const { type, name } = spec;
  const defaults = layerDefaults.batchNormalization;
  const momentum = spec.momentum ?? defaults.momentum;
  const epsilon = spec.epsilon ?? defaults.epsilon;
  const affine = spec.affine ?? defaults.affine;
  if (!(momentum >= 0 && momentum < 1)) {
    throw modelError(`${titleOf(spec)}: momentum is ${momentum}; it must be from 0 to below 1.`);
  }
  if (!(epsilon > 0 && epsilon <= 1)) {
    throw modelError(`${titleOf(spec)}: epsilon is ${epsilon}; it must be above 0 and at most 1.`);
  }
  const channels = input.at(-1) ?? 0;
  const filled = { type, name, momentum, epsilon, affine };
  return { spec: filled, shape: input, parameters: affine ? 2 * channels : 0 };
}

function resolvePooling(spec: Pooling2DSpec, input: Shape): ResolvedShape {
  const { type, name } = spec;
  const poolSize = spec.poolSize ?? layerDefaults.pooling.poolSize;
  // As in Keras, windows lie side by side unless told otherwise.
  const strides = spec.strides ?? poolSize;
  const padding = spec.padding ?? layerDefaults.pooling.padding;
  checkSizes(spec, { poolSize, strides });
  const [height, width, channels] = imageOf(spec, input);
  const shape = [
    windows(spec, height, poolSize, strides, padding),
    windows(spec, width, poolSize, strides, padding),
    channels,
  ];
  return { spec: { type, name, poolSize, strides, padding }, shape, parameters: 0 };
}

function resolveMerge(spec: MergeSpec, inputs: readonly Shape[]): ResolvedShape {
  const { type, name } = spec;
  const first = inputs[0] as Shape;
  if (inputs.length < 2) {
    throw modelError(`${titleOf(spec)} joins two or more layers; name them in 'inputs'.`);
  }
  // Add needs equal shapes, Concatenate (along the channels) equal ones but for the last size.
  const compared = type === 'Add' ? first.length : first.length - 1;
  for (const shape of inputs) {
    const fits = shape.length === first.length;
    if (fits && shape.slice(0, compared).join() === first.slice(0, compared).join()) continue;
    throw modelError(
      `${titleOf(spec)} can't join [${first.join(', ')}] and [${shape.join(', ')}]; ` +
        `their sizes must be equal${type === 'Add' ? '' : ' but for the last'}.`,
    );
  }
  const channels = inputs.reduce((sum, shape) => sum + (shape.at(-1) ?? 0), 0);
  const shape = type === 'Add' ? first : [...first.slice(0, -1), channels];
  return { spec: { type, name }, shape, parameters: 0 };
}

function imageOf(spec: LayerSpec, input: Shape): readonly [number, number, number] {
  const [height, width, channels] = input;
  if (input.length !== 3 || height === undefined || width === undefined || channels === undefined) {
    throw modelError(
      `${titleOf(spec)} needs an image [height, width, channels], but gets [${input.join(', ')}]; ` +
        'use image data, and put it before Flatten or GlobalAveragePooling2D.',
    );
  }
  return [height, width, channels];
}

/** Places of a window of `size` along `side`: TensorFlow's rule for either padding. */
function windows(
  spec: LayerSpec,
  side: number,
  size: number,
  strides: number,
  padding: 'same' | 'valid',
): number {
  if (padding === 'same') return Math.ceil(side / strides);
  if (size > side) {
    throw modelError(
      `${titleOf(spec)}: a window of ${size} does not fit into a side of ${side}; ` +
        "make it smaller, or set padding to 'same'.",
    );
  }
  return Math.floor((side - size) / strides) + 1;
}

function checkSizes(spec: LayerSpec, sizes: Readonly<Record<string, number>>): void {
  for (const [field, size] of Object.entries(sizes)) {
    if (Number.isInteger(size) && size >= 1 && size <= maximumSize) continue;
    throw modelError(
      `${titleOf(spec)}: ${field} is ${size}; it must be a whole number from 1 to ${maximumSize}.`,
    );
  }
}
