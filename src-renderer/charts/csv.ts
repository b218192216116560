/** Rows of unrounded values as comma-separated text, a line of names first. */
export function csvOf(
  columns: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): string {
  return `${[columns, ...rows].map((cells) => cells.map(cell).join(',')).join('\n')}\n`;
}

function cell(value: string | number | null): string {
  const text = String(value ?? '');
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
