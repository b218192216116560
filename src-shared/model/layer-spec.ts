/**
 * Layers as a recipe writes them, in Keras' names. Activations are layers of their own, and the
 * last layer gives the logits.
 */

interface LayerBase {
  readonly name: string;
  /** Names of the layers this one reads; absent: the layer before. */
  readonly inputs?: readonly string[];
}

export interface InputSpec extends LayerBase {
  readonly type: 'Input';
  /** Shape of one example, [height, width, channels], [features] or a graph's; absent: the data's. */
  readonly shape?: readonly number[];
}

export interface Conv2DSpec extends LayerBase {
  readonly type: 'Conv2D';
  readonly filters: number;
  readonly kernelSize: number;
  readonly strides?: number;
  readonly padding?: 'same' | 'valid';
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

export interface ReLUSpec extends LayerBase {
  readonly type: 'ReLU';
}

export interface Pooling2DSpec extends LayerBase {
  readonly type: 'MaxPooling2D' | 'AveragePooling2D';
  readonly poolSize?: number;
  readonly strides?: number;
  readonly padding?: 'same' | 'valid';
}

export interface GlobalAveragePooling2DSpec extends LayerBase {
  readonly type: 'GlobalAveragePooling2D';
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
  | DenseSpec
  | BatchNormalizationSpec
  | ReLUSpec
  | Pooling2DSpec
  | GlobalAveragePooling2DSpec
  | FlattenSpec
  | MergeSpec
  | GraphFeaturesSpec
  | SourceNodesSpec
  | SegmentSpec;

export type LayerType = LayerSpec['type'];

/** Values of the layer fields that a recipe leaves out: Keras', but for batch normalisation. */
export const layerDefaults = {
  convolution: { strides: 1, padding: 'valid', useBias: true },
  dense: { useBias: true },
  batchNormalization: { momentum: 0.9, epsilon: 1e-5, affine: false },
  pooling: { poolSize: 2, padding: 'valid' },
} as const;
