import { basename, join } from 'node:path';
import { wholeFile } from '../byte-source';
import type { RawGraphs } from '../data-set';
import { missing } from '../failures';
import type { Floats, Ints } from '../file-numbers';
import { numberedClasses } from './class-names';
import { entriesOf, fileBelow } from './confined';
import { brokenRow } from './csv-rows';
import {
  chosenGraphs,
  type Features,
  mostClasses,
  mostGraphs,
  mostNodes,
  type NamedFile,
  type Room,
  readFeatures,
  roomIn,
  sumOf,
  withSomeFeature,
} from './graph-tables';
import type { Importer } from './importer';
import { readNumbers, wholeNumber } from './number-rows';
import { ReadingProgress } from './reading-progress';
import { dividedByClass, divisionNote, graphNumbers, usualTestFraction } from './test-split';

const nodeList = 'raw/num-node-list.csv';
const edgeList = 'raw/num-edge-list.csv';
const edgeTable = 'raw/edge.csv';
const labelTable = 'raw/graph-label.csv';
/** The least that a row of an edge takes: `0,0` and the end of the line. */
const leastEdge = 4;
/** Deflate can't expand further. */
const largestExpansion = 1032;

/** Graph property data sets as the Open Graph Benchmark lays them out. */
export const ogbImporter: Importer = {
  kind: 'ogb',
  title: 'Open Graph Benchmark folder',
  description:
    'A folder of graphs with raw/ (num-node-list, num-edge-list, edge, graph-label, perhaps node-feat and edge-feat, as .csv.gz) and split/NAME/ (train, test).',
  takes: 'folder',
  options: ['testFraction'],
  async read(root, { testFraction }, context) {
    const progress = new ReadingProgress(context, 'bytes', null);
    const room = roomIn(context.scratch);
    const all = await readGraphs(root, progress, room);
    const notes = ['Every edge counts in both directions, as OGB reads undirected graphs.'];
    const split = await splitIn(root, all.labels.length, progress, notes);
    const classNames = numberedClasses([all]);
    const fraction = testFraction ?? usualTestFraction;
    const { train, test } = split ?? dividedByClass(all.labels, classNames.length, fraction);
    if (split === null) notes.push(divisionNote(fraction));
    const described = withSomeFeature(all, notes);
    return {
      classNames,
      train: chosenGraphs(described, train, true, room),
      test: chosenGraphs(described, test, true, room),
      columns: null,
      origins: { train: graphNumbers(train, 0), test: graphNumbers(test, 0) },
      notes,
    };
  },
};

async function readGraphs(root: string, progress: ReadingProgress, room: Room): Promise<RawGraphs> {
  const nodeCounts = await readCounts(await needed(root, nodeList), null, 1, progress);
  const list = { count: nodeCounts.length, by: `${nodeList}.gz` };
  const edgeCounts = await readCounts(await needed(root, edgeList), list, 0, progress);
  const labels = await readLabels(await needed(root, labelTable), list, progress);
  const edges = { count: sumOf(edgeCounts), by: `the sum of ${edgeList}.gz` };
  const nodes = { count: sumOf(nodeCounts), by: `the sum of ${nodeList}.gz` };
  const ends = await readEdges(
    await needed(root, edgeTable),
    edges,
    nodeCounts,
    edgeCounts,
    progress,
    room,
  );
  const features = async (name: string, rows: typeof edges): Promise<Features<Floats>> => {
    const found = await present(root, `raw/${name}.csv`);
    return found
      ? readFeatures(found, rows, progress, room.floats)
      : { width: 0, values: room.floats(0, 0, name) };
  };
  const ofEdges = await features('edge-feat', edges);
  const ofNodes = await features('node-feat', nodes);
  return {
    ...{ labels, nodeCounts, edgeCounts, ...ends, smiles: null },
    nodeFeatures: ofNodes.width,
    edgeFeatures: ofEdges.width,
    nodes: ofNodes.values,
    edges: ofEdges.values,
  };
}

/** Numbers of nodes, or of edges, a graph. */
async function readCounts(
  { path, file }: NamedFile,
  rows: { readonly count: number; readonly by: string } | null,
  least: number,
  progress: ReadingProgress,
): Promise<Int32Array> {
  const counts: number[] = [];
  let sum = 0;
  await readNumbers({ path, file, columns: 1, rows }, progress, (values, row) => {
    if (row > mostGraphs) throw brokenRow(file, row, `at most ${mostGraphs} graphs are read.`);
    const place = { file, row, what: 'the number' };
    const count = wholeNumber(values[0] as number, [least, mostNodes], place);
    sum += count;
    if (sum >= 2 ** 30) throw brokenRow(file, row, `up to here there are ${sum} in all, too many.`);
    counts.push(count);
  });
  if (counts.length === 0) throw brokenRow(file, 1, 'the file is empty.');
  return Int32Array.from(counts);
}

