import type { RawGraphs } from '../data-set';
import type { Floats, Ints } from '../file-numbers';
import type { Scratch } from '../scratch';
import { brokenRow } from './csv-rows';
import { mostColumns, readNumbers } from './number-rows';
import type { ReadingProgress } from './reading-progress';

/** Bytes of one array of a data set, as for other examples. */
const largestArray = 4 * 2 ** 30;
/** More graphs than this are no list of graphs. */
export const mostGraphs = 10_000_000;
/** More nodes than this in a graph would not train. */
export const mostNodes = 10_000_000;
export const mostClasses = 65_536;

/** A file of a source and how errors name it. */
export interface NamedFile {
  readonly path: string;
  readonly file: string;
}

/**
 * Room for features of so many rows, refused before it is taken where it is too much.
 *
 * @throws `data-corrupt`
 */
export function roomFor(rows: number, width: number, file: string): Float32Array {
  if (4 * rows * width > largestArray) {
    const rule = `${rows} rows of ${width} numbers are more than the 4 GB that are supported; take a part of the data.`;
    throw brokenRow(file, 1, rule);
  }
  return new Float32Array(rows * width);
}

/** Rows of features: how wide they are, and all of them one after another. */
export interface Features<Values extends Floats = Float32Array> {
  readonly width: number;
  readonly values: Values;
}

/** Makes room for so many rows of so many floats. */
type FloatRoom<Values extends Floats> = (rows: number, width: number, file: string) => Values;

/** Where the large arrays of graphs go. */
export interface Room {
  readonly floats: FloatRoom<Floats>;
  readonly ints: (rows: number, file: string) => Ints;
}

const memory: Room = {
  floats: roomFor,
  ints: (rows, file) => new Int32Array(roomFor(rows, 1, file).buffer),
};

/** Reads the features of nodes or edges, one row for each. */
export async function readFeatures<Values extends Floats>(
  { path, file }: NamedFile,
  rows: { readonly count: number; readonly by: string },
  progress: ReadingProgress,
  room: FloatRoom<Values>,
): Promise<Features<Values>> {
  let width = 0;
  let values = room(0, 0, file);
  await readNumbers({ path, file, columns: null, rows }, progress, (row, number) => {
    if (number === 1) {
      width = row.length;
      values = room(rows.count, width, file);
    }
    values.set(row, (number - 1) * width);
  });
  return { width, values };
}

/** Room in memory, or in scratch files where it is much and there may be such. */
export function roomIn(scratch: Scratch | undefined): Room {
  if (!scratch) return memory;
  return {
    floats: (rows, width) => scratch.floats(rows * width),
    ints: (rows) => scratch.ints(rows),
  };
}

/** Places of 1 among 0, one for each different value in ascending order. */
export function oneHot(codes: Int32Array, names: readonly number[], file: string): Features {
  if (names.length > mostColumns) {
    throw brokenRow(file, 1, `it has ${names.length} different labels; at most ${mostColumns}.`);
  }
  const place = new Map(names.map((name, at) => [name, at]));
  const values = roomFor(codes.length, names.length, file);
  for (const [row, code] of codes.entries()) {
    values[row * names.length + (place.get(code) as number)] = 1;
  }
  return { width: names.length, values };
}

/** Rows side by side. */
export function beside(parts: readonly Features[], rows: number, file: string): Features {
  const [only] = parts;
  if (parts.length === 1 && only) return only;
  const width = parts.reduce((sum, part) => sum + part.width, 0);
  const values = roomFor(rows, width, file);
  let at = 0;
  for (const part of parts) {
    for (let row = 0; row < rows; row++) {
      const from = row * part.width;
      values.set(part.values.subarray(from, from + part.width), row * width + at);
    }
    at += part.width;
  }
  return { width, values };
}

/**
 * The graphs of `indices`.
 *
 * @param both adds v → u with the same features to every edge u → v, after a graph's own edges
 * @param room for what has a row for each edge or node
 */
export function chosenGraphs(
  all: RawGraphs,
  indices: Int32Array,
  both: boolean,
  room: Room = memory,
): RawGraphs {
  const firstNode = begins(all.nodeCounts);
  const firstEdge = begins(all.edgeCounts);
  const sides = both ? 2 : 1;
  const nodeCounts = indices.map((index) => all.nodeCounts[index] as number);
  const edgeCounts = indices.map((index) => sides * (all.edgeCounts[index] as number));
  const edges = sumOf(edgeCounts);
  const { nodeFeatures, edgeFeatures } = all;
  const source = room.ints(edges, 'the edges of a split');
  const target = room.ints(edges, 'the edges of a split');
  const nodeValues = room.floats(sumOf(nodeCounts), nodeFeatures, 'the nodes of a split');
  const edgeValues = room.floats(edges, edgeFeatures, 'the edges of a split');
  let node = 0;
  let edge = 0;
  for (const index of indices) {
    const [n, nEnd] = [firstNode[index] as number, firstNode[index + 1] as number];
    nodeValues.set(all.nodes.subarray(n * nodeFeatures, nEnd * nodeFeatures), node * nodeFeatures);
    node += nEnd - n;
    const [e, eEnd] = [firstEdge[index] as number, firstEdge[index + 1] as number];
    const rows = all.edges.subarray(e * edgeFeatures, eEnd * edgeFeatures);
    for (let side = 0; side < sides; side++) {
      const [from, to] = side === 0 ? [all.source, all.target] : [all.target, all.source];
      source.set(from.subarray(e, eEnd), edge);
      target.set(to.subarray(e, eEnd), edge);
      edgeValues.set(rows, edge * edgeFeatures);
      edge += eEnd - e;
    }
  }
  const labels = indices.map((index) => all.labels[index] as number);
  const smiles = all.smiles && Array.from(indices, (index) => all.smiles?.[index] ?? '');
  return {
    ...{ labels, nodeFeatures, edgeFeatures, nodeCounts, edgeCounts, source, target, smiles },
    ...{ nodes: nodeValues, edges: edgeValues },
  };
}

/** Where nodes tell nothing and edges neither, a node is told by a 1: sums then count neighbours. */
export function withSomeFeature(raw: RawGraphs, notes: string[]): RawGraphs {
  if (raw.nodeFeatures > 0 || raw.edgeFeatures > 0) return raw;
  notes.push('Neither nodes nor edges have features: every node gets a 1.');
  const nodes = new Float32Array(sumOf(raw.nodeCounts)).fill(1);
  return { ...raw, nodeFeatures: 1, nodes };
}

export function sumOf(counts: Int32Array): number {
  let sum = 0;
  for (const count of counts) sum += count;
  return sum;
}

function begins(counts: Int32Array): Float64Array {
  const from = new Float64Array(counts.length + 1);
  for (const [place, count] of counts.entries()) from[place + 1] = (from[place] as number) + count;
  return from;
}
