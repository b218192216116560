import { basename } from 'node:path';
import { nearest } from '../../../src-shared/text';
import type { Graph } from '../../engine/graphs';
import { ByteSource, wholeFile } from '../byte-source';
import type { RawGraphs } from '../data-set';
import { atomFeatures, bondFeatures, moleculeGraph, startMolecules } from '../molecules';
import { brokenRow, CsvRows } from './csv-rows';
import { chosenGraphs, mostClasses } from './graph-tables';
import type { Importer } from './importer';
import { ReadingProgress } from './reading-progress';
import { dividedByClass, divisionNote, rowsOf, usualTestFraction } from './test-split';

const mostMolecules = 5_000_000;
/** Bytes of the table; one that unpacks to more is taken for a bomb. */
const largestTable = 2 ** 30;

/** A table of molecules with a class each. */
export const smilesImporter: Importer = {
  kind: 'smiles',
  title: 'Molecules (SMILES table)',
  description:
    'A CSV table with a column “smiles” and a column “label” (.csv, also .csv.gz). Atoms become nodes, bonds edges.',
  takes: 'file',
  options: ['testFraction'],
  async read(path, { testFraction }, context) {
    const file = basename(path);
    const rows = await readMolecules(path, file, new ReadingProgress(context, 'bytes', null));
    const classNames = classNamesOf(rows);
    if (classNames.length > mostClasses) {
      throw brokenRow(
        file,
        1,
        `it has ${classNames.length} different labels, too many for classes.`,
      );
    }
    const place = new Map(classNames.map((name, at) => [name, at]));
    const rdkit = await startMolecules();
    const progress = new ReadingProgress(context, 'molecules', rows.length);
    const graphs: Graph[] = [];
    for (const { smiles, row } of rows) {
      const graph = moleculeGraph(rdkit, smiles);
      if (!graph) {
        throw brokenRow(file, row, `'${smiles.slice(0, 60)}' is no SMILES that RDKit can read.`);
      }
      graphs.push(graph);
      await progress.advance(1);
    }
    const labels = Int32Array.from(rows, ({ label }) => place.get(label) as number);
    const all = joined(
      graphs,
      labels,
      rows.map(({ smiles }) => smiles),
    );
    const places = rows.map(({ row }) => row);
    const fraction = testFraction ?? usualTestFraction;
    const split = dividedByClass(labels, classNames.length, fraction);
    return {
      classNames,
      train: chosenGraphs(all, split.train, false),
      test: chosenGraphs(all, split.test, false),
      columns: null,
      origins: { train: rowsOf(split.train, places), test: rowsOf(split.test, places) },
      notes: [
        divisionNote(fraction),
        'An atom: C N O F P S Cl Br I or another element, charge, hydrogens, aromatic, in a ring.',
        'A bond, in both directions: single, double, triple, aromatic or another, in a ring.',
      ],
    };
  },
};

interface MoleculeRow {
  readonly smiles: string;
  readonly label: string;
  readonly row: number;
}

async function readMolecules(
  path: string,
  file: string,
  progress: ReadingProgress,
): Promise<MoleculeRow[]> {
  const source = new ByteSource(await wholeFile(path, file), (bytes) =>
    progress.count(bytes.length),
  );
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const table = new MoleculeTable(file);
  let read = 0;
  try {
    for (;;) {
      const bytes = await source.some();
      read += bytes?.length ?? 0;
      if (read > largestTable) throw brokenRow(file, table.row, 'the text is longer than 1 GB.');
      table.rows.push(decoded(decoder, bytes, file, table.row));
      if (bytes === null) break;
      await progress.advance(0);
    }
    table.rows.end();
  } finally {
    await source.close();
  }
  if (table.molecules.length === 0) throw brokenRow(file, table.row, 'no row follows the header.');
  return table.molecules;
}

function decoded(
  decoder: TextDecoder,
  bytes: Uint8Array | null,
  file: string,
  row: number,
): string {
  try {
    return bytes === null ? decoder.decode() : decoder.decode(bytes, { stream: true });
  } catch (error) {
    throw brokenRow(file, row, 'the text from here on is not UTF-8.', error);
  }
}

class MoleculeTable {
  readonly molecules: MoleculeRow[] = [];
  readonly rows: CsvRows;
  row = 1;
  #places: { readonly smiles: number; readonly label: number; readonly fields: number } | null =
    null;

  constructor(file: string) {
    this.rows = new CsvRows(file, ',', (fields, row) => {
      this.row = row;
      if (this.#places === null) {
        const place = (name: string): number => columnNamed(fields, name, file, row);
        this.#places = { smiles: place('smiles'), label: place('label'), fields: fields.length };
        return;
      }
      const { smiles, label, fields: wanted } = this.#places;
      if (fields.length !== wanted) {
        const rule = `it has ${fields.length} fields, but the header has ${wanted}.`;
        throw brokenRow(file, row, rule);
      }
      const found = { smiles: fields[smiles] as string, label: fields[label] as string, row };
      if (found.smiles === '') throw brokenRow(file, row, 'the SMILES is missing.');
      if (found.label === '') throw brokenRow(file, row, 'the label is missing.');
      if (this.molecules.length === mostMolecules) {
        throw brokenRow(file, row, `at most ${mostMolecules} molecules are read.`);
      }
      this.molecules.push(found);
    });
  }
}

function columnNamed(header: readonly string[], name: string, file: string, row: number): number {
  const names = header.map((each) => each.toLowerCase());
  const place = names.indexOf(name);
  if (place >= 0 && names.indexOf(name, place + 1) < 0) return place;
  if (place >= 0) throw brokenRow(file, row, `the header names the column '${name}' twice.`);
  const guess = nearest(name, names);
  const meant = guess ? ` (is it '${guess.slice(0, 40)}'?)` : '';
  throw brokenRow(file, row, `the header has no column '${name}'${meant}.`);
}

/** Numbers in their order, else texts in that of their code points. */
function classNamesOf(rows: readonly MoleculeRow[]): string[] {
  const names = [...new Set(rows.map(({ label }) => label))];
  const areNumbers = names.every((name) => Number.isFinite(Number(name)));
  return names.sort((a, b) =>
    areNumbers && Number(a) !== Number(b) ? Number(a) - Number(b) : a < b ? -1 : 1,
  );
}

function joined(graphs: readonly Graph[], labels: Int32Array, smiles: string[]): RawGraphs {
  const all = <T extends Int32Array | Float32Array>(parts: readonly T[], into: T): T => {
    let at = 0;
    for (const part of parts) {
      into.set(part, at);
      at += part.length;
    }
    return into;
  };
  const nodes = graphs.reduce((sum, graph) => sum + graph.nodes, 0);
  const edges = graphs.reduce((sum, { source }) => sum + source.length, 0);
  return {
    ...{ labels, smiles, nodeFeatures: atomFeatures, edgeFeatures: bondFeatures },
    nodeCounts: Int32Array.from(graphs, (graph) => graph.nodes),
    edgeCounts: Int32Array.from(graphs, ({ source }) => source.length),
    source: all(
      graphs.map(({ source }) => source),
      new Int32Array(edges),
    ),
    target: all(
      graphs.map(({ target }) => target),
      new Int32Array(edges),
    ),
    nodes: all(
      graphs.map(({ nodeFeatures }) => nodeFeatures),
      new Float32Array(nodes * atomFeatures),
    ),
    edges: all(
      graphs.map(({ edgeFeatures }) => edgeFeatures),
      new Float32Array(edges * bondFeatures),
    ),
  };
}
