import * as tf from '@tensorflow/tfjs';
import type { Kernels, Stored } from '../kernels/kernels';
import type { PlacedQueries } from '../kernels/placed-queries';
import { inScope } from '../scope';

/** Multiply-adds above which the tensor runtime is worth decoding and copying for. */
const runtimeWork = 8_000_000;

/** X Q of stored X with the same queries in every step, by whichever is faster. */
export class InnerProducts {
  private readonly length: number;
  private placed: PlacedQueries | null = null;
  private tensor: tf.Tensor2D | null = null;

  /** @param queries of equal length, kept until the end */
  constructor(
    private readonly queries: readonly Float32Array[],
    private readonly kernels: Kernels,
  ) {
    this.length = queries[0]?.length ?? 0;
  }

  /**
   * X Q [rows, queries] for X [rows, length].
   *
   * @returns valid until the next product
   */
  of(
    part: Stored,
    rows: number,
  ): { readonly values: Float64Array | Float32Array; readonly stride: number } {
    const { kernels, queries, length } = this;
    if (rows * queries.length * length < runtimeWork) {
      this.placed ??= kernels.place(queries);
      return kernels.products(this.placed, [part], rows);
    }
    this.tensor ??= stacked(queries, length);
    const q = this.tensor;
    // A copy: the runtime does not take numbers that lie in shared memory.
    const own = kernels.floats(part).slice();
    const values = inScope(() =>
      tf.matMul(tf.tensor2d(own, [rows, length]), q, false, true).dataSync<'float32'>(),
    );
    return { values, stride: queries.length };
  }

  dispose(): void {
    this.tensor?.dispose();
  }
}

function stacked(queries: readonly Float32Array[], length: number): tf.Tensor2D {
  const rows = new Float32Array(queries.length * length);
  for (const [k, query] of queries.entries()) rows.set(query, k * length);
  return tf.tensor2d(rows, [queries.length, length]);
}
