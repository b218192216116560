import type { Cell } from '../../src-shared/contract/views';
import { formatNumber } from '../../src-shared/format/numbers';
import type { Column } from './data-set';

/** fp32 holds seven digits; the last is lost in scaling and back. */
const digits = 6;

/**
 * An example's numbers as the row of a table that they were made from.
 *
 * @param columns null: the numbers have no names and were not scaled
 */
export function cellsOf(
  values: Uint8Array | Float32Array,
  columns: readonly Column[] | null,
): readonly Cell[] {
  if (columns === null) {
    return Array.from(values, (value, i) => ({ column: `x${i}`, value: shown(value) }));
  }
  return columns.map((column) => ({ column: column.name, value: wordsOf(column, values) }));
}

function wordsOf(column: Column, values: ArrayLike<number>): string {
  if (column.kind === 'category') {
    const place = column.categories.findIndex((_, k) => values[column.at + k] === 1);
    return column.categories[place] ?? 'another';
  }
  const { at, missingAt, mean, deviation } = column;
  if (missingAt !== null && values[missingAt] === 1) return 'missing';
  const scaled = values[at] as number;
  return shown(withoutRounding(scaled * deviation + mean, Math.abs(scaled) * deviation));
}

/** A value without the digits that fp32 has lost of a number of some size, which is a part of it. */
function withoutRounding(value: number, size: number): number {
  if (!(size > 0)) return value;
  const last = Math.ceil(Math.log10(size * 2 ** -24));
  return last < 0 ? Number(value.toFixed(Math.min(100, -last))) : Math.round(value);
}

/** Six digits at most, without zeros that say nothing. */
function shown(value: number): string {
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e6)
    ? formatNumber(value, digits)
    : String(Number(value.toPrecision(digits))).replace('-', '\u2212');
}
