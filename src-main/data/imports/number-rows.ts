import { ByteSource, wholeFile } from '../byte-source';
import { brokenRow } from './csv-rows';
import type { ReadingProgress } from './reading-progress';

/** Longer than any number that a program writes. */
const longestNumber = 40;
/** More columns than this are not features of a node or an edge. */
export const mostColumns = 4096;

const numberPattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const [comma, lineFeed, carriageReturn, space, tab] = [44, 10, 13, 32, 9];
const [zero, nine] = [48, 57];

/** A table of numbers without a header: fields divided by commas, blanks around them. */
export interface NumberTable {
  readonly path: string;
  /** How errors name it. */
  readonly file: string;
  /** Fields of a row; null: as many as the first one has. */
  readonly columns: number | null;
  /** Rows that it has to have, and the file that says so; null: any. */
  readonly rows: { readonly count: number; readonly by: string } | null;
}

/** Rows where no other file says how many there have to be. */
const mostRows = 100_000_000;

/**
 * Reads such a table, packed by gzip or not, row after row; `onRow` must not keep the array.
 *
 * @returns its rows
 * @throws `data-corrupt` naming file, row (counted from 1) and rule; `data-missing`, `no-permission`
 */
export async function readNumbers(
  { path, file, columns, rows }: NumberTable,
  progress: ReadingProgress,
  onRow: (values: Float64Array, row: number) => void,
): Promise<number> {
  const source = new ByteSource(await wholeFile(path, file), (bytes) =>
    progress.count(bytes.length),
  );
  const most = rows?.count ?? mostRows;
  const parser = new NumberRows(file, columns, (values, row) => {
    if (row > most) {
      throw brokenRow(
        file,
        row,
        `${rows ? `${rows.by} gives` : 'a table has at most'} ${most} rows.`,
      );
    }
    onRow(values, row);
  });
  try {
    for (let bytes = await source.some(); bytes; bytes = await source.some()) {
      parser.push(bytes);
      await progress.advance(0);
    }
    parser.end();
  } finally {
    await source.close();
  }
  if (rows && parser.rows < rows.count) {
    const rule = `the file ends, but ${rows.by} gives ${rows.count} rows.`;
    throw brokenRow(file, parser.rows + 1, rule);
  }
  return parser.rows;
}

/** Cuts bytes into rows of numbers. */
class NumberRows {
  rows = 0;
  readonly #file: string;
  readonly #onRow: (values: Float64Array, row: number) => void;
  #values: Float64Array;
  #isKnown: boolean;
  #fields = 0;
  readonly #text = new Uint8Array(longestNumber);
  #length = 0;
  /** Blanks have ended the field that stands in `#text`. */
  #isOver = false;

  constructor(
    file: string,
    columns: number | null,
    onRow: (values: Float64Array, row: number) => void,
  ) {
    this.#file = file;
    this.#values = new Float64Array(columns ?? mostColumns);
    this.#isKnown = columns !== null;
    this.#onRow = onRow;
  }

  push(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i] as number;
      if (byte === comma) this.#endField();
      else if (byte === lineFeed) this.#endRow();
      else if (byte === space || byte === tab || byte === carriageReturn) {
        this.#isOver = this.#length > 0;
      } else this.#add(byte);
    }
  }

  /** The last row may end without a line break. */
  end(): void {
    this.#endRow();
  }

  #add(byte: number): void {
    if (this.#isOver || this.#length === longestNumber) throw this.#broken('holds no number');
    this.#text[this.#length++] = byte;
  }

  #endField(): void {
    if (this.#fields === this.#values.length) {
      const wanted = this.#isKnown ? 'needed' : 'read';
      const rule = `it has more than the ${this.#values.length} fields that are ${wanted}.`;
      throw brokenRow(this.#file, this.rows + 1, rule);
    }
    this.#values[this.#fields] = this.#number();
    this.#fields++;
    this.#length = 0;
    this.#isOver = false;
  }

  #endRow(): void {
    if (this.#fields === 0 && this.#length === 0) return;
    this.#endField();
    if (!this.#isKnown) {
      this.#values = this.#values.slice(0, this.#fields);
      this.#isKnown = true;
    }
    if (this.#fields < this.#values.length) {
      const rule = `it has ${this.#fields} fields; ${this.#values.length} are needed.`;
      throw brokenRow(this.#file, this.rows + 1, rule);
    }
    this.#fields = 0;
    this.rows++;
    this.#onRow(this.#values, this.rows);
  }

  #number(): number {
    if (this.#length === 0) throw this.#broken('is empty');
    let whole = 0;
    let isDigits = this.#length <= 15;
    for (let i = 0; isDigits && i < this.#length; i++) {
      const byte = this.#text[i] as number;
      isDigits = byte >= zero && byte <= nine;
      whole = 10 * whole + (byte - zero);
    }
    if (isDigits) return whole;
    const text = this.#written();
    const value = numberPattern.test(text) ? Number(text) : Number.NaN;
    if (!Number.isFinite(Math.fround(value))) throw this.#broken(`is '${text}', no finite number`);
    return value;
  }

  #written(): string {
    return Buffer.from(this.#text.subarray(0, this.#length)).toString('latin1');
  }

  #broken(what: string): Error {
    return brokenRow(this.#file, this.rows + 1, `field ${this.#fields + 1} ${what}.`);
  }
}

/** @throws `data-corrupt` where a field is no whole number from `least` to `most` */
export function wholeNumber(
  value: number,
  [least, most]: readonly [number, number],
  place: { readonly file: string; readonly row: number; readonly what: string },
): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  const rule = `${place.what} is ${value}; it must be a whole number from ${least} to ${most}.`;
  throw brokenRow(place.file, place.row, rule);
}
