/** What is left of a row may be so much smaller than the row before it counts as nothing. */
const leastPart = 1e-6;

/** Rows of which less is left are gone over a second time, as rounding would tilt what is left. */
const tiltedPart = 1e-3;

/**
 * Makes rows orthonormal in place, in their order, by modified Gram–Schmidt, twice where a row is nearly
 * spanned by the ones before it (Giraud et al. 2005), so that they are orthogonal to 1e-12. A row that
 * the ones before it span becomes zeros.
 *
 * @param rows [count, length], row by row
 */
export function orthonormalise(rows: Float64Array, count: number, length: number): void {
  for (let r = 0; r < count; r++) {
    const row = rows.subarray(r * length, (r + 1) * length);
    const before = normOf(row);
    takeOutAll(row, rows, r);
    let left = normOf(row);
    if (left < tiltedPart * before) {
      takeOutAll(row, rows, r);
      left = normOf(row);
    }
    const isSpanned = !(left > leastPart * before);
    for (let i = 0; i < length; i++) row[i] = isSpanned ? 0 : (row[i] as number) / left;
  }
}

/** row − ⟨row, unit⟩ unit for the first `count` unit rows, one after another. */
function takeOutAll(row: Float64Array, units: Float64Array, count: number): void {
  const { length } = row;
  for (let k = 0; k < count; k++) {
    const unit = units.subarray(k * length, (k + 1) * length);
    let along = 0;
    for (let i = 0; i < length; i++) along += (row[i] as number) * (unit[i] as number);
    if (along === 0) continue;
    for (let i = 0; i < length; i++) row[i] = (row[i] as number) - along * (unit[i] as number);
  }
}

function normOf(row: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < row.length; i++) sum += (row[i] as number) ** 2;
  return Math.sqrt(sum);
}
