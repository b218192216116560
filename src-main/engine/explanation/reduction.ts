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
  private readonly factor: Float64Array;
  private readonly factorRows: number;
  private readonly tensor: tf.Tensor2D | null;

  constructor(
    private readonly map: LinearMap,
    input: tf.Tensor,
    private readonly kernels: Kernels,
  ) {
    const { matrix, positions } = map.inputMatrix(input);
    const { factor, rows } = normFactor(matrix, positions, map.rows);
    this.factor = factor;
    this.factorRows = rows;
    const work = rows * map.rows * map.columns;
    this.tensor =
      positions > 1 && work > tensorWork
        ? tf.tensor2d(Float32Array.from(factor), [rows, map.rows])
        : null;
  }

  /** R G for G [rows, columns], flattened; valid until the next call. */
  apply(matrix: Float32Array): ArrayLike<number> {
    const { rows, columns } = this.map;
    if (this.factorRows === 1) return this.kernels.transposedTimes(matrix, this.factor, columns);
    const tensor = this.tensor;
    if (tensor) {
      // A copy: the runtime does not take numbers that lie in shared memory.
      const own = matrix.slice();
      return inScope(() =>
        tf.matMul(tensor, tf.tensor2d(own, [rows, columns])).dataSync<'float32'>(),
      );
    }
    const image = new Float64Array(this.factorRows * columns);
    for (let r = 0; r < this.factorRows; r++) {
      const row = this.factor.subarray(r * rows, (r + 1) * rows);
      image.set(transposedTimes(matrix, row, columns), r * columns);
    }
    return image;
  }

  dispose(): void {
    this.tensor?.dispose();
  }
}

/** Multiply-adds above which a tensor operation is worth its dispatch. */
const tensorWork = 100_000;