async function readLabels(
  { path, file }: NamedFile,
  rows: { readonly count: number; readonly by: string },
  progress: ReadingProgress,
): Promise<Int32Array> {
  const labels = new Int32Array(rows.count);
  await readNumbers({ path, file, columns: 1, rows }, progress, (values, row) => {
    const place = { file, row, what: 'the class' };
    labels[row - 1] = wholeNumber(values[0] as number, [0, mostClasses - 1], place);
  });
  return labels;
}

async function readEdges(
  { path, file }: NamedFile,
  rows: { readonly count: number; readonly by: string },
  nodeCounts: Int32Array,
  edgeCounts: Int32Array,
  progress: ReadingProgress,
  room: Room,
): Promise<{ source: Ints; target: Ints }> {
  const { length, packing } = await wholeFile(path, file);
  const most = packing === 'stored' ? length + 1 : length * largestExpansion;
  if (rows.count * leastEdge > most) {
    throw brokenRow(file, 1, `${rows.by} gives ${rows.count} edges, more than the file can hold.`);
  }
  const source = room.ints(rows.count, file);
  const target = room.ints(rows.count, file);
  const end = new Int32Array(1);
  const put = (into: Ints, at: number, node: number): void => {
    end[0] = node;
    into.set(end, at);
  };
  let graph = 0;
  let left = edgeCounts[0] ?? 0;
  await readNumbers({ path, file, columns: 2, rows }, progress, (values, row) => {
    while (left === 0) left = edgeCounts[++graph] as number;
    left--;
    const range = [0, (nodeCounts[graph] as number) - 1] as const;
    const what = `a node of graph ${graph}`;
    const place = { file, row, what };
    put(source, row - 1, wholeNumber(values[0] as number, range, place));
    put(target, row - 1, wholeNumber(values[1] as number, range, place));
  });
  return { source, target };
}

/** The split of the folder; null where it has none. Examples for validation are left out. */
async function splitIn(
  root: string,
  graphs: number,
  progress: ReadingProgress,
  notes: string[],
): Promise<{ train: Int32Array; test: Int32Array } | null> {
  const folder = await fileBelow(root, 'split');
  if (folder === null) return null;
  const schemes = (await entriesOf(root, folder)).filter(({ kind }) => kind === 'folder');
  const [scheme] = schemes;
  if (!scheme) return null;
  if (schemes.length > 1) {
    const names = schemes.map(({ name }) => name).join(', ');
    throw missing(`split/ holds several splits (${names}); leave only the one that is to be used.`);
  }
  const taken = new Uint8Array(graphs);
  const list = async (name: string): Promise<Int32Array> => {
    const found = await needed(root, `split/${scheme.name}/${name}.csv`);
    return readSplit(found, taken, progress);
  };
  const split = { train: await list('train'), test: await list('test') };
  const unused = graphs - split.train.length - split.test.length;
  notes.push(`The split is '${scheme.name}'.`);
  if (unused > 0) notes.push(`${unused} graphs are in neither split (validation) and left out.`);
  return split;
}

async function readSplit(
  { path, file }: NamedFile,
  taken: Uint8Array,
  progress: ReadingProgress,
): Promise<Int32Array> {
  const indices: number[] = [];
  await readNumbers({ path, file, columns: 1, rows: null }, progress, (values, row) => {
    const place = { file, row, what: 'the graph' };
    const index = wholeNumber(values[0] as number, [0, taken.length - 1], place);
    if (taken[index]) throw brokenRow(file, row, `graph ${index} is in the splits already.`);
    taken[index] = 1;
    indices.push(index);
  });
  if (indices.length === 0) throw brokenRow(file, 1, 'the split is empty.');
  return Int32Array.from(indices);
}

async function needed(root: string, name: string): Promise<NamedFile> {
  const found = await present(root, name);
  if (found) return found;
  throw missing(
    `${basename(root)} has no file '${name}.gz'; give a data set's folder, in which raw/ lies.`,
  );
}

/** A table, packed or not; null where it is not there. */
async function present(root: string, name: string): Promise<NamedFile | null> {
  for (const file of [`${name}.gz`, name]) {
    const path = await fileBelow(root, join(...file.split('/')));
    if (path !== null) return { path, file };
  }
  return null;
}
