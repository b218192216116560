import { LeftMatrix, type Multiplier } from '../kernels/multiplier';
import type { PartHeader } from '../records';
import { type LayerInput, type LinearMap, transposedTimes } from './linear-map';
import { normFactor } from './patches';

/**
 * R with Rᵀ R = Pᵀ P, applied to weight matrices: R G is as long as G f = P G, and has far fewer
 * entries where the layer is an early convolution. A dense layer's R is fᵀ.
 */
export class Reduction<P extends PartHeader> {
  /** R of each group of columns. */
  private readonly factors: readonly { readonly factor: Float64Array; readonly rows: number }[];
  /** R where there is one group. */
  private readonly left: LeftMatrix | null;

  constructor(
    private readonly map: LinearMap,
    input: LayerInput,
    private readonly multiplier: Multiplier<P>,
  ) {
    this.factors = map
      .inputMatrices(input)
      .map(({ matrix, positions }) => normFactor(matrix, positions, map.rows));
    const [only] = this.factors;
    const isWhole = only && this.factors.length === 1;
    this.left = isWhole ? new LeftMatrix(only.factor, only.rows, map.rows, true) : null;
  }

  /** R G for parts G [rows, columns]; valid until the taker returns. */
  async apply(
    parts: readonly P[],
    take: (part: P, image: ArrayLike<number>) => void,
  ): Promise<void> {
    const { left, map, multiplier } = this;
    if (left) return multiplier.images(left, map.columns, parts, take);
    for (const part of parts) take(part, this.applyTo(await multiplier.numbers(part)));
  }

  /** R G for G in memory. */
  async ofWeights(matrix: Float32Array): Promise<Float64Array> {
    const { rows, columns } = this.map;
    let found = new Float64Array(0);
    await this.apply([this.multiplier.held(matrix, [rows, columns])], (_, image) => {
      found = new Float64Array(image);
    });
    return found;
  }

  /** R G by plain loops. */
  applyTo(matrix: ArrayLike<number>): Float64Array {
    const { rows, columns } = this.map;
    const width = columns / this.factors.length;
    return joined(
      this.factors.flatMap(({ factor, rows: count }, group) =>
        Array.from({ length: count }, (_, r) =>
          transposedTimes(matrix, factor.subarray(r * rows, (r + 1) * rows), columns, {
            from: group * width,
            to: (group + 1) * width,
          }),
        ),
      ),
    );
  }
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
