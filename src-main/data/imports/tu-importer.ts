import { basename } from 'node:path';
import { orderedBy } from '../../engine/graphs';
import type { RawGraphs } from '../data-set';
import { missing } from '../failures';
import { entriesOf, fileBelow } from './confined';
import { brokenRow } from './csv-rows';
import {
  beside,
  chosenGraphs,
  type Features,
  mostClasses,
  mostGraphs,
  type NamedFile,
  oneHot,
  readFeatures,
  roomFor,
  withSomeFeature,
} from './graph-tables';
import type { Importer } from './importer';
import { readNumbers, wholeNumber } from './number-rows';
import { ReadingProgress } from './reading-progress';
import { dividedByClass, divisionNote, graphNumbers, usualTestFraction } from './test-split';

const mostEdges = 2 ** 28;
const labelRange = [-(2 ** 31), 2 ** 31 - 1] as const;

/** Text files of the TUDataset collection: DS_A.txt, DS_graph_indicator.txt and their like. */
export const tuImporter: Importer = {
  kind: 'tu',
  title: 'TUDataset folder',
  description:
    'A folder with NAME_A.txt, NAME_graph_indicator.txt, NAME_graph_labels.txt and, where there are any, NAME_node_labels.txt, NAME_edge_labels.txt, NAME_node_attributes.txt and NAME_edge_attributes.txt.',
  takes: 'folder',
  options: ['testFraction'],
  async read(root, { testFraction }, context) {
    const progress = new ReadingProgress(context, 'bytes', null);
    const name = await nameIn(root);
    const table = async (part: string): Promise<NamedFile | null> => {
      const file = `${name}_${part}.txt`;
      const path = await fileBelow(root, file);
      return path === null ? null : { path, file };
    };
    const notes = ['Edges count in the direction in which they are listed.'];
    const { all, classes } = await readGraphs(table, name, progress, notes);
    const fraction = testFraction ?? usualTestFraction;
    const split = dividedByClass(all.labels, classes.length, fraction);
    notes.push(divisionNote(fraction));
    const described = withSomeFeature(all, notes);
    return {
      classNames: classes.map(String),
      train: chosenGraphs(described, split.train, false),
      test: chosenGraphs(described, split.test, false),
      columns: null,
      origins: { train: graphNumbers(split.train, 1), test: graphNumbers(split.test, 1) },
      notes,
    };
  },
};

type Tables = (part: string) => Promise<NamedFile | null>;

async function nameIn(root: string): Promise<string> {
  const edges = (await entriesOf(root, root)).filter(({ name }) => name.endsWith('_A.txt'));
  const [only] = edges;
  if (edges.length === 1 && only) return only.name.slice(0, -'_A.txt'.length);
  const found = edges.length === 0 ? 'no file' : 'more than one file';
  throw missing(`${basename(root)} has ${found} NAME_A.txt; give the folder of one data set.`);
}

async function needed(table: Tables, part: string, name: string): Promise<NamedFile> {
  const found = await table(part);
  if (found) return found;
  throw missing(`There is no file '${name}_${part}.txt' beside ${name}_A.txt.`);
}

async function readGraphs(
  table: Tables,
  name: string,
  progress: ReadingProgress,
  notes: string[],
): Promise<{ all: RawGraphs; classes: readonly number[] }> {
  const labelled = await readCodes(
    await needed(table, 'graph_labels', name),
    null,
    mostGraphs,
    progress,
  );
  const { codes, names: classes, file } = labelled;
  if (classes.length > mostClasses) throw brokenRow(file, 1, `it has ${classes.length} classes.`);
  const place = new Map(classes.map((label, at) => [label, at]));
  const graphs = codes.length;
  const indicator = await needed(table, 'graph_indicator', name);
  const nodes = await readNodes(indicator, graphs, labelled.file, progress);
  const ends = await readEdges(await needed(table, 'A', name), nodes, progress);
  const nodeRows = { count: nodes.graph.length, by: indicator.file };
  const edgeRows = { count: ends.source.length, by: `${name}_A.txt` };
  const ofNodes = await featuresOf(table, 'node', nodeRows, progress, notes);
  const ofEdges = await featuresOf(table, 'edge', edgeRows, progress, notes);
  const edgeOrder = orderedBy(ends.graph, graphs);
  const edgeCounts = new Int32Array(graphs);
  for (const graph of ends.graph) edgeCounts[graph] = (edgeCounts[graph] as number) + 1;
  const all: RawGraphs = {
    labels: codes.map((label) => place.get(label) as number),
    nodeFeatures: ofNodes.width,
    edgeFeatures: ofEdges.width,
    nodeCounts: nodes.counts,
    edgeCounts,
    source: edgeOrder.order.map((edge) => ends.source[edge] as number),
    target: edgeOrder.order.map((edge) => ends.target[edge] as number),
    nodes: reordered(ofNodes, orderedBy(nodes.graph, graphs).order),
    edges: reordered(ofEdges, edgeOrder.order),
    smiles: null,
  };
  return { all, classes };
}

