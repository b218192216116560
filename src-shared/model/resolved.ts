import type { LayerBase } from './layer-base';
import type {
  ActivationSpec,
  BatchNormalizationSpec,
  Conv2DSpec,
  DenseSpec,
  DepthwiseConv2DSpec,
  DropoutSpec,
  ELUSpec,
  FlattenSpec,
  GlobalAveragePooling2DSpec,
  GraphFeaturesSpec,
  HeightWidth,
  InputSpec,
  LayerNormalizationSpec,
  LeakyReLUSpec,
  MergeSpec,
  Pooling2DSpec,
  ReLUSpec,
  SegmentSpec,
  SourceNodesSpec,
  ZeroPadding2DSpec,
} from './layer-spec';
import type { RowOwner } from './row-owner';
import type {
  AttentionSpec,
  EmbeddingSpec,
  GlobalAveragePooling1DSpec,
  GRUCellSpec,
  LSTMCellSpec,
  PositionEmbeddingSpec,
  ReshapeSpec,
  SimpleRNNCellSpec,
} from './sequence-spec';

/** A model whose every default is filled in and whose shapes are known to fit. */

/** A layer's own fields, none left open; what it reads stands in its node. */
type Resolved<Spec> = Required<Omit<Spec, keyof LayerBase | Planar>> &
  Pick<LayerBase, 'name'> & {
    readonly [Field in Extract<keyof Spec, Planar>]-?: HeightWidth;
  };

/** Sizes in an image, which are height and width once they are resolved. */
type Planar = 'kernelSize' | 'strides' | 'poolSize';

export type ResolvedConvolution = Resolved<Conv2DSpec>;
export type ResolvedDepthwiseConvolution = Resolved<DepthwiseConv2DSpec>;

export type ResolvedLayer =
  | Resolved<InputSpec>
  | Resolved<Conv2DSpec>
  | Resolved<DepthwiseConv2DSpec>
  | Resolved<DenseSpec>
  | Resolved<BatchNormalizationSpec>
  | Resolved<LayerNormalizationSpec>
  | Resolved<DropoutSpec>
  | Resolved<ReLUSpec>
  | Resolved<ActivationSpec>
  | Resolved<LeakyReLUSpec>
  | Resolved<ELUSpec>
  | Resolved<Pooling2DSpec>
  | Resolved<GlobalAveragePooling2DSpec>
  | (Resolved<ZeroPadding2DSpec> & { readonly padding: Sides })
  | Resolved<FlattenSpec>
  | Resolved<MergeSpec>
  | Resolved<GraphFeaturesSpec>
  | Resolved<SourceNodesSpec>
  | Resolved<SegmentSpec>
  | Resolved<ReshapeSpec>
  | Resolved<GlobalAveragePooling1DSpec>
  | Resolved<EmbeddingSpec>
  | Resolved<PositionEmbeddingSpec>
  | Resolved<AttentionSpec>
  | Resolved<LSTMCellSpec>
  | Resolved<GRUCellSpec>
  | Resolved<SimpleRNNCellSpec>;

/** [[top, bottom], [left, right]]. */
export type Sides = readonly [readonly [number, number], readonly [number, number]];

/** Layers with a linear map that is traced. */
export const tracedKinds = [
  'Conv2D',
  'DepthwiseConv2D',
  'Dense',
  'Embedding',
  'PositionEmbedding',
  'LSTMCell',
  'GRUCell',
  'SimpleRNNCell',
] as const satisfies readonly ResolvedLayer['type'][];

export type TracedKind = (typeof tracedKinds)[number];

/** One layer in its place. Shapes are of one row, without the batch: [h, w, c] or [features]. */
export interface ResolvedNode {
  readonly spec: ResolvedLayer;
  /** Indices of the nodes it reads, always smaller than its own. */
  readonly inputs: readonly number[];
  readonly inputShapes: readonly (readonly number[])[];
  readonly outputShape: readonly number[];
  /** What a row of its values belongs to. */
  readonly rows: RowOwner;
  /** Whether training moves its weights. */
  readonly trainable: boolean;
  /** Trainable weights of this layer. */
  readonly parameters: number;
}

/** A linear map whose updates are recorded, as the flattened kernel [rows, columns]. */
export interface ResolvedTracedLayer {
  readonly name: string;
  readonly kind: TracedKind;
  /** Inputs of the map, kernel height × width × channels, and one more where there is a bias. */
  readonly rows: number;
  readonly columns: number;
  readonly bias: boolean;
}

/** A linear map, recorded or not: a frozen one keeps the weights that it starts with. */
export interface ResolvedMap extends ResolvedTracedLayer {
  readonly frozen: boolean;
}

export interface ResolvedModel {
  /** In an order in which they can be computed; the first is the Input, the last the logits. */
  readonly nodes: readonly ResolvedNode[];
  /** The linear maps whose updates are recorded. */
  readonly traced: readonly ResolvedTracedLayer[];
  /** All linear maps in their order: those traced, the frozen ones, and those left out of recording. */
  readonly maps: readonly ResolvedMap[];
  /** Trainable weights; moving statistics are not among them. */
  readonly parameters: number;
  readonly classes: number;
}

/** How many numbers a shape holds. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}
