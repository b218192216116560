import { basename } from 'node:path';
import type { Column, RawExamples } from '../data-set';
import { bytesInWords } from '../failures';
import type { CsvColumn } from './csv-column';
import { brokenRow } from './csv-rows';
import { columnNamed, readCsv } from './csv-table';
import type { Importer } from './importer';
import { ReadingProgress } from './reading-progress';
import { dividedByClass, divisionNote, rowsOf, usualTestFraction } from './test-split';

/** The column that holds the classes. */
const labelName = 'label';
const mostNotes = 40;
const largestSplit = 4 * 2 ** 30;
/** The category of rows without a value, where a column of texts has such. */
const missingCategory = '(missing)';

/** A table of text: a header, a column `label`, and columns of numbers or texts. */
export const csvImporter: Importer = {
  kind: 'csv',
  title: 'CSV table',
  description:
    'A table with a header, a column “label”, and columns of numbers or texts, in UTF-8 (.csv, also .csv.gz).',
  takes: 'file',
  options: ['testFraction'],
  async read(path, { testFraction }, context) {
    const file = basename(path);
    const table = await readCsv(path, file, new ReadingProgress(context, 'bytes', null));
    const label = columnNamed(table, labelName, file);
    const { names: classNames, places: labels } = label.categories(file);
    const unlabelled = labels.indexOf(-1);
    if (unlabelled >= 0) {
      throw brokenRow(file, table.rows[unlabelled] as number, 'the label is missing.');
    }
    const fraction = testFraction ?? usualTestFraction;
    const split = dividedByClass(labels, classNames.length, fraction, (rule) =>
      brokenRow(file, table.rows.at(-1) as number, rule),
    );
    const used = table.columns.filter((column) => column !== label && isUsed(column));
    const encoded = encodedColumns(used, split.train, file);
    const size = encoded.reduce((sum, { width }) => sum + width, 0);
    if (size === 0) throw brokenRow(file, 1, 'beside the label no column has a name and values.');
    const bytes = 4 * size * split.train.length;
    if (bytes > largestSplit) {
      const rule = `with ${size} numbers a row it would take ${bytesInWords(bytes)}; at most ${bytesInWords(largestSplit)} are supported.`;
      throw brokenRow(file, 1, rule);
    }
    const examplesOf = (rows: Int32Array): RawExamples => ({
      shape: [size],
      labels: rows.map((row) => labels[row] as number),
      values: valuesOf(encoded, rows, size),
    });
    return {
      classNames,
      train: examplesOf(split.train),
      test: examplesOf(split.test),
      columns: encoded.map(({ column }) => column),
      origins: { train: rowsOf(split.train, table.rows), test: rowsOf(split.test, table.rows) },
      notes: [
        divisionNote(fraction),
        ...leftOut(table.columns.filter((column) => column !== label && !isUsed(column))),
        ...columnNotes(encoded),
      ],
    };
  },
};

/** pandas writes its row numbers as a column without a name; they say nothing about an example. */
function isUsed(column: CsvColumn): boolean {
  return column.name !== '' && !column.isEmpty;
}

/** A column with the numbers that it becomes. */
interface EncodedColumn {
  readonly column: Column;
  readonly width: number;
  readonly missing: number;
  /** Writes a row's numbers from `at` on. */
  readonly write: (row: number, into: Float32Array, at: number) => void;
}

function encodedColumns(
  used: readonly CsvColumn[],
  train: Int32Array,
  file: string,
): EncodedColumn[] {
  const encoded: EncodedColumn[] = [];
  let at = 0;
  for (const column of used) {
    const next = column.isNumeric
      ? encodedNumbers(column, train, at)
      : encodedTexts(column, file, at);
    encoded.push(next);
    at += next.width;
  }
  return encoded;
}

/** (x − mean) / deviation, both of the training split; where x is missing 0, and 1 in a place of its own. */
function encodedNumbers(source: CsvColumn, train: Int32Array, at: number): EncodedColumn {
  const { missing, name } = source;
  const present = train.filter((row) => !Number.isNaN(source.numberAt(row)));
  let sum = 0;
  for (const row of present) sum += source.numberAt(row);
  const mean = present.length === 0 ? 0 : sum / present.length;
  let squares = 0;
  for (const row of present) squares += (source.numberAt(row) - mean) ** 2;
  const deviation = Math.sqrt(squares / Math.max(1, present.length)) || 1;
  const missingAt = missing > 0 ? at + 1 : null;
  return {
    column: { kind: 'number', name, at, missingAt, mean, deviation },
    width: missingAt === null ? 1 : 2,
    missing,
    write(row, into, start) {
      const value = source.numberAt(row);
      const absent = Number.isNaN(value);
      into[start + at] = absent ? 0 : (value - mean) / deviation;
      if (missingAt !== null) into[start + missingAt] = absent ? 1 : 0;
    },
  };
}

/** One place for each category, 1 for the row's and 0 for the others. */
function encodedTexts(source: CsvColumn, file: string, at: number): EncodedColumn {
  const { names, places } = source.categories(file);
  const categories = source.missing > 0 ? [...names, missingCategory] : names;
  return {
    column: { kind: 'category', name: source.name, at, categories },
    width: categories.length,
    missing: source.missing,
    write(row, into, start) {
      const place = places[row] as number;
      into[start + at + (place < 0 ? names.length : place)] = 1;
    },
  };
}

function valuesOf(encoded: readonly EncodedColumn[], rows: Int32Array, size: number): Float32Array {
  const values = new Float32Array(rows.length * size);
  for (const [place, row] of rows.entries()) {
    for (const { write } of encoded) write(row, values, place * size);
  }
  return values;
}

function leftOut(columns: readonly CsvColumn[]): string[] {
  return columns.map(({ name }) =>
    name === ''
      ? 'A column without a name is left out (pandas writes its row numbers so).'
      : `${name}: left out, it has no values.`,
  );
}

/** What became of each column. */
function columnNotes(encoded: readonly EncodedColumn[]): string[] {
  const notes = encoded.slice(0, mostNotes).map(({ column, missing }) => {
    if (column.kind === 'category') {
      const { name, categories } = column;
      const shown = categories
        .slice(0, 8)
        .map((category) => JSON.stringify(category))
        .join(', ');
      const rest = categories.length > 8 ? ' …' : '';
      return `${name}: text, 0 or 1 for each of ${categories.length} categories (${shown}${rest}).`;
    }
    const { name, mean, deviation } = column;
    const scaled = `${name}: number, minus ${rounded(mean)} and divided by ${rounded(deviation)} (mean and standard deviation of the training split)`;
    return missing === 0
      ? `${scaled}.`
      : `${scaled}; ${missing} missing values take the mean, with a 1 in a column of their own.`;
  });
  const more = encoded.length - mostNotes;
  return more > 0 ? [...notes, `${more} more columns likewise.`] : notes;
}

function rounded(value: number): string {
  return String(Number(value.toPrecision(6)));
}
