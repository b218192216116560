import * as v from 'valibot';
import {
  changedPreferences,
  type PreferenceChanges,
  type Preferences,
  preferencesSchema,
} from '../../src-shared/preferences';
import { readJson, writeJson } from './json-file';

const schema = v.object({
  ...preferencesSchema.entries,
  /** Where new recordings go; null: the usual place. */
  runsFolder: v.fallback(v.nullable(v.string()), null),
  window: v.fallback(
    v.nullable(
      v.object({
        x: v.number(),
        y: v.number(),
        width: v.number(),
        height: v.number(),
        maximized: v.boolean(),
      }),
    ),
    null,
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

  /** Reads the settings; without a file nothing is kept, and what can't be read is as at first. */
  static async open(file: string | null): Promise<SettingsFile> {
    const read = file === null ? null : await readJson(file);
    const parsed = v.safeParse(schema, read ?? {});
    return new SettingsFile(file, parsed.success ? parsed.output : v.parse(schema, {}));
  }

  get values(): Settings {
    return this.#values;
  }

  get preferences(): Preferences {
    const { runsFolder: _folder, window: _place, ...preferences } = this.#values;
    return preferences;
  }

  /** Changes what the auditor has set; what is locked stays. */
  prefer(changes: PreferenceChanges): void {
    this.change(changedPreferences(this.preferences, changes));
  }

  /** Changes some values and writes the file. */
  change(values: Partial<Settings>): void {
    this.#values = { ...this.#values, ...values };
    if (this.#file !== null) writeJson(this.#file, this.#values);
  }
}
