import { byCodePoints } from './confined';
import { brokenRow } from './csv-rows';

/** More different texts than this are names or sentences, not categories. */
export const mostCategories = 1000;

const numberPattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const missingWords = new Set(['', 'na', 'n/a', 'nan', 'null', 'none']);

/** Whether a field says that there is no value. */
export function isMissing(field: string): boolean {
  return missingWords.has(field.toLowerCase());
}

/** Rows that are kept in one piece. */
const piece = 65_536;

/** Numbers that come one after another, in pieces: none is moved when more come. */
class Pieces<Values extends Int16Array | Float64Array> {
  count = 0;
  readonly #make: (length: number) => Values;
  readonly #pieces: Values[] = [];

  constructor(make: (length: number) => Values) {
    this.#make = make;
  }

  add(value: number): void {
    const at = this.count % piece;
    if (at === 0) this.#pieces.push(this.#make(piece));
    (this.#pieces[this.#pieces.length - 1] as Values)[at] = value;
    this.count++;
  }

  at(row: number): number {
    return (this.#pieces[Math.floor(row / piece)] as Values)[row % piece] as number;
  }
}

/**
 * The values of a column. While there are few different ones, each row is its place among them, which
 * both numbers and categories follow from; from then on it can only be numbers, and is kept as such.
 */
export class CsvColumn {
  readonly name: string;
  /** Place of each row's text in `texts`, −1 where it is missing; null from the thousand-and-first text on. */
  #codes: Pieces<Int16Array> | null = new Pieces((length) => new Int16Array(length));
  /** Each row's number once codes are given up; NaN where it is none. */
  readonly #numbers = new Pieces((length) => new Float64Array(length));
  #missing = 0;
  #firstText: { readonly row: number; readonly text: string } | null = null;
  #firstBeyond = 0;
  readonly #texts = new Map<string, number>();
  /** The number that each text says; NaN where it says none. */
  readonly #numberOfText: number[] = [];

  constructor(name: string) {
    this.name = name;
  }

  add(field: string, row: number): void {
    const absent = isMissing(field);
    if (absent) this.#missing++;
    if (this.#codes) {
      const code = absent ? -1 : this.#codeOf(field, row);
      if (code !== null) {
        this.#codes.add(code);
        return;
      }
      this.#giveUpCodes(row);
    }
    this.#numbers.add(absent ? Number.NaN : this.#numberIn(field, row));
  }

  get #count(): number {
    return (this.#codes ?? this.#numbers).count;
  }

  get missing(): number {
    return this.#missing;
  }

  get isEmpty(): boolean {
    return this.#missing === this.#count;
  }

  get isNumeric(): boolean {
    return this.#firstText === null && !this.isEmpty;
  }

  /** A row's number, NaN where it is missing. */
  numberAt(row: number): number {
    if (!this.#codes) return this.#numbers.at(row);
    const code = this.#codes.at(row);
    return code < 0 ? Number.NaN : (this.#numberOfText[code] as number);
  }

  /**
   * The column as categories: their names in the order of code points (of numbers, where all are), and
   * each row's place among them, −1 where it is missing.
   *
   * @throws `data-corrupt` where there are too many
   */
  categories(file: string): { readonly names: string[]; readonly places: Int32Array } {
    const codes = this.#codes;
    if (!codes) {
      const first = this.#firstText;
      const hint =
        first === null
          ? ''
          : ` Its first value that is no number is '${first.text.slice(0, 40)}' in row ${first.row}.`;
      const rule = `column '${this.name.slice(0, 80)}' has more than ${mostCategories} different values, too many for categories; leave it out.${hint}`;
      throw brokenRow(file, this.#firstBeyond, rule);
    }
    const order = this.isNumeric
      ? (a: string, b: string) => Number(a) - Number(b) || byCodePoints(a, b)
      : byCodePoints;
    const names = [...this.#texts.keys()].sort(order);
    const place = new Int32Array(this.#texts.size);
    for (const [sorted, name] of names.entries()) place[this.#texts.get(name) as number] = sorted;
    const places = Int32Array.from({ length: codes.count }, (_, row) => {
      const code = codes.at(row);
      return code < 0 ? -1 : (place[code] as number);
    });
    return { names, places };
  }

  /** Null where it would be one text too many. */
  #codeOf(field: string, row: number): number | null {
    const known = this.#texts.get(field);
    if (known !== undefined) return known;
    if (this.#texts.size >= mostCategories) return null;
    const code = this.#texts.size;
    // A copy: a part of a text would keep the whole of it in memory.
    this.#texts.set(Buffer.from(field).toString(), code);
    this.#numberOfText.push(this.#numberIn(field, row));
    return code;
  }

  #numberIn(field: string, row: number): number {
    const value = numberPattern.test(field) ? Number(field) : Number.NaN;
    if (Number.isFinite(Math.fround(value))) return value;
    this.#firstText ??= { row, text: Buffer.from(field).toString() };
    return Number.NaN;
  }

  #giveUpCodes(row: number): void {
    const { count } = this.#codes as Pieces<Int16Array>;
    for (let at = 0; at < count; at++) this.#numbers.add(this.numberAt(at));
    this.#codes = null;
    this.#firstBeyond = row;
  }
}
