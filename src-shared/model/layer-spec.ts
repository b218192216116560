import type { LayerBase } from './layer-base';
import type { SequenceSpec } from './sequence-spec';

/**
 * Layers as a recipe writes them, in Keras' names. Activations are layers of their own, and the
 * last layer gives the logits.
 */

export interface InputSpec extends LayerBase {
  readonly type: 'Input';
  /** Shape of one example, [height, width, channels], [features] or a graph's; absent: the data's. */
  readonly shape?: readonly number[];
}

export type HeightWidth = readonly [height: number, width: number];

/** A size in an image: one number for height and width, or one each. */
export type PlanarSize = number | HeightWidth;

export function heightWidth(size: PlanarSize): HeightWidth {
  return typeof size === 'number' ? [size, size] : size;
}

export interface Conv2DSpec extends LayerBase {
  readonly type: 'Conv2D';
  readonly filters: number;
  readonly kernelSize: PlanarSize;
  readonly strides?: PlanarSize;
  readonly padding?: 'same' | 'valid';
  /** Distance of a kernel's taps; more than 1 only with strides of 1, as in Keras. */
  readonly dilationRate?: number;
  /** Channels come in so many groups, each with filters of its own. */
  readonly groups?: number;
  readonly useBias?: boolean;
}

export interface DepthwiseConv2DSpec extends LayerBase {
  readonly type: 'DepthwiseConv2D';
  readonly kernelSize: PlanarSize;
  readonly strides?: PlanarSize;
  readonly padding?: 'same' | 'valid';
  readonly dilationRate?: number;
  /** Filters of each channel. */
  readonly depthMultiplier?: number;
  readonly useBias?: boolean;
}

export interface DenseSpec extends LayerBase {
  readonly type: 'Dense';
  readonly units: number;
  readonly useBias?: boolean;
}

export interface BatchNormalizationSpec extends LayerBase {
  readonly type: 'BatchNormalization';
  /** running = momentum · old + (1 − momentum) · new. */
  readonly momentum?: number;
  readonly epsilon?: number;
  readonly affine?: boolean;
}

export interface LayerNormalizationSpec extends LayerBase {
  readonly type: 'LayerNormalization';
  readonly epsilon?: number;
}

export interface DropoutSpec extends LayerBase {
  readonly type: 'Dropout';
  /** Share of the values that a step sets to 0. */
  readonly rate: number;
}

export interface ReLUSpec extends LayerBase {
  readonly type: 'ReLU';
}

/** Activations that have no layer of their own in Keras, and those that do, by name. */
export const activationNames = [
  'relu',
  'relu6',
  'gelu',
  'tanh',
  'sigmoid',
  'swish',
  'elu',
  'selu',
  'softplus',
] as const;

export type ActivationName = (typeof activationNames)[number];

export interface ActivationSpec extends LayerBase {
  readonly type: 'Activation';
  readonly activation: ActivationName;
}

export interface LeakyReLUSpec extends LayerBase {
  readonly type: 'LeakyReLU';
  readonly negativeSlope?: number;
}

export interface ELUSpec extends LayerBase {
  readonly type: 'ELU';
  readonly alpha?: number;
}

export interface Pooling2DSpec extends LayerBase {
  readonly type: 'MaxPooling2D' | 'AveragePooling2D';
  readonly poolSize?: PlanarSize;
  readonly strides?: PlanarSize;
  readonly padding?: 'same' | 'valid';
}

export interface GlobalAveragePooling2DSpec extends LayerBase {
  readonly type: 'GlobalAveragePooling2D';
}

/** Zeros around an image: as many on each side, or [[top, bottom], [left, right]]. */
export interface ZeroPadding2DSpec extends LayerBase {
  readonly type: 'ZeroPadding2D';
  readonly padding: number | readonly [readonly [number, number], readonly [number, number]];
}

export interface FlattenSpec extends LayerBase {
  readonly type: 'Flatten';
}

export interface MergeSpec extends LayerBase {
  readonly type: 'Add' | 'Concatenate';
}

/** Reads the Input of graphs: a row for each node, or for each directed edge. */
export interface GraphFeaturesSpec extends LayerBase {
  readonly type: 'NodeFeatures' | 'EdgeFeatures';
}

/** x_u of every edge u → v: a row for each node becomes one for each edge. */
export interface SourceNodesSpec extends LayerBase {
  readonly type: 'SourceNodes';
}

/**
 * `SegmentSum`: Σ over the edges that end in a node, a row for each edge becomes one for each node.
 * `SegmentMean`: mean over a graph's nodes, a row for each node becomes one for each graph.
 */
export interface SegmentSpec extends LayerBase {
  readonly type: 'SegmentSum' | 'SegmentMean';
}

export type LayerSpec =
  | InputSpec
  | Conv2DSpec
  | DepthwiseConv2DSpec
  | DenseSpec
  | BatchNormalizationSpec
  | LayerNormalizationSpec
  | DropoutSpec
  | ReLUSpec
  | ActivationSpec
  | LeakyReLUSpec
  | ELUSpec
  | Pooling2DSpec
  | GlobalAveragePooling2DSpec
  | ZeroPadding2DSpec
  | FlattenSpec
  | MergeSpec
  | SequenceSpec
  | GraphFeaturesSpec
  | SourceNodesSpec
  | SegmentSpec;

export type LayerType = LayerSpec['type'];

/** Values of the layer fields that a recipe leaves out: Keras', but for batch normalisation. */
export const layerDefaults = {
  convolution: { strides: 1, padding: 'valid', dilationRate: 1, groups: 1, useBias: true },
  depthMultiplier: 1,
  dense: { useBias: true },
  batchNormalization: { momentum: 0.9, epsilon: 1e-5, affine: false },
  layerNormalization: { epsilon: 1e-3 },
  leakyReLU: { negativeSlope: 0.3 },
  elu: { alpha: 1 },
  pooling: { poolSize: 2, padding: 'valid' },
  attention: { useBias: true, useCausalMask: false },
  lstm: { useBias: true, returnSequences: false },
} as const;
