import { formatCount } from '../../../src-shared/format/numbers';
import { explain } from './explain.svelte';

/** The range of steps that a panel's numbers are restricted to, in words; undefined: to none. */
export function rangeNote(): string | undefined {
  const { range, refining } = explain;
  if (range === null) return undefined;
  const words = `steps ${formatCount(range.from)} to ${formatCount(range.to)} alone`;
  return refining ? `reading ${words}…` : words;
}
