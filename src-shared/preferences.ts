import * as v from 'valibot';

/** How many characters a declared name or role may have. */
export const longestDeclared = 120;

const declared = v.pipe(v.string(), v.maxLength(longestDeclared));

/** What a person may set, each with what holds until then. A value that can't be read is that again. */
const fields = {
  /** `system` follows the desktop. */
  theme: v.picklist(['system', 'light', 'dark']),
  contrast: v.picklist(['system', 'more']),
  motion: v.picklist(['system', 'reduced']),
  /** How thousands are grouped: 20 000, 20,000 or 20000. */
  numbers: v.picklist(['space', 'comma', 'plain']),
  /** Whether keys that are one letter or digit act. */
  singleKeys: v.boolean(),
  /** Who works here, for reports and releases: declared, not authenticated. */
  identity: v.strictObject({ name: declared, role: declared }),
} as const;

/** Some preferences, as the window sends what was changed. */
export const preferenceChanges = v.partial(v.strictObject(fields));

/** All of them, as they are kept. */
export const preferencesSchema = v.object({
  theme: v.fallback(fields.theme, 'system'),
  contrast: v.fallback(fields.contrast, 'system'),
  motion: v.fallback(fields.motion, 'system'),
  numbers: v.fallback(fields.numbers, 'space'),
  singleKeys: v.fallback(fields.singleKeys, true),
  identity: v.fallback(fields.identity, { name: '', role: '' }),
});

export type Preferences = v.InferOutput<typeof preferencesSchema>;
export type PreferenceChanges = v.InferOutput<typeof preferenceChanges>;
export type ThemeChoice = Preferences['theme'];

/** What holds where nothing was set. */
export const defaultPreferences: Preferences = v.parse(preferencesSchema, {});
