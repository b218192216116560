/**
 * The shape of one graph, where the data are graphs, beside [height, width, channels] and [features]:
 * [−1, features of a node, −1, features of an edge]. −1 stands for a number that differs from graph
 * to graph, that of its nodes and that of its directed edges.
 */
export interface GraphShape {
  /** Numbers that describe a node; 0 where nodes have none. */
  readonly nodeFeatures: number;
  readonly edgeFeatures: number;
}

/** A graph's shape as examples' shapes are written. */
export function shapeOfGraphs({ nodeFeatures, edgeFeatures }: GraphShape): readonly number[] {
  return [-1, nodeFeatures, -1, edgeFeatures];
}

/** What a shape says of a graph; null where the examples are no graphs. */
export function graphShapeOf(shape: readonly number[]): GraphShape | null {
  const [nodes, nodeFeatures = 0, edges, edgeFeatures = 0] = shape;
  if (shape.length !== 4 || nodes !== -1 || edges !== -1) return null;
  return { nodeFeatures, edgeFeatures };
}

/** An example's shape in words: `28 × 28 × 1`, `11 numbers`, or what a graph's nodes and edges carry. */
export function shapeInWords(shape: readonly number[]): string {
  const numbers = (count: number): string => `${count} ${count === 1 ? 'number' : 'numbers'}`;
  const graph = graphShapeOf(shape);
  if (!graph) return shape.length === 1 ? numbers(shape[0] ?? 0) : shape.join(' × ');
  return `graph, ${numbers(graph.nodeFeatures)} a node, ${numbers(graph.edgeFeatures)} an edge`;
}
