import * as v from 'valibot';
import { readJson, writeJson } from './json-file';

/** More than any view has to remember; a page that wants more keeps nothing. */
const largest = 256 * 1024;

const schema = v.record(v.string(), v.unknown());

/** What the window keeps from one start to the next: the open run, drafts, orders of tables. */
export class Memory {
  readonly #file: string | null;
  #values: Readonly<Record<string, unknown>>;

  private constructor(file: string | null, values: Readonly<Record<string, unknown>>) {
    this.#file = file;
    this.#values = values;
  }

  /** Reads what was kept; without a file nothing is kept. */
  static async open(file: string | null): Promise<Memory> {
    const parsed = v.safeParse(schema, file === null ? {} : await readJson(file));
    return new Memory(file, parsed.success ? parsed.output : {});
  }

  get values(): Readonly<Record<string, unknown>> {
    return this.#values;
  }

  /** Keeps a value under a name, unless all together would be too large. */
  keep(name: string, value: unknown): void {
    const values = { ...this.#values, [name]: value };
    if (JSON.stringify(values).length > largest) return;
    this.#values = values;
    if (this.#file !== null) writeJson(this.#file, values);
  }
}
