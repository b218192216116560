import { ArraySplit } from './array-split';
import { areGraphs, type Column, type RawSplit, type Split, type SplitName } from './data-set';
import { GraphSplit } from './graph-split';

/** A split whose examples lie in memory, of whatever kind they are. */
export function splitOf(
  name: SplitName,
  raw: RawSplit,
  columns: readonly Column[] | null = null,
  origins: readonly string[] | null = null,
): Split {
  return areGraphs(raw)
    ? new GraphSplit(name, raw, origins)
    : new ArraySplit(name, raw, columns, origins);
}
