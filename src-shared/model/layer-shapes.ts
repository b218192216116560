import { modelError, titleOf } from './graph';
import { graphShapeOf } from './graph-shape';
import type {
  BatchNormalizationSpec,
  DenseSpec,
  DropoutSpec,
  GraphFeaturesSpec,
  InputSpec,
  LayerNormalizationSpec,
  LayerSpec,
  MergeSpec,
} from './layer-spec';
import { layerDefaults } from './layer-spec';
import { type ResolvedLayer, sizeOf } from './resolved';
import {
  resolveAttention,
  resolveCell,
  resolveEmbedding,
  resolvePositionEmbedding,
  resolveReshape,
  tokensOf,
} from './sequence-shapes';
import { checkSizes, type ResolvedShape, type Shape } from './shape-checks';
import {
  imageOf,
  resolveConvolution,
  resolveDepthwiseConvolution,
  resolvePooling,
  resolveZeroPadding,
} from './window-shapes';

/** A layer that `partsOf` leaves whole. */
export type WholeLayer = Exclude<
  LayerSpec,
  { type: 'MultiHeadAttention' | 'LSTM' } | { type: 'GRU' | 'SimpleRNN' }
>;

/**
 * What becomes of one layer that reads `inputs` (shapes of one example), by the rules of Keras.
 *
 * @param exampleShape shape of the data's examples, which the Input layer gives
 * @throws `model-invalid` naming the layer: sizes out of range, shapes that don't fit
 */
export function resolveLayer(
  spec: WholeLayer,
  inputs: readonly Shape[],
  exampleShape: Shape,
): ResolvedShape {
  if (spec.type === 'Input') return resolveInput(spec, exampleShape);
  if (spec.type === 'Attention') return resolveAttention(spec, inputs);
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
    case 'DepthwiseConv2D':
      return resolveDepthwiseConvolution(spec, input);
    case 'Dense':
      return resolveDense(spec, input);
    case 'BatchNormalization':
      return resolveBatchNormalization(spec, input);
    case 'LayerNormalization':
      return resolveLayerNormalization(spec, input);
    case 'Dropout':
      return resolveDropout(spec, input);
    case 'MaxPooling2D':
    case 'AveragePooling2D':
      return resolvePooling(spec, input);
    case 'GlobalAveragePooling2D':
      return plain(spec, [imageOf(spec, input)[2]]);
    case 'GlobalAveragePooling1D':
      return plain(spec, [tokensOf(spec, input)[1]]);
    case 'ZeroPadding2D':
      return resolveZeroPadding(spec, input);
    case 'Reshape':
      return resolveReshape(spec, input);
    case 'Embedding':
      return resolveEmbedding(spec, input);
    case 'PositionEmbedding':
      return resolvePositionEmbedding(spec, input);
    case 'LSTMCell':
    case 'GRUCell':
    case 'SimpleRNNCell':
      return resolveCell(spec, input);
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
    case 'Activation':
      return filled({ type: spec.type, name: spec.name, activation: spec.activation }, input);
    case 'LeakyReLU': {
      const negativeSlope = spec.negativeSlope ?? layerDefaults.leakyReLU.negativeSlope;
      return filled({ type: spec.type, name: spec.name, negativeSlope }, input);
    }
    case 'ELU': {
      const alpha = spec.alpha ?? layerDefaults.elu.alpha;
      return filled({ type: spec.type, name: spec.name, alpha }, input);
    }
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
      | 'GlobalAveragePooling1D'
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

/** A layer without weights. */
function filled(spec: ResolvedLayer, shape: Shape): ResolvedShape {
  return { spec, shape, parameters: 0 };
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

function resolveDense(spec: DenseSpec, input: Shape): ResolvedShape {
  const { type, name, units } = spec;
  const useBias = spec.useBias ?? layerDefaults.dense.useBias;
  checkSizes(spec, { units });
  const features = input.at(-1);
  if (input.length > 2 || features === undefined) {
    throw modelError(
      `${titleOf(spec)} needs [features] or [tokens, features], but gets [${input.join(', ')}]; ` +
        'put a Flatten before it.',
    );
  }
  const parameters = (features + (useBias ? 1 : 0)) * units;
  const shape = [...input.slice(0, -1), units];
  return { spec: { type, name, units, useBias }, shape, parameters };
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

function resolveLayerNormalization(spec: LayerNormalizationSpec, input: Shape): ResolvedShape {
  const { type, name, epsilon = layerDefaults.layerNormalization.epsilon } = spec;
  if (!(epsilon > 0 && epsilon <= 1)) {
    throw modelError(`${titleOf(spec)}: epsilon is ${epsilon}; it must be above 0 and at most 1.`);
  }
  const features = input.at(-1) ?? 0;
  return { spec: { type, name, epsilon }, shape: input, parameters: 2 * features };
}

function resolveDropout(spec: DropoutSpec, input: Shape): ResolvedShape {
  const { type, name, rate } = spec;
  if (!(rate >= 0 && rate < 1)) {
    throw modelError(`${titleOf(spec)}: rate is ${rate}; it must be from 0 to below 1.`);
  }
  return filled({ type, name, rate }, input);
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
