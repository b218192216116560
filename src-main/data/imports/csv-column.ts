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

/** The values of a column, kept as numbers and as texts until all of them are known. */
export class CsvColumn {
  readonly name: string;
  /** Place of each row's text in `texts`; −1: missing, −2: beyond the categories that are kept. */
  #codes = new Int32Array(1024);
  /** Each row's number; NaN where it is none. */
  #numbers = new Float64Array(1024);
  #count = 0;
  #missing = 0;
  #firstText: { readonly row: number; readonly text: string } | null = null;
  #firstBeyond = 0;
  readonly #texts = new Map<string, number>();

  constructor(name: string) {
    this.name = name;
  }

  add(field: string, row: number): void {
    this.#makeRoom();
    const absent = isMissing(field);
    const value = absent || !numberPattern.test(field) ? Number.NaN : Math.fround(Number(field));
    if (absent) this.#missing++;
    else if (!Number.isFinite(value)) this.#firstText ??= { row, text: field };
    this.#numbers[this.#count] = Number.isFinite(value) ? Number(field) : Number.NaN;
    this.#codes[this.#count++] = absent ? -1 : this.#codeOf(field, row);
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

  /** Each row's number, NaN where it is missing. */
  get numbers(): Float64Array {
    return this.#numbers.subarray(0, this.#count);
  }

  /**
   * The column as categories: their names in the order of code points (of numbers, where all are), and
   * each row's place among them, −1 where it is missing.
   *
   * @throws `data-corrupt` where there are too many
   */
  categories(file: string): { readonly names: string[]; readonly places: Int32Array } {
    if (this.#firstBeyond > 0) {
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
    const codes = this.#codes.subarray(0, this.#count);
    return { names, places: codes.map((code) => (code < 0 ? -1 : (place[code] as number))) };
  }

  #codeOf(field: string, row: number): number {
    const known = this.#texts.get(field);
    if (known !== undefined) return known;
    if (this.#texts.size >= mostCategories) {
      this.#firstBeyond ||= row;
      return -2;
    }
    this.#texts.set(field, this.#texts.size);
    return this.#texts.size - 1;
  }

  #makeRoom(): void {
    if (this.#count < this.#codes.length) return;
    const codes = new Int32Array(2 * this.#count);
    codes.set(this.#codes);
    this.#codes = codes;
    const numbers = new Float64Array(2 * this.#count);
    numbers.set(this.#numbers);
    this.#numbers = numbers;
  }
}
