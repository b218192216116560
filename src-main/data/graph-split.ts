import type { Cell, Thumbnail } from '../../src-shared/contract/views';
import { DeltascopeError } from '../../src-shared/errors';
import { formatCount } from '../../src-shared/format/numbers';
import { shapeOfGraphs } from '../../src-shared/model/graph-shape';
import { type Graphs, orderedBy } from '../engine/graphs';
import type { RawGraphs, Split, SplitName } from './data-set';
import { missing } from './failures';
import { graphPicture, mostDrawnNodes } from './graph-picture';
import { moleculePicture } from './molecules';
import type { OriginOf } from './origins';

/** A split whose examples are graphs in memory. */
export class GraphSplit implements Split {
  readonly count: number;
  readonly shape: readonly number[];
  readonly labels: Int32Array;
  readonly holdsPixels = false;
  readonly graphs: Graphs;
  readonly #name: SplitName;
  readonly #smiles: readonly string[] | null;
  readonly #originOf: OriginOf | null;

  constructor(name: SplitName, raw: RawGraphs, originOf: OriginOf | null = null) {
    this.count = raw.labels.length;
    this.shape = shapeOfGraphs(raw);
    this.labels = raw.labels;
    this.graphs = graphsOf(raw, (index) => this.#check(index));
    this.#name = name;
    this.#smiles = raw.smiles;
    this.#originOf = originOf;
  }

  gather(): void {
    throw new Error('graphs are read one by one');
  }

  /** A molecule as chemists draw it; another graph where it is small enough to be told apart. */
  async thumbnail(index: number): Promise<Thumbnail | null> {
    const graph = this.graphs.read(index);
    const smiles = this.#smiles?.[index];
    return smiles === undefined ? graphPicture(graph) : moleculePicture(smiles);
  }

  /** What is said in place of a picture of a graph that is too large for one. */
  cells(index: number): readonly Cell[] | null {
    this.#check(index);
    const nodes = this.graphs.nodeCount(index);
    if (this.#smiles !== null || nodes <= mostDrawnNodes) return null;
    const edges = this.graphs.edgeCount(index);
    const value = `${formatCount(nodes)} nodes, ${formatCount(edges)} directed edges`;
    return [{ column: 'graph of', value }];
  }

  origin(index: number): string | null {
    this.#check(index);
    return this.#originOf?.(index) ?? null;
  }

  #check(index: number): void {
    if (Number.isInteger(index) && index >= 0 && index < this.count) return;
    throw new DeltascopeError(
      'example-missing',
      'data',
      `There is no example ${this.#name}:${index}; the split has ${this.count}, counted from 0.`,
    );
  }
}

/** Flat arrays as graphs, each graph's edges in the order of the nodes they end in. */
function graphsOf(raw: RawGraphs, check: (index: number) => void): Graphs {
  const firstNode = begins(raw.nodeCounts);
  const firstEdge = begins(raw.edgeCounts);
  return {
    nodeFeatures: raw.nodeFeatures,
    edgeFeatures: raw.edgeFeatures,
    nodeCount(index) {
      check(index);
      return raw.nodeCounts[index] as number;
    },
    edgeCount(index) {
      check(index);
      return raw.edgeCounts[index] as number;
    },
    read(index) {
      check(index);
      const nodes = raw.nodeCounts[index] as number;
      const node = firstNode[index] as number;
      const [from, to] = [firstEdge[index] as number, firstEdge[index + 1] as number];
      // A graph's edges lie together: of a file one read each.
      const source = raw.source.subarray(from, to);
      const target = raw.target.subarray(from, to);
      checkEnds(source, target, nodes);
      const { order, sorted } = orderedBy(target, nodes);
      const width = raw.edgeFeatures;
      const edgeFeatures = new Float32Array(order.length * width);
      const rows = raw.edges.subarray(from * width, to * width);
      for (const [place, edge] of order.entries()) {
        edgeFeatures.set(rows.subarray(edge * width, (edge + 1) * width), place * width);
      }
      return {
        nodes,
        source: order.map((edge) => source[edge] as number),
        target: sorted,
        nodeFeatures: raw.nodes.subarray(
          node * raw.nodeFeatures,
          (node + nodes) * raw.nodeFeatures,
        ),
        edgeFeatures,
      };
    },
  };
}

/** Of a file nobody has looked at the ends before. */
function checkEnds(source: Int32Array, target: Int32Array, nodes: number): void {
  for (const ends of [source, target]) {
    for (const end of ends) {
      if (end >= 0 && end < nodes) continue;
      throw missing('An edge ends in a node that its graph does not have; import the data again.');
    }
  }
}

/** Where each part begins, and where the last one ends; in doubles, as edges can be many. */
function begins(counts: Int32Array): Float64Array {
  const from = new Float64Array(counts.length + 1);
  for (const [place, count] of counts.entries()) from[place + 1] = (from[place] as number) + count;
  return from;
}
