import type { ConvolutionShape } from '../operations';

/** A convolution's input and output as matrices. */
export interface PatchGeometry extends ConvolutionShape {
  /** Distance of the kernel's taps. */
  readonly dilationRate: number;
  /** The channels that are seen: the first, and how many. */
  readonly seen: readonly [first: number, count: number];
  readonly input: readonly [height: number, width: number, channels: number];
  readonly kernel: readonly [height: number, width: number];
  readonly output: readonly [height: number, width: number];
}

/** Zeros before the first row (or column): TensorFlow's `same` puts the odd one at the end. */
export function paddingBefore(
  size: number,
  kernel: number,
  output: number,
  strides: number,
  padding: 'same' | 'valid',
): number {
  if (padding === 'valid') return 0;
  return Math.floor(Math.max(0, (output - 1) * strides + kernel - size) / 2);
}

/**
 * Patches P of one input map: a row per output position, a column per entry of the flattened kernel
 * [h, w, in], so that the output map is P W. With `bias` a last column of ones.
 *
 * @param map one example [height, width, channels], flattened
 * @returns [positions, columns], row by row
 */
export function patches(
  map: ArrayLike<number>,
  geometry: PatchGeometry,
  bias: boolean,
): Float64Array {
  const [positions, columns] = sizeOfPatches(geometry, bias);
  const matrix = new Float64Array(positions * columns);
  putPatches(matrix, 0, map, geometry, bias);
  return matrix;
}

/** The same of several maps under one another, in fp32. */
export function stackedPatches(
  maps: readonly Float32Array[],
  geometry: PatchGeometry,
  bias: boolean,
): Float32Array {
  const [positions, columns] = sizeOfPatches(geometry, bias);
  const size = positions * columns;
  const matrix = new Float32Array(maps.length * size);
  for (const [k, map] of maps.entries()) putPatches(matrix, k * size, map, geometry, bias);
  return matrix;
}

function sizeOfPatches(
  { kernel, output, seen }: PatchGeometry,
  bias: boolean,
): readonly [positions: number, columns: number] {
  return [output[0] * output[1], kernel[0] * kernel[1] * seen[1] + (bias ? 1 : 0)];
}

/** Puts the patches of a map into zeros, from the number `at` on. */
function putPatches(
  matrix: Float64Array | Float32Array,
  at: number,
  map: ArrayLike<number>,
  geometry: PatchGeometry,
  bias: boolean,
): void {
  const [height, width, channels] = geometry.input;
  const [kernelHeight, kernelWidth] = geometry.kernel;
  const [outHeight, outWidth] = geometry.output;
  const { padding, dilationRate: rate } = geometry;
  const [down, right] = geometry.strides;
  const [first, count] = geometry.seen;
  const top = paddingBefore(height, (kernelHeight - 1) * rate + 1, outHeight, down, padding);
  const left = paddingBefore(width, (kernelWidth - 1) * rate + 1, outWidth, right, padding);
  const [, columns] = sizeOfPatches(geometry, bias);
  let row = at;
  for (let oy = 0; oy < outHeight; oy++) {
    for (let ox = 0; ox < outWidth; ox++, row += columns) {
      let column = row;
      for (let ky = 0; ky < kernelHeight; ky++) {
        const y = oy * down + ky * rate - top;
        for (let kx = 0; kx < kernelWidth; kx++, column += count) {
          const x = ox * right + kx * rate - left;
          if (y < 0 || y >= height || x < 0 || x >= width) continue;
          const from = (y * width + x) * channels + first;
          for (let c = 0; c < count; c++) matrix[column + c] = map[from + c] as number;
        }
      }
      if (bias) matrix[column] = 1;
    }
  }
}

/** The upper triangle of Aᵀ A for A [rows, columns], row by row; zeros below. */
function gramOf(matrix: Float64Array, rows: number, columns: number): Float64Array {
  const gram = new Float64Array(columns * columns);
  for (let k = 0; k < rows; k++) {
    const row = matrix.subarray(k * columns, (k + 1) * columns);
    for (let i = 0; i < columns; i++) {
      const factor = row[i] as number;
      if (factor === 0) continue;
      const at = i * columns;
      for (let j = i; j < columns; j++) {
        gram[at + j] = (gram[at + j] as number) + factor * (row[j] as number);
      }
    }
  }
  return gram;
}

/** How many times more rows than columns P has to have for a factor of PᵀP to be worth finding. */
const worthFactor = 2;

/**
 * R with Rᵀ R = Pᵀ P, so that ‖P Δ‖ = ‖R Δ‖: P itself, or where it has many more rows than columns
 * the Cholesky factor. A pivot that rounding has eaten belongs to a direction P does not span; its
 * row is zero.
 *
 * @param matrix P [rows, columns]
 */
export function normFactor(
  matrix: Float64Array,
  rows: number,
  columns: number,
): { readonly factor: Float64Array; readonly rows: number } {
  if (rows <= worthFactor * columns) return { factor: matrix, rows };
  const factor = gramOf(matrix, rows, columns);
  let largest = 0;
  for (let i = 0; i < columns; i++) largest = Math.max(largest, factor[i * columns + i] as number);
  // Row by row: scaled by its pivot's root, it is R's, and its part is taken off the rows below.
  for (let k = 0; k < columns; k++) {
    const row = factor.subarray(k * columns, (k + 1) * columns);
    const pivot = row[k] as number;
    if (pivot <= largest * 1e-14) {
      row.fill(0);
      continue;
    }
    const root = Math.sqrt(pivot);
    for (let j = k; j < columns; j++) row[j] = (row[j] as number) / root;
    for (let i = k + 1; i < columns; i++) {
      const share = row[i] as number;
      if (share === 0) continue;
      const at = i * columns;
      for (let j = i; j < columns; j++) {
        factor[at + j] = (factor[at + j] as number) - share * (row[j] as number);
      }
    }
  }
  return { factor, rows: columns };
}
