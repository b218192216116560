import * as v from 'valibot';
import type { ThemeChoice } from '../../src-shared/contract/window-command';
import { readJson, writeJson } from './json-file';

const schema = v.object({
  theme: v.optional(v.picklist(['system', 'light', 'dark']), 'system'),
  window: v.optional(
    v.object({
      x: v.number(),
      y: v.number(),
      width: v.number(),
      height: v.number(),
      maximized: v.boolean(),
    }),
  ),
});

export type Settings = v.InferOutput<typeof schema>;

/** What is remembered for this user from one start to the next. */
export class SettingsFile {
  readonly #file: string | null;
  #values: Settings;

  private constructor(file: string | null, values: Settings) {
    this.#file = file;
    this.#values = values;
  }

  /** Reads the settings; without a file nothing is kept. */
  static async open(file: string | null): Promise<SettingsFile> {
    const parsed = v.safeParse(schema, (file && (await readJson(file))) ?? {});
    return new SettingsFile(file, parsed.success ? parsed.output : { theme: 'system' });
  }

  get values(): Settings {
    return this.#values;
  }

  get theme(): ThemeChoice {
    return this.#values.theme;
  }

  /** Changes some values and writes the file. */
  change(values: Partial<Settings>): void {
    this.#values = { ...this.#values, ...values };
    if (this.#file !== null) writeJson(this.#file, this.#values);
  }
}
