import { formatCount } from '../../../src-shared/format/numbers';
import { explain } from './explain.svelte';

/** A panel's note, with the range of steps that its numbers are restricted to. */
export function rangeNote(note?: string): string | undefined {
  const { range, refining } = explain;
  if (range === null) return note;
  const words = `steps ${formatCount(range.from)} to ${formatCount(range.to)} alone`;
  const state = refining ? `reading ${words}…` : words;
  return note === undefined ? state : `${state}; ${note}`;
}
