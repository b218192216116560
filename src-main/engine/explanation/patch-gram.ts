import type { Taps } from '../kernels/multiplier';
import { type PatchGeometry, paddingBefore } from './patches';

/**
 * Inner products of patches out of those of pixels: with F the pixels [pixels, channels] of one map
 * and X those of another, the patches P_f and P_x of a convolution have
 *
 *   (P_x P_fᵀ)[b, a] = Σ over the kernel's offsets o of (X Fᵀ)[b + o, a + o],
 *
 * where both pixels exist, and one more where there is a bias. No patch is ever formed.
 */
export class PatchGram implements Taps {
  readonly pixels: number;
  readonly positions: number;
  /** The pixel under each tap at each position, [positions, taps]; −1 in the padding. */
  readonly taps: Int32Array;
  readonly #offsets: number;

  constructor(
    geometry: PatchGeometry,
    readonly bias: boolean,
  ) {
    const [height, width] = geometry.input;
    const [kernelHeight, kernelWidth] = geometry.kernel;
    const [outHeight, outWidth] = geometry.output;
    const [down, right] = geometry.strides;
    const top = paddingBefore(height, kernelHeight, outHeight, down, geometry.padding);
    const left = paddingBefore(width, kernelWidth, outWidth, right, geometry.padding);
    this.pixels = height * width;
    this.positions = outHeight * outWidth;
    this.#offsets = kernelHeight * kernelWidth;
    this.taps = new Int32Array(this.positions * this.#offsets).fill(-1);
    let at = 0;
    for (let a = 0; a < this.positions; a++) {
      for (let o = 0; o < this.#offsets; o++, at++) {
        const y = Math.floor(a / outWidth) * down + Math.floor(o / kernelWidth) - top;
        const x = (a % outWidth) * right + (o % kernelWidth) - left;
        if (y >= 0 && y < height && x >= 0 && x < width) this.taps[at] = y * width + x;
      }
    }
  }

  /**
   * P_x P_fᵀ for several maps X under one another.
   *
   * @param inner X Fᵀ [count · pixels, pixels] from the number `first` on, its rows `stride` apart
   * @returns [count · positions, positions]
   */
  of(inner: ArrayLike<number>, first: number, stride: number, count: number): Float64Array {
    const { positions, pixels } = this;
    const offsets = this.#offsets;
    const pixel = this.taps;
    const gram = new Float64Array(count * positions * positions).fill(this.bias ? 1 : 0);
    for (let i = 0; i < count; i++) {
      for (let b = 0; b < positions; b++) {
        const to = (i * positions + b) * positions;
        for (let o = 0; o < offsets; o++) {
          const of = pixel[b * offsets + o] as number;
          if (of < 0) continue;
          const row = first + (i * pixels + of) * stride;
          for (let a = 0; a < positions; a++) {
            const other = pixel[a * offsets + o] as number;
            if (other >= 0)
              gram[to + a] = (gram[to + a] as number) + (inner[row + other] as number);
          }
        }
      }
    }
    return gram;
  }
}
