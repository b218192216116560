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
  /** The only row of P where the map has one position, as a dense layer; else null. */
  readonly f: Float64Array | null;
  private readonly product: Float64Array | null;
  private readonly factor: Float64Array;
  private readonly factorRows: number;
  private readonly tensor: tf.Tensor2D | null;

  constructor(
    private readonly map: LinearMap,
    input: tf.Tensor,
    private readonly kernels: Kernels,
  ) {
    const { matrix, positions } = map.inputMatrix(input);
    if (positions === 1) {
      this.f = kernels.doubles(matrix.length);
      this.f.set(matrix);
      this.product = kernels.doubles(map.columns);
    } else {
      this.f = null;
      this.product = null;
    }
    const { factor, rows } = normFactor(matrix, positions, map.rows);
    this.factor = factor;
    this.factorRows = rows;
    const work = rows * map.rows * map.columns;
    this.tensor =
      positions > 1 && work > tensorWork
        ? tf.tensor2d(Float32Array.from(factor), [rows, map.rows])
        : null;
  }

  /** Σ_i (x_i f) d_i for rows whose x_i f are known: a dense layer's R Xᵀ D without Xᵀ D. */
  ofRows(onInputs: Float64Array, deltas: Float32Array): Float64Array {
    const { columns } = this.map;
    const image = new Float64Array(columns);
    for (let i = 0; i < onInputs.length; i++) {
      const factor = onInputs[i] as number;
      for (let j = 0; j < columns; j++) {
        image[j] = (image[j] as number) + factor * (deltas[i * columns + j] as number);
      }
    }
    return image;
  }

  /** R G for G [rows, columns], flattened; valid until the next call. */
  apply(matrix: Float32Array): ArrayLike<number> {
    const { rows, columns } = this.map;
    if (this.f && this.product) {
      this.kernels.transposedTimes(matrix, this.f, this.product);
      return this.product;
    }
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
