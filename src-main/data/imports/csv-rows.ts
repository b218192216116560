import { DeltascopeError } from '../../../src-shared/errors';

/** Longer than any value of a table; an unclosed quote would run on to the end of the file. */
const longestField = 65_536;
const mostFields = 16_384;
const [lineFeed, carriageReturn] = [10, 13];

/** The error of a table that breaks a rule. Rows are counted from 1, the header included. */
export function brokenRow(file: string, row: number, rule: string, cause?: unknown) {
  return new DeltascopeError('data-corrupt', 'data', `${file}, row ${row}: ${rule}`, { cause });
}

/**
 * Rows of a table as they come in, by RFC 4180: fields are divided by the delimiter, rows end with
 * \n, \r\n or \r, and a field in quotes may hold all of these, a quote of its own as two. Blanks around
 * a field that is not quoted are no part of it; rows without anything are counted and left out.
 */
export class CsvRows {
  readonly #file: string;
  readonly #delimiter: string;
  readonly #delimiterCode: number;
  readonly #onRow: (fields: string[], row: number) => void;
  #fields: string[] = [];
  #field = '';
  /** Before a field, in one, inside quotes, or behind a quote that may have closed them. */
  #state: 'start' | 'plain' | 'quoted' | 'closing' = 'start';
  #row = 1;
  #afterReturn = false;

  /**
   * @param file how errors name it
   * @param onRow takes the fields of each row that has any
   */
  constructor(file: string, delimiter: string, onRow: (fields: string[], row: number) => void) {
    this.#file = file;
    this.#delimiter = delimiter;
    this.#delimiterCode = delimiter.charCodeAt(0);
    this.#onRow = onRow;
  }

  /** @throws `data-corrupt` naming file, row and rule */
  push(text: string): void {
    for (let at = 0; at < text.length; ) {
      const end = this.#endOfRun(text, at);
      if (end > at) this.#add(text.slice(at, end));
      if (end < text.length) this.#take(text[end] as string);
      at = end + 1;
    }
  }

  /** The last row may end without a line break. */
  end(): void {
    if (this.#state === 'quoted') {
      throw brokenRow(this.#file, this.#row, 'a quote is opened and never closed.');
    }
    if (this.#fields.length > 0 || this.#field !== '' || this.#state === 'closing') this.#endRow();
  }

  /** Where text that is of a field, whatever it says, comes to its end. */
  #endOfRun(text: string, from: number): number {
    if (this.#state === 'quoted') {
      const quote = text.indexOf('"', from);
      return quote < 0 ? text.length : quote;
    }
    if (this.#state !== 'plain') return from;
    let at = from;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === this.#delimiterCode || code === lineFeed || code === carriageReturn) break;
    }
    return at;
  }

  #take(character: string): void {
    const lineFeedOfPair = this.#afterReturn && character === '\n';
    this.#afterReturn = false;
    if (lineFeedOfPair) return;
    if (this.#state === 'quoted') {
      if (character === '"') this.#state = 'closing';
      else this.#add(character);
    } else if (this.#state === 'closing' && character === '"') {
      this.#add('"');
      this.#state = 'quoted';
    } else if (character === this.#delimiter) {
      this.#endField();
    } else if (character === '\n' || character === '\r') {
      this.#afterReturn = character === '\r';
      this.#endRow();
    } else if (this.#state === 'closing') {
      if (isBlank(character)) return;
      throw brokenRow(this.#file, this.#row, 'text follows a closed quote; a quote inside is two.');
    } else if (this.#state === 'start') {
      if (isBlank(character)) return;
      this.#state = character === '"' ? 'quoted' : 'plain';
      if (character !== '"') this.#add(character);
    } else {
      this.#add(character);
    }
  }

  #add(text: string): void {
    if (this.#field.length + text.length > longestField) {
      const rule = `a value is longer than ${longestField} characters (is a quote not closed?).`;
      throw brokenRow(this.#file, this.#row, rule);
    }
    this.#field += text;
  }

  #endField(): void {
    if (this.#fields.length >= mostFields) {
      throw brokenRow(this.#file, this.#row, `it has more than ${mostFields} fields.`);
    }
    this.#fields.push(this.#state === 'plain' ? this.#field.trimEnd() : this.#field);
    this.#field = '';
    this.#state = 'start';
  }

  #endRow(): void {
    const isEmpty = this.#fields.length === 0 && this.#field === '' && this.#state !== 'closing';
    this.#endField();
    const fields = this.#fields;
    this.#fields = [];
    if (!isEmpty) this.#onRow(fields, this.#row);
    this.#row++;
  }
}

function isBlank(character: string): boolean {
  return character === ' ' || character === '\t';
}
