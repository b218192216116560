import type { Cell, Thumbnail } from '../../src-shared/contract/views';
import { shapeOfGraphs } from '../../src-shared/model/graph-shape';
import type { Graphs } from '../engine/graphs';
import type { Floats, Ints } from './file-numbers';

export type SplitName = 'train' | 'test';

/** One half of a data set. It fits what the engine trains on. */
export interface Split {
  readonly count: number;
  /** Shape of one example, [height, width, channels], [features] or a graph's (`shapeOfGraphs`). */
  readonly shape: readonly number[];
  readonly labels: Int32Array;
  /**
   * Writes the examples of `indices` one after another into `into`, pixels scaled to 0…1.
   *
   * @throws `example-missing` where an index is not that of an example
   */
  gather(indices: ArrayLike<number>, into: Float32Array): void;
  /** Whether examples are pictures of 8 bits a channel, grey or RGB, scaled to 0…1. */
  readonly holdsPixels: boolean;
  /** The examples themselves where they are graphs; `gather` is not for them. */
  readonly graphs?: Graphs;
  /** An example as a picture, not normalised; null where it is none (a table, other channels). */
  thumbnail(index: number): Thumbnail | null | Promise<Thumbnail | null>;
  /** An example as the row of a table, not normalised, or what is said of one in place of a picture; else null. */
  cells(index: number): readonly Cell[] | null;
  /** Where an example stood in what was imported, such as its file, in words; null: not known. */
  origin(index: number): string | null;
}

export interface DataSet {
  /** Its known name, or the path that it was read from. */
  readonly name: string;
  readonly title: string;
  readonly shape: readonly number[];
  readonly classNames: readonly string[];
  readonly train: Split;
  readonly test: Split;
  /** SHA-256 over the examples, as hex: see `fingerprintOf`. */
  readonly fingerprint: string;
  readonly licence: string;
  /** Where it comes from, in a line for reports. */
  readonly source: string;
}

/**
 * A column of a table, and where its numbers stand in an example: a number at `at`, minus `mean` and
 * divided by `deviation`, with a 1 at `missingAt` where the table has no value; or a one at one of the
 * places from `at` on, one for each category.
 */
export type Column =
  | {
      readonly kind: 'number';
      readonly name: string;
      readonly at: number;
      readonly missingAt: number | null;
      readonly mean: number;
      readonly deviation: number;
    }
  | {
      readonly kind: 'category';
      readonly name: string;
      readonly at: number;
      readonly categories: readonly string[];
    };

/** The examples of a split as they were read. */
export type RawSplit = RawExamples | RawGraphs;

/** Bytes (pixels), or numbers as they are. */
export interface RawExamples {
  readonly shape: readonly number[];
  readonly labels: Int32Array;
  /** [n, …shape] */
  readonly values: Uint8Array | Float32Array;
}

/** The graphs of a split one after another in flat arrays. */
export interface RawGraphs {
  readonly labels: Int32Array;
  readonly nodeFeatures: number;
  readonly edgeFeatures: number;
  /** Nodes, and directed edges, of each graph. */
  readonly nodeCounts: Int32Array;
  readonly edgeCounts: Int32Array;
  /** u and v of every edge u → v, nodes numbered from 0 within each graph. */
  readonly source: Ints;
  readonly target: Ints;
  /** [all nodes, node features] and [all edges, edge features]; these and the ends perhaps in files. */
  readonly nodes: Floats;
  readonly edges: Floats;
  /** How each graph is written as a molecule; null where they are none. */
  readonly smiles: readonly string[] | null;
}

export function areGraphs(raw: RawSplit): raw is RawGraphs {
  return 'nodeCounts' in raw;
}

/** Shape of one example. */
export function shapeOfSplit(raw: RawSplit): readonly number[] {
  return areGraphs(raw) ? shapeOfGraphs(raw) : raw.shape;
}
