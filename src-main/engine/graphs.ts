import * as tf from '@tensorflow/tfjs';

/** One directed graph. Nodes are numbered from 0; edges stand in the order of the nodes they end in. */
export interface Graph {
  readonly nodes: number;
  /** u and v of every edge u → v. */
  readonly source: Int32Array;
  readonly target: Int32Array;
  /** [nodes, node features], row by row; empty where nodes have none. */
  readonly nodeFeatures: Float32Array;
  /** [edges, edge features]. */
  readonly edgeFeatures: Float32Array;
}

/** The graphs of a split, as training and inference read them. */
export interface Graphs {
  /** Numbers that describe a node, and an edge; 0 where they have none. */
  readonly nodeFeatures: number;
  readonly edgeFeatures: number;
  nodeCount(index: number): number;
  edgeCount(index: number): number;
  read(index: number): Graph;
}

/**
 * Some graphs side by side as one graph that falls into parts: how the rows of nodes, edges and
 * graphs hang together. Owns its tensors, all int32 but for `shares`.
 */
export interface GraphUnion {
  readonly graphs: number;
  readonly nodes: number;
  /** Nodes, and edges, of each graph. */
  readonly nodeCounts: Int32Array;
  readonly edgeCounts: Int32Array;
  /** u and v of every edge u → v [edges]; targets ascend. */
  readonly source: tf.Tensor1D;
  readonly target: tf.Tensor1D;
  /** The edges in the order of their sources [edges], and those sources. */
  readonly bySource: tf.Tensor1D;
  readonly sortedSource: tf.Tensor1D;
  /** The graph of every node [nodes], ascending. */
  readonly graph: tf.Tensor1D;
  /** 1 / nodes of every graph, [graphs, 1]. */
  readonly shares: tf.Tensor2D;
  /** Features of all edges, [edges, edge features]. */
  readonly edgeFeatures: tf.Tensor2D;
}

/**
 * The graphs of `indices` as their disjoint union, and the features of its nodes. The caller disposes
 * the tensors.
 */
export function unionOf(
  graphs: Graphs,
  indices: ArrayLike<number>,
): { readonly nodeFeatures: tf.Tensor2D; readonly union: GraphUnion } {
  const all = Array.from(indices, (index) => graphs.read(index));
  const nodes = all.reduce((sum, graph) => sum + graph.nodes, 0);
  const edges = all.reduce((sum, graph) => sum + graph.source.length, 0);
  const source = new Int32Array(edges);
  const target = new Int32Array(edges);
  const graphOf = new Int32Array(nodes);
  const nodeFeatures = new Float32Array(nodes * graphs.nodeFeatures);
  const edgeFeatures = new Float32Array(edges * graphs.edgeFeatures);
  let node = 0;
  let edge = 0;
  for (const [place, graph] of all.entries()) {
    for (let i = 0; i < graph.source.length; i++) {
      source[edge + i] = (graph.source[i] as number) + node;
      target[edge + i] = (graph.target[i] as number) + node;
    }
    graphOf.fill(place, node, node + graph.nodes);
    nodeFeatures.set(graph.nodeFeatures, node * graphs.nodeFeatures);
    edgeFeatures.set(graph.edgeFeatures, edge * graphs.edgeFeatures);
    node += graph.nodes;
    edge += graph.source.length;
  }
  const { order, sorted } = orderedBy(source, nodes);
  const union: GraphUnion = {
    graphs: all.length,
    nodes,
    nodeCounts: Int32Array.from(all, (graph) => graph.nodes),
    edgeCounts: Int32Array.from(all, (graph) => graph.source.length),
    source: tf.tensor1d(source, 'int32'),
    target: tf.tensor1d(target, 'int32'),
    bySource: tf.tensor1d(order, 'int32'),
    sortedSource: tf.tensor1d(sorted, 'int32'),
    graph: tf.tensor1d(graphOf, 'int32'),
    shares: tf.tensor2d(
      all.map((graph) => 1 / graph.nodes),
      [all.length, 1],
    ),
    edgeFeatures: tf.tensor2d(edgeFeatures, [edges, graphs.edgeFeatures]),
  };
  return { nodeFeatures: tf.tensor2d(nodeFeatures, [nodes, graphs.nodeFeatures]), union };
}

export function disposeUnion(union: GraphUnion): void {
  const { source, target, bySource, sortedSource, graph, shares, edgeFeatures } = union;
  tf.dispose([source, target, bySource, sortedSource, graph, shares, edgeFeatures]);
}

/** A stable counting sort: the places of `keys` in ascending order, and the keys in it. */
export function orderedBy(
  keys: Int32Array,
  most: number,
): { readonly order: Int32Array; readonly sorted: Int32Array } {
  const begin = new Int32Array(most + 1);
  for (const key of keys) begin[key + 1] = (begin[key + 1] as number) + 1;
  for (let key = 0; key < most; key++) {
    begin[key + 1] = (begin[key + 1] as number) + (begin[key] as number);
  }
  const order = new Int32Array(keys.length);
  const sorted = new Int32Array(keys.length);
  for (const [place, key] of keys.entries()) {
    const at = begin[key] as number;
    begin[key] = at + 1;
    order[at] = place;
    sorted[at] = key;
  }
  return { order, sorted };
}
