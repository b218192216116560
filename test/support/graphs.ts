import type { RawGraphs } from '../../src-main/data/data-set';
import { GraphSplit } from '../../src-main/data/graph-split';

/** A graph as a test writes it down: edges as pairs [u, v]. */
export interface WrittenGraph {
  readonly label: number;
  readonly edges: readonly (readonly [number, number])[];
  readonly edgeFeatures: readonly (readonly number[])[];
  readonly nodeFeatures: readonly (readonly number[])[];
  /** Where nodes have no features. */
  readonly nodes?: number;
}

/** Graphs one after another, as importers give them. */
export function rawGraphs(list: readonly WrittenGraph[]): RawGraphs {
  const width = (rows: readonly (readonly number[])[] | undefined): number =>
    rows?.[0]?.length ?? 0;
  return {
    labels: Int32Array.from(list, ({ label }) => label),
    nodeFeatures: width(list.find((each) => each.nodeFeatures.length > 0)?.nodeFeatures),
    edgeFeatures: width(list.find((each) => each.edgeFeatures.length > 0)?.edgeFeatures),
    nodeCounts: Int32Array.from(list, (each) => each.nodes ?? each.nodeFeatures.length),
    edgeCounts: Int32Array.from(list, ({ edges }) => edges.length),
    source: Int32Array.from(list.flatMap(({ edges }) => edges.map(([u]) => u))),
    target: Int32Array.from(list.flatMap(({ edges }) => edges.map(([, v]) => v))),
    nodes: Float32Array.from(list.flatMap(({ nodeFeatures }) => nodeFeatures.flat())),
    edges: Float32Array.from(list.flatMap(({ edgeFeatures }) => edgeFeatures.flat())),
    smiles: null,
  };
}

/** A split of such graphs, without pictures. */
export function graphSplit(list: readonly WrittenGraph[]): GraphSplit {
  return new GraphSplit('train', rawGraphs(list));
}
