import type * as tf from '@tensorflow/tfjs';
import type { RowOwner } from '../../src-shared/model/row-owner';
import { disposeUnion, type Graphs, type GraphUnion, unionOf } from './graphs';
import { writtenTensor } from './written-tensor';

/** One split of a data set, as training and inference read it. */
export interface Examples {
  readonly count: number;
  /** Shape of one example, [height, width, channels], [features] or a graph's (`shapeOfGraphs`). */
  readonly shape: readonly number[];
  readonly labels: ArrayLike<number>;
  /** Writes the examples of `indices` one after another into `into`; of graphs nothing. */
  gather(indices: ArrayLike<number>, into: Float32Array): void;
  /** The examples themselves where they are graphs. */
  readonly graphs?: Graphs;
}

/** Some examples as a network's Input gives them. Owns its tensors. */
export interface ExampleRows {
  /** [n, …shape]; of graphs the features of all their nodes, [nodes, features]. */
  readonly values: tf.Tensor;
  /** Null where the examples are no graphs. */
  readonly graphs: GraphUnion | null;
}

/**
 * The examples of `indices` as tensors; the caller disposes them.
 *
 * @param change changes the numbers in place before they become a tensor; graphs stay as they are
 */
export function rowsOf(
  examples: Examples,
  indices: ArrayLike<number>,
  change?: (values: Float32Array) => void,
): ExampleRows {
  if (examples.graphs) {
    const { nodeFeatures, union } = unionOf(examples.graphs, indices);
    return { values: nodeFeatures, graphs: union };
  }
  const values = writtenTensor([indices.length, ...examples.shape], (into) => {
    examples.gather(indices, into);
    change?.(into);
  });
  return { values, graphs: null };
}

export function disposeRows({ values, graphs }: ExampleRows): void {
  values.dispose();
  if (graphs) disposeUnion(graphs);
}

/**
 * Cuts the first `count` examples into batches of at most `most` examples and, where they are graphs,
 * about so many nodes or edges, that what a network makes of them fits into memory.
 */
export function* inferenceBatches(
  { graphs }: Pick<Examples, 'graphs'>,
  count: number,
  most: number,
  mostRows: number,
): Iterable<Int32Array> {
  let from = 0;
  let rows = 0;
  for (let index = 0; index < count; index++) {
    const own = graphs ? Math.max(graphs.nodeCount(index), graphs.edgeCount(index)) : 0;
    if (index > from && (index - from === most || rows + own > mostRows)) {
      yield Int32Array.from({ length: index - from }, (_, i) => from + i);
      from = index;
      rows = 0;
    }
    rows += own;
  }
  if (count > from) yield Int32Array.from({ length: count - from }, (_, i) => from + i);
}

/** How many rows each example of `indices` has: one, or one for each of its nodes or edges. */
export function rowCounts(
  { graphs }: Pick<Examples, 'graphs'>,
  indices: Int32Array,
  owner: RowOwner,
): Int32Array {
  if (!graphs || owner === 'example') return new Int32Array(indices.length).fill(1);
  return indices.map((index) =>
    owner === 'node' ? graphs.nodeCount(index) : graphs.edgeCount(index),
  );
}

/** The classes of `indices`. */
export function labelsOf(examples: Examples, indices: ArrayLike<number>): Int32Array {
  return Int32Array.from({ length: indices.length }, (_, i) =>
    Number(examples.labels[indices[i] as number]),
  );
}
