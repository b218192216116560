import { ArraySplit } from './array-split';
import { areGraphs, type Column, type RawSplit, type Split, type SplitName } from './data-set';
import { GraphSplit } from './graph-split';
import type { OriginOf } from './origins';

/** A split whose examples lie in memory, of whatever kind they are. */
export function splitOf(
  name: SplitName,
  raw: RawSplit,
  columns: readonly Column[] | null = null,
  originOf: OriginOf | null = null,
): Split {
  return areGraphs(raw)
    ? new GraphSplit(name, raw, originOf)
    : new ArraySplit(name, raw, columns, originOf);
}
