import * as tf from '@tensorflow/tfjs';
import type { Kernels } from '../kernels/kernels';
import { inScope } from '../scope';
import { type LinearMap, transposedTimes } from './linear-map';
import { normFactor } from './patches';

/**
 * R with Rᵀ R = Pᵀ P, applied to weight matrices: R G is as long as G f = P G, and has far fewer
 * entries where the layer is an early convolution. A dense layer's R is fᵀ.
 */
export class Reduction {
  /** R of each group of columns. */
  private readonly factors: readonly { readonly factor: Float64Array; readonly rows: number }[];
  /** R where it is a single row. */
  private readonly row: Float64Array | null;
  private readonly tensor: tf.Tensor2D | null;

  constructor(
    private readonly map: LinearMap,
    input: tf.Tensor,
    private readonly kernels: Kernels,
  ) {
    this.factors = map
      .inputMatrices(input)
      .map(({ matrix, positions }) => normFactor(matrix, positions, map.rows));
    const only = this.factors.length === 1 ? this.factors[0] : null;
    this.row = only?.rows === 1 ? only.factor : null;
    this.tensor =
      only && only.rows > 1 && only.rows * map.rows * map.columns > tensorWork
        ? tf.tensor2d(Float32Array.from(only.factor), [only.rows, map.rows])
        : null;
  }

  /** R G for G [rows, columns], flattened; valid until the next call. */
  apply(matrix: Float32Array): ArrayLike<number> {
    const { rows, columns } = this.map;
    if (this.row) return this.kernels.transposedTimes(matrix, this.row, columns);
    const tensor = this.tensor;
    if (tensor) {
      // A copy: the runtime does not take numbers that lie in shared memory.
      const own = matrix.slice();
      return inScope(() =>
        tf.matMul(tensor, tf.tensor2d(own, [rows, columns])).dataSync<'float32'>(),
      );
    }
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

  dispose(): void {
    this.tensor?.dispose();
  }
}

/** Multiply-adds above which a tensor operation is worth its dispatch. */
const tensorWork = 100_000;

function joined(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