/** The graph of every node, its number within the graph, and how many each graph has. */
interface Nodes {
  readonly graph: Int32Array;
  readonly place: Int32Array;
  readonly counts: Int32Array;
}

async function readNodes(
  { path, file }: NamedFile,
  graphs: number,
  labelFile: string,
  progress: ReadingProgress,
): Promise<Nodes> {
  const graph: number[] = [];
  const place: number[] = [];
  const counts = new Int32Array(graphs);
  await readNumbers({ path, file, columns: 1, rows: null }, progress, (values, row) => {
    const index =
      wholeNumber(values[0] as number, [1, graphs], { file, row, what: 'the graph' }) - 1;
    place.push(counts[index] as number);
    counts[index] = (counts[index] as number) + 1;
    graph.push(index);
  });
  const empty = counts.indexOf(0);
  if (empty >= 0) {
    const rule = `graph ${empty + 1} of ${labelFile} has no node.`;
    throw brokenRow(file, graph.length, rule);
  }
  return { graph: Int32Array.from(graph), place: Int32Array.from(place), counts };
}

async function readEdges(
  { path, file }: NamedFile,
  nodes: Nodes,
  progress: ReadingProgress,
): Promise<{ source: Int32Array; target: Int32Array; graph: Int32Array }> {
  const [source, target, graph]: [number[], number[], number[]] = [[], [], []];
  const range = [1, nodes.graph.length] as const;
  await readNumbers({ path, file, columns: 2, rows: null }, progress, (values, row) => {
    if (row > mostEdges) throw brokenRow(file, row, `at most ${mostEdges} edges are read.`);
    const u = wholeNumber(values[0] as number, range, { file, row, what: 'a node' }) - 1;
    const v = wholeNumber(values[1] as number, range, { file, row, what: 'a node' }) - 1;
    if (nodes.graph[u] !== nodes.graph[v]) {
      throw brokenRow(file, row, `nodes ${u + 1} and ${v + 1} are of different graphs.`);
    }
    source.push(nodes.place[u] as number);
    target.push(nodes.place[v] as number);
    graph.push(nodes.graph[u] as number);
  });
  const arrays = [source, target, graph].map((list) => Int32Array.from(list));
  const [sources, targets, graphs] = arrays as [Int32Array, Int32Array, Int32Array];
  return { source: sources, target: targets, graph: graphs };
}

/** One place for each label, then the attributes. */
async function featuresOf(
  table: Tables,
  what: 'node' | 'edge',
  rows: { readonly count: number; readonly by: string },
  progress: ReadingProgress,
  notes: string[],
): Promise<Features> {
  const parts: Features[] = [];
  const labels = await table(`${what}_labels`);
  if (labels) {
    const { codes, names } = await readCodes(labels, rows, rows.count, progress);
    parts.push(oneHot(codes, names, labels.file));
    notes.push(`${labels.file}: 0 or 1 for each of ${names.length} labels.`);
  }
  const attributes = await table(`${what}_attributes`);
  if (attributes) parts.push(await readFeatures(attributes, rows, progress, roomFor));
  return beside(parts, rows.count, (attributes ?? labels)?.file ?? '');
}

/** Whole numbers, one a row, and which there are in ascending order. */
async function readCodes(
  { path, file }: NamedFile,
  rows: { readonly count: number; readonly by: string } | null,
  most: number,
  progress: ReadingProgress,
): Promise<{ codes: Int32Array; names: readonly number[]; file: string }> {
  const codes: number[] = [];
  await readNumbers({ path, file, columns: 1, rows }, progress, (values, row) => {
    if (row > most) throw brokenRow(file, row, `at most ${most} rows are read.`);
    const place = { file, row, what: 'the label' };
    codes.push(wholeNumber(values[0] as number, labelRange, place));
  });
  if (codes.length === 0) throw brokenRow(file, 1, 'the file is empty.');
  return { codes: Int32Array.from(codes), names: [...new Set(codes)].sort((a, b) => a - b), file };
}

function reordered({ width, values }: Features, order: Int32Array): Float32Array {
  const sorted = new Float32Array(values.length);
  for (const [place, row] of order.entries()) {
    sorted.set(values.subarray(row * width, (row + 1) * width), place * width);
  }
  return sorted;
}
