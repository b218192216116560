import type * as v from 'valibot';
import { safeParse } from 'valibot';
import { call } from '../api/client';

/** A change rests this long before it is kept, so that typing is kept once. */
const restMs = 400;

let kept: Readonly<Record<string, unknown>> = {};
const waiting = new Map<string, ReturnType<typeof setTimeout>>();

/** Takes what was kept at the last start; to be done before anything is recalled. */
export function takeMemory(memory: Readonly<Record<string, unknown>>): void {
  kept = memory;
}

/** What was kept under a name, at the last start or since, where it has the form that is expected. */
export function recall<T>(name: string, schema: v.GenericSchema<unknown, T>): T | null {
  const parsed = safeParse(schema, kept[name]);
  return parsed.success ? parsed.output : null;
}

/** Keeps a value for the next start, within a second. */
export function remember(name: string, value: unknown): void {
  kept = { ...kept, [name]: value };
  clearTimeout(waiting.get(name));
  const keep = () => void call('memory.keep', { name, value });
  waiting.set(name, setTimeout(keep, restMs));
}
