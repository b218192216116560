import type { ChartTable } from './chart-spec';

/** A chart's table as comma-separated values; typographic minus and grouped thousands are undone. */
export function csvOf({ columns, rows }: ChartTable): string {
  const plain = (value: string | number, at: number) =>
    columns[at]?.numeric ? String(value).replaceAll(',', '') : value;
  const lines = [columns.map(({ title }) => title), ...rows.map((row) => row.map(plain))];
  return `${lines.map((cells) => cells.map(cell).join(',')).join('\n')}\n`;
}

function cell(value: string | number): string {
  const text = String(value).replaceAll('\u2212', '-').replaceAll('\u202f', '');
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
