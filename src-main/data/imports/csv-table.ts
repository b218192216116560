import { nearest } from '../../../src-shared/text';
import { ByteSource, wholeFile } from '../byte-source';
import { CsvColumn } from './csv-column';
import { brokenRow, CsvRows } from './csv-rows';
import type { ReadingProgress } from './reading-progress';

/** Bytes of a table as text; one that unpacks to more is taken for a bomb. */
const largestTable = 4 * 2 ** 30;
const delimiters = [',', ';', '\t'];

/** A table as it was read: its columns by the header, and the row of the file that each entry is. */
export interface CsvTable {
  readonly columns: readonly CsvColumn[];
  readonly rows: readonly number[];
  readonly delimiter: string;
}

/**
 * Reads a table of text in UTF-8 (with or without byte order mark, packed by gzip or not). The
 * delimiter is the comma, semicolon or tab that the header has most of.
 *
 * @param file how errors name it
 * @throws `data-corrupt` naming file, row and rule
 */
export async function readCsv(
  path: string,
  file: string,
  progress: ReadingProgress,
): Promise<CsvTable> {
  const source = new ByteSource(await wholeFile(path, file), (bytes) =>
    progress.count(bytes.length),
  );
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let table: TableBuilder | null = null;
  let read = 0;
  try {
    for (;;) {
      const bytes = await source.some();
      read += bytes?.length ?? 0;
      if (read > largestTable) {
        throw brokenRow(file, table?.row ?? 1, 'the text is longer than 4 GB.');
      }
      const text = textOf(decoder, bytes, file, table?.row ?? 1);
      if (table === null && (text !== '' || bytes === null)) table = new TableBuilder(file, text);
      table?.parser.push(text);
      if (bytes === null) break;
      await progress.advance(0);
    }
    table?.parser.end();
  } finally {
    await source.close();
  }
  return (table as TableBuilder).finish();
}

function textOf(decoder: TextDecoder, bytes: Uint8Array | null, file: string, row: number): string {
  try {
    return bytes === null ? decoder.decode() : decoder.decode(bytes, { stream: true });
  } catch (error) {
    throw brokenRow(
      file,
      row,
      'the text from here on is not UTF-8; save the table as UTF-8.',
      error,
    );
  }
}

class TableBuilder {
  readonly parser: CsvRows;
  row = 1;
  readonly #file: string;
  readonly #delimiter: string;
  readonly #rows: number[] = [];
  #columns: readonly CsvColumn[] | null = null;

  /**
   * @param start of the text, with the header or as much of it as there is
   */
  constructor(file: string, start: string) {
    this.#file = file;
    this.#delimiter = delimiterOf(start);
    this.parser = new CsvRows(file, this.#delimiter, (fields, row) => this.#take(fields, row));
  }

  finish(): CsvTable {
    if (this.#columns === null) throw brokenRow(this.#file, 1, 'the table is empty.');
    if (this.#rows.length === 0) {
      throw brokenRow(this.#file, this.row, 'no row follows the header.');
    }
    return { columns: this.#columns, rows: this.#rows, delimiter: this.#delimiter };
  }

  #take(fields: string[], row: number): void {
    this.row = row;
    if (this.#columns === null) {
      this.#columns = columnsNamed(fields, this.#file, row);
      return;
    }
    if (fields.length !== this.#columns.length) {
      const rule = `it has ${fields.length} fields, but the header has ${this.#columns.length}.`;
      throw brokenRow(this.#file, row, rule);
    }
    this.#rows.push(row);
    for (const [at, column] of this.#columns.entries()) column.add(fields[at] as string, row);
  }
}

function columnsNamed(names: readonly string[], file: string, row: number): CsvColumn[] {
  const seen = new Set<string>();
  for (const name of names) {
    if (name !== '' && seen.has(name)) {
      throw brokenRow(file, row, `the header names the column '${name.slice(0, 80)}' twice.`);
    }
    seen.add(name);
  }
  return names.map((name) => new CsvColumn(name));
}

/** The delimiter that the first line has most of, quotes left aside. */
function delimiterOf(start: string): string {
  const [line = ''] = start.replace(/"(?:[^"]|"")*"/g, '').split(/[\r\n]/, 1);
  const count = (delimiter: string) => line.split(delimiter).length;
  return delimiters.reduce((best, next) => (count(next) > count(best) ? next : best));
}

/** The column of that name; the error names what there is. */
export function columnNamed(table: CsvTable, name: string, file: string): CsvColumn {
  const found = table.columns.find((column) => column.name === name);
  if (found) return found;
  const names = table.columns.map((column) => column.name).filter((each) => each !== '');
  const guess = nearest(name, names);
  const meant = guess ? ` (is it '${guess.slice(0, 40)}'?)` : '';
  const listed = names
    .slice(0, 12)
    .map((each) => each.slice(0, 40))
    .join(', ');
  throw brokenRow(
    file,
    1,
    `the header has no column '${name}'${meant}; its columns are ${listed}${names.length > 12 ? ' …' : ''}.`,
  );
}
