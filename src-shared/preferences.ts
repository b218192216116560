import * as v from 'valibot';
import { rules } from './privacy/rules';

/** How many characters a declared name or role may have. */
export const longestDeclared = 120;

const least = rules['minimum-examples'].threshold;
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
  /** Examples behind every number of a release, at least; `locked`: it can only be raised. */
  disclosure: v.strictObject({
    atLeast: v.pipe(v.number(), v.safeInteger(), v.minValue(least), v.maxValue(1_000_000)),
    locked: v.boolean(),
  }),
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
  disclosure: v.fallback(fields.disclosure, { atLeast: least, locked: false }),
});

export type Preferences = v.InferOutput<typeof preferencesSchema>;
export type PreferenceChanges = v.InferOutput<typeof preferenceChanges>;
export type ThemeChoice = Preferences['theme'];

/** What holds where nothing was set. */
export const defaultPreferences: Preferences = v.parse(preferencesSchema, {});

/** The preferences after a change; what is locked is not relaxed by it. */
export function changedPreferences(before: Preferences, changes: PreferenceChanges): Preferences {
  const after = { ...before, ...changes };
  if (!before.disclosure.locked) return after;
  const atLeast = Math.max(before.disclosure.atLeast, after.disclosure.atLeast);
  return { ...after, disclosure: { atLeast, locked: true } };
}
