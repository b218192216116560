import * as tf from '@tensorflow/tfjs';
import { sizeOf } from '../../../src-shared/model/resolved';
import type { StoredPart } from '../records';
import { inScope } from '../scope';
import type { Kernels } from './kernels';
import { LeftMatrix, type Multiplier, type Products, type Queries } from './multiplier';
import type { PlacedQueries } from './placed-queries';

/** Multiply-adds from which on inner products are worth decoding and copying to the tensor runtime. */
const runtimeProducts = 8_000_000;
/** The same of an image. */
const runtimeImage = 100_000;

/** Multiplies numbers that have been read, by the WebAssembly loops or the tensor runtime. */
export class KernelMultiplier implements Multiplier<StoredPart> {
  readonly together = false;
  private readonly placed = new Map<Queries, PlacedQueries>();
  private readonly stacked = new Map<Queries, tf.Tensor2D>();
  /** Parts that are not worth copying to the kernels' memory. */
  private readonly inMemory = new WeakSet<StoredPart>();
  private readonly lefts = new Map<LeftMatrix, tf.Tensor2D>();

  constructor(private readonly kernels: Kernels) {}

  async products(
    queries: Queries,
    parts: readonly StoredPart[],
    take: (part: StoredPart, found: Products) => void,
  ): Promise<void> {
    const { length } = queries;
    const alone = parts.every(({ shape }) => sizeOf(shape) === length);
    if (alone && parts.length > 0) {
      const { values, stride } = this.kernels.products(this.place(queries), parts);
      for (const [p, part] of parts.entries()) {
        take(part, { values: values.subarray(p * stride, (p + 1) * stride), stride });
      }
      return;
    }
    for (const part of parts) {
      const rows = sizeOf(part.shape) / length;
      const runs = rows * queries.count * length >= runtimeProducts;
      take(
        part,
        runs
          ? this.runtimeProducts(queries, part, rows)
          : this.kernels.products(this.place(queries), [part], rows),
      );
    }
  }

  async bilinear(
    f: Queries,
    z: Queries,
    parts: readonly StoredPart[],
    take: (part: StoredPart, found: ArrayLike<number>) => void,
  ): Promise<void> {
    const directions = this.place(z);
    for (const part of parts) {
      if (this.inMemory.has(part)) {
        take(
          part,
          f.vectors.map((vector, k) => bilinearOf(vector, part.data, z.vectors[k] as Float32Array)),
        );
        continue;
      }
      const { values, stride } = this.kernels.products(directions, [part], f.length);
      const found = f.vectors.map((vector, k) => {
        let sum = 0;
        for (let i = 0; i < vector.length; i++)
          sum += (vector[i] as number) * (values[i * stride + k] as number);
        return sum;
      });
      take(part, found);
    }
  }

  async images(
    left: LeftMatrix,
    columns: number,
    parts: readonly StoredPart[],
    take: (part: StoredPart, image: ArrayLike<number>) => void,
  ): Promise<void> {
    const { rows, columns: depth, values } = left;
    const runs = rows > 1 && rows * depth * columns > runtimeImage;
    for (const part of parts) {
      const floats = this.kernels.floats(part);
      if (runs) {
        take(part, this.runtimeImage(left, floats, columns));
        continue;
      }
      const image = new Float64Array(rows * columns);
      for (let r = 0; r < rows; r++) {
        const row = values.subarray(r * depth, (r + 1) * depth);
        image.set(this.kernels.transposedTimes(floats, row, columns), r * columns);
      }
      take(part, image);
    }
  }

  async combinations(
    factors: Float64Array,
    columns: number,
    parts: readonly StoredPart[],
    take: (part: StoredPart, sum: ArrayLike<number>) => void,
  ): Promise<void> {
    let at = 0;
    for (const part of parts) {
      const rows = part.shape[0] ?? 0;
      const left = new LeftMatrix(factors.subarray(at, at + rows), 1, rows, false);
      await this.images(left, columns, [part], take);
      at += rows;
    }
  }

  async numbers(part: StoredPart): Promise<Float32Array> {
    return this.kernels.floats(part).slice();
  }

  held(values: Float32Array, shape: readonly number[]): StoredPart {
    const encoded = { codec: 'dense', values } as const;
    const part = { step: 0, layer: '', part: 'gradient', shape, encoded, data: values } as const;
    this.inMemory.add(part);
    return part;
  }

  dispose(): void {
    for (const tensor of [...this.stacked.values(), ...this.lefts.values()]) tensor.dispose();
  }

  private place(queries: Queries): PlacedQueries {
    const placed = this.placed.get(queries) ?? this.kernels.place(queries.vectors);
    this.placed.set(queries, placed);
    return placed;
  }

  private runtimeProducts(queries: Queries, part: StoredPart, rows: number): Products {
    const q = this.stacked.get(queries) ?? stacked(queries);
    this.stacked.set(queries, q);
    // A copy: the runtime does not take numbers that lie in shared memory.
    const own = this.kernels.floats(part).slice();
    const values = inScope(() =>
      tf.matMul(tf.tensor2d(own, [rows, queries.length]), q, false, true).dataSync<'float32'>(),
    );
    return { values, stride: queries.count };
  }

  private runtimeImage(left: LeftMatrix, floats: Float32Array, columns: number): Float32Array {
    const tensor = this.lefts.get(left) ?? tensorOf(left);
    if (left.lasts) this.lefts.set(left, tensor);
    const own = floats.slice();
    const image = inScope(() =>
      tf.matMul(tensor, tf.tensor2d(own, [left.columns, columns])).dataSync<'float32'>(),
    );
    if (!left.lasts) tensor.dispose();
    return image;
  }
}

/** f G z, rows where f is 0 left out: behind a ReLU they are many. */
function bilinearOf(f: Float32Array, matrix: Float32Array, z: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < f.length; i++) {
    const factor = f[i] as number;
    if (factor === 0) continue;
    let row = 0;
    const at = i * z.length;
    for (let j = 0; j < z.length; j++) row += (matrix[at + j] as number) * (z[j] as number);
    sum += factor * row;
  }
  return sum;
}

function tensorOf({ values, rows, columns }: LeftMatrix): tf.Tensor2D {
  return tf.tensor2d(new Float32Array(values), [rows, columns]);
}

function stacked({ vectors, length, count }: Queries): tf.Tensor2D {
  const rows = new Float32Array(count * length);
  for (const [k, query] of vectors.entries()) rows.set(query, k * length);
  return tf.tensor2d(rows, [count, length]);
}
