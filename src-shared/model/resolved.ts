import type {
  BatchNormalizationSpec,
  Conv2DSpec,
  DenseSpec,
  FlattenSpec,
  GlobalAveragePooling2DSpec,
  GraphFeaturesSpec,
  InputSpec,
  MergeSpec,
  Pooling2DSpec,
  ReLUSpec,
  SegmentSpec,
  SourceNodesSpec,
} from './layer-spec';
import type { RowOwner } from './row-owner';

/** A model whose every default is filled in and whose shapes are known to fit. */

/** A layer's own fields, none left open; what it reads stands in its node. */
type Resolved<Spec> = Required<Omit<Spec, 'inputs'>>;

export type ResolvedConvolution = Resolved<Conv2DSpec>;
export type ResolvedDense = Resolved<DenseSpec>;

export type ResolvedLayer =
  | Resolved<InputSpec>
  | Resolved<Conv2DSpec>
  | Resolved<DenseSpec>
  | Resolved<BatchNormalizationSpec>
  | Resolved<ReLUSpec>
  | Resolved<Pooling2DSpec>
  | Resolved<GlobalAveragePooling2DSpec>
  | Resolved<FlattenSpec>
  | Resolved<MergeSpec>
  | Resolved<GraphFeaturesSpec>
  | Resolved<SourceNodesSpec>
  | Resolved<SegmentSpec>;

/** One layer in its place. Shapes are of one row, without the batch: [h, w, c] or [features]. */
export interface ResolvedNode {
  readonly spec: ResolvedLayer;
  /** Indices of the nodes it reads, always smaller than its own. */
  readonly inputs: readonly number[];
  readonly inputShapes: readonly (readonly number[])[];
  readonly outputShape: readonly number[];
  /** What a row of its values belongs to. */
  readonly rows: RowOwner;
  /** Trainable weights of this layer. */
  readonly parameters: number;
}

/** A linear map whose updates are recorded, as the flattened kernel [rows, columns]. */
export interface ResolvedTracedLayer {
  readonly name: string;
  readonly kind: 'Conv2D' | 'Dense';
  /** Inputs of the map, kernel height × width × channels, and one more where there is a bias. */
  readonly rows: number;
  readonly columns: number;
  readonly bias: boolean;
}

export interface ResolvedModel {
  /** In an order in which they can be computed; the first is the Input, the last the logits. */
  readonly nodes: readonly ResolvedNode[];
  readonly traced: readonly ResolvedTracedLayer[];
  /** Trainable weights; moving statistics are not among them. */
  readonly parameters: number;
  readonly classes: number;
}

/** The number of values in one example of `shape`. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}
