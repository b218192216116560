/** What is left of a row may be so much smaller than the row before it counts as nothing. */
const leastPart = 1e-6;

/**
 * Makes rows orthonormal in place, in their order, by Gram–Schmidt done twice over, which is
 * orthogonal to working precision (Giraud et al. 2005). A row that the ones before it span becomes
 * zeros.
 *
 * @param rows [count, length], row by row
 */
export function orthonormalise(rows: Float64Array, count: number, length: number): void {
  for (let r = 0; r < count; r++) {
    const row = rows.subarray(r * length, (r + 1) * length);
    const before = normOf(row);
    for (let pass = 0; pass < 2; pass++) {
      for (let k = 0; k < r; k++) takeOut(row, rows.subarray(k * length, (k + 1) * length));
    }
    const left = normOf(row);
    const isSpanned = !(left > leastPart * before);
    for (let i = 0; i < length; i++) row[i] = isSpanned ? 0 : (row[i] as number) / left;
  }
}

/** row − ⟨row, unit⟩ unit. */
function takeOut(row: Float64Array, unit: Float64Array): void {
  let along = 0;
  for (let i = 0; i < row.length; i++) along += (row[i] as number) * (unit[i] as number);
  if (along === 0) return;
  for (let i = 0; i < row.length; i++) row[i] = (row[i] as number) - along * (unit[i] as number);
}

function normOf(row: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < row.length; i++) sum += (row[i] as number) ** 2;
  return Math.sqrt(sum);
}
