import { areGraphs, type RawGraphs, type RawSplit } from './data-set';
import { FileNumbers, type Floats, type Ints } from './file-numbers';

/** An array of a split, as it lies in a file of its own. */
export interface StoredArray {
  /** Its file is NAME_SPLIT.npy. */
  readonly name: string;
  readonly array: Uint8Array | Floats | Ints;
  readonly shape: readonly number[];
}

/** The arrays of graphs; pictures, rows and the like have `y` and `x`. */
export const graphArrays: readonly string[] = [
  ...['y', 'node_counts', 'edge_counts', 'source', 'target', 'nodes', 'edges', 'smiles'],
];

/** What a split is stored as, and what its fingerprint is made of, in this order. */
export function arraysOf(raw: RawSplit): readonly StoredArray[] {
  const { labels } = raw;
  const count = labels.length;
  const y: StoredArray = { name: 'y', array: labels, shape: [count] };
  if (!areGraphs(raw)) return [y, { name: 'x', array: raw.values, shape: [count, ...raw.shape] }];
  const { nodeCounts, edgeCounts, source, target, nodes, edges, nodeFeatures, edgeFeatures } = raw;
  const smiles = new Uint8Array(Buffer.from(raw.smiles === null ? '' : raw.smiles.join('\n')));
  const allNodes = nodeCounts.reduce((sum, each) => sum + each, 0);
  return [
    y,
    { name: 'node_counts', array: nodeCounts, shape: [count] },
    { name: 'edge_counts', array: edgeCounts, shape: [count] },
    { name: 'source', array: source, shape: [source.length] },
    { name: 'target', array: target, shape: [source.length] },
    { name: 'nodes', array: nodes, shape: [allNodes, nodeFeatures] },
    { name: 'edges', array: edges, shape: [source.length, edgeFeatures] },
    { name: 'smiles', array: smiles, shape: [smiles.length] },
  ];
}

/** Graphs from their arrays; null where these are none or do not fit each other. */
export function graphsOf(arrays: ReadonlyMap<string, StoredArray>): RawGraphs | null {
  const ints = (name: string): Int32Array | null => {
    const array = arrays.get(name)?.array;
    return array instanceof Int32Array ? array : null;
  };
  const [labels, nodeCounts, edgeCounts] = [ints('y'), ints('node_counts'), ints('edge_counts')];
  const [source, target] = ['source', 'target'].map((name) => arrays.get(name)?.array);
  const [nodes, edges, written] = ['nodes', 'edges', 'smiles'].map((name) => arrays.get(name));
  if (!labels || !nodeCounts || !edgeCounts || !areInts(source) || !areInts(target)) return null;
  if (!nodes || !areFloats(nodes.array) || !edges || !areFloats(edges.array)) return null;
  if (!(written?.array instanceof Uint8Array)) return null;
  const lines = Buffer.from(written.array).toString().split('\n');
  const raw: RawGraphs = {
    ...{ labels, nodeCounts, edgeCounts, source, target },
    ...{ nodes: nodes.array, edges: edges.array },
    nodeFeatures: nodes.shape[1] ?? 0,
    edgeFeatures: edges.shape[1] ?? 0,
    smiles: written.array.length === 0 ? null : lines,
  };
  return fits(raw, nodes.shape[0] ?? 0, edges.shape[0] ?? 0) ? raw : null;
}

function areFloats(array: StoredArray['array']): array is Floats {
  return array instanceof Float32Array || (array instanceof FileNumbers && array.kind === 'f4');
}

/** Whether an array holds whole numbers of 4 bytes. */
export function areInts(array: StoredArray['array'] | undefined): array is Ints {
  return array instanceof Int32Array || (array instanceof FileNumbers && array.kind === 'i4');
}

function fits(raw: RawGraphs, nodes: number, edges: number): boolean {
  const { labels, nodeCounts, edgeCounts, source, target, smiles } = raw;
  const { length } = labels;
  if (nodeCounts.length !== length || edgeCounts.length !== length) return false;
  if ((smiles?.length ?? length) !== length) return false;
  if (source.length !== edges || target.length !== edges) return false;
  if (nodeCounts.some((count) => count < 1) || edgeCounts.some((count) => count < 0)) return false;
  const sumOf = (counts: Int32Array) => counts.reduce((sum, count) => sum + count, 0);
  return sumOf(nodeCounts) === nodes && sumOf(edgeCounts) === edges;
}
