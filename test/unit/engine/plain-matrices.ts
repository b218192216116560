/** Aᵀ B for A [n, rows] and B [n, columns], both row by row, in doubles. */
export function transposedProduct(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  n: number,
  rows: number,
  columns: number,
): Float64Array {
  const product = new Float64Array(rows * columns);
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        product[i * columns + j] =
          (product[i * columns + j] as number) +
          (a[k * rows + i] as number) * (b[k * columns + j] as number);
      }
    }
  }
  return product;
}
