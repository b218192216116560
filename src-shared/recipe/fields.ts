import * as v from 'valibot';
import { nearest } from '../text';

/**
 * Building blocks of strict schemas whose errors are sentences. While a schema is checked, only the
 * requirement is known ("a number above 0"); `sentenceOf` puts the field's full path before it.
 */

/** A value that `accepts` takes; `requirement` ends the sentence "it must be …". */
export function valued<T>(accepts: (value: unknown) => boolean, requirement: string) {
  return v.custom<T>(accepts, requirement);
}

/** A finite number from `least` to `most`. */
export function number(least: number, most: number) {
  return valued<number>(
    (value) => isFiniteNumber(value) && value >= least && value <= most,
    `a number from ${least} to ${most}`,
  );
}

/** A finite number above `bound` and at most `most`. */
export function numberAbove(bound: number, most: number) {
  return valued<number>(
    (value) => isFiniteNumber(value) && value > bound && value <= most,
    `a number above ${bound} and at most ${most}`,
  );
}

/** A finite number from `least` to below `bound`. */
export function numberBelow(least: number, bound: number) {
  return valued<number>(
    (value) => isFiniteNumber(value) && value >= least && value < bound,
    `a number from ${least} to below ${bound}`,
  );
}

/** A whole number from `least` to `most`. */
export function whole(least: number, most: number) {
  return valued<number>(
    (value) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most,
    `a whole number from ${least} to ${most}`,
  );
}

export function flag() {
  return valued<boolean>((value) => typeof value === 'boolean', 'true or false');
}

/** A text that is not empty. */
export function text(most: number, what: string) {
  return valued<string>(
    (value) => typeof value === 'string' && value.length > 0 && value.length <= most,
    what,
  );
}

/** One of the words. */
export function oneOf<const Words extends readonly string[]>(words: Words) {
  return valued<Words[number]>(
    (value) => typeof value === 'string' && words.includes(value),
    `one of ${quoted(words)}`,
  );
}

/**
 * An object of exactly these fields; an unknown one is named, with the known one it most resembles.
 */
export function fields<Entries extends v.ObjectEntries>(entries: Entries, what: string) {
  const names = Object.keys(entries);
  return v.strictObject(entries, (issue) => {
    if (issue.expected !== 'never') return issue.expected === 'Object' ? what : 'given';
    const guess = nearest(JSON.parse(issue.received), names);
    return guess ? `; did you mean '${guess}'?` : `; known fields are ${quoted(names)}.`;
  });
}

/** Whether an issue is about a field that the schema does not know. */
export function isUnknownField(issue: v.BaseIssue<unknown>): boolean {
  return issue.type === 'strict_object' && issue.expected === 'never';
}

/** The field that an issue is about: `optimizer.momentum`; empty: the whole. */
export function fieldOf(issue: v.BaseIssue<unknown>): string {
  return pathOf((issue.path ?? []).map((item) => item.key));
}

/** An issue as one sentence that stands at its field. */
export function requirementOf(issue: v.BaseIssue<unknown>): string {
  if (isUnknownField(issue)) return `This field is unknown${issue.message}`;
  return issue.input === undefined ? 'It is missing.' : `It must be ${issue.message}.`;
}

/** An issue of such schemas as one sentence about a field of `file`. */
export function sentenceOf(issue: v.BaseIssue<unknown>, file: string): string {
  const keys = (issue.path ?? []).map((item) => item.key);
  const path = fieldOf(issue);
  if (isUnknownField(issue)) {
    const parent = pathOf(keys.slice(0, -1));
    const field = String(keys.at(-1)).slice(0, 60);
    return `${file}: unknown field '${field}'${parent === '' ? '' : ` in ${parent}`}${issue.message}`;
  }
  if (path === '') return `${file}: it is ${shown(issue.input)}, but must be ${issue.message}.`;
  if (issue.input === undefined) return `${file}: the field '${path}' is missing.`;
  return `${file}: ${path} is ${shown(issue.input)}; it must be ${issue.message}.`;
}

/** Dots between fields, brackets around places: `model.layers[2].units`. */
function pathOf(keys: readonly unknown[]): string {
  return keys.reduce<string>((path, key) => {
    if (typeof key === 'number') return `${path}[${key}]`;
    return path === '' ? String(key) : `${path}.${String(key)}`;
  }, '');
}

/** A value as messages show it, cut where it is long. */
function shown(value: unknown): string {
  const written = typeof value === 'number' ? String(value) : String(JSON.stringify(value));
  return written.length > 60 ? `${written.slice(0, 59)}…` : written;
}

function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word}'`).join(', ');
}

function isFiniteNumber(value: unknown): value is number {
  return Number.isFinite(value);
}
