import * as tf from '@tensorflow/tfjs';
import type { Kernels } from '../kernels/kernels';
import type { StoredPart } from '../records';
import { inScope } from '../scope';
import type { Asked } from './gradient-products';
import { InnerProducts } from './inner-products';
import type { LinearMap } from './linear-map';
import { PatchGram } from './patch-gram';
import type { Reduction } from './reduction';

/** What the rows of one step's X and D say to one question. */
export interface RowAnswer {
  /** ⟨Z, x_iᵀ d_i f⟩ of every row i, ghosts included. */
  readonly rows: Float64Array;
  /** R Xᵀ D; valid until the next call of any answer. */
  image(reduction: Reduction): ArrayLike<number>;
}

/** Takes the X of a step, then its D, and answers all questions of a layer. */
export interface RowProducts {
  takeInputs(inputs: StoredPart): void;
  /** @returns one answer a question; valid until the next part */
  takeDeltas(deltas: StoredPart): readonly RowAnswer[];
  dispose(): void;
}

/** How a layer's stored rows are multiplied. */
export function rowProducts(
  map: LinearMap,
  asked: readonly Asked[],
  kernels: Kernels,
): RowProducts {
  if (map.isDense) return new DenseRows(map, asked, kernels);
  return map.geometry && gramIsCheaper(map)
    ? new PatchRows(map, new PatchGram(map.geometry, map.hasBias), asked, kernels)
    : new RebuiltRows(map, asked);
}

/** How many times faster the tensor runtime multiplies than the kernels do. */
const runtimeLead = 4;

/** Whether inner products of pixels take less than rebuilding Xᵀ D. */
function gramIsCheaper({ geometry, rows, columns }: LinearMap): boolean {
  if (!geometry) return false;
  const [height, width, channels] = geometry.input;
  const positions = geometry.output[0] * geometry.output[1];
  // P itself is R, in whose coordinates the image comes out.
  if (positions > rows) return false;
  const byPixels = (height * width) ** 2 * channels + positions ** 2 * columns;
  return runtimeLead * byPixels <= positions * rows * columns;
}

/** A dense layer: γ_i = (x_i f) (d_i Z), and R Xᵀ D = Σ_i (x_i f) d_i, without Xᵀ D. */
class DenseRows implements RowProducts {
  private readonly features;
  private readonly directions;
  /** x_i f [rows, questions], the bias' 1 left out. */
  private onInputs: { readonly values: Float64Array; readonly stride: number } | null = null;

  constructor(
    private readonly map: LinearMap,
    asked: readonly Asked[],
    private readonly kernels: Kernels,
  ) {
    this.features = kernels.place(asked.map(({ input }) => input.dataSync<'float32'>()));
    this.directions = kernels.place(asked.map(({ signal }) => Float32Array.from(signal.direction)));
  }

  takeInputs(inputs: StoredPart): void {
    const found = this.kernels.products(this.features, [inputs], inputs.shape[0]);
    this.onInputs = { values: found.values.slice(), stride: found.stride };
  }

  takeDeltas(deltas: StoredPart): readonly RowAnswer[] {
    const count = deltas.shape[0] as number;
    const { kernels, map, onInputs } = this;
    const bias = map.hasBias ? 1 : 0;
    const onDeltas = kernels.products(this.directions, [deltas], count);
    return Array.from({ length: this.features.count }, (_, k): RowAnswer => {
      const factors = new Float64Array(count);
      const rows = new Float64Array(count);
      for (let i = 0; onInputs && i < count; i++) {
        const factor = (onInputs.values[i * onInputs.stride + k] as number) + bias;
        factors[i] = factor;
        rows[i] = factor * (onDeltas.values[i * onDeltas.stride + k] as number);
      }
      return {
        rows,
        image: () => kernels.transposedTimes(kernels.floats(deltas), factors, map.columns),
      };
    });
  }

  dispose(): void {}
}

/**
 * A convolution of small maps: with A = P_x P_fᵀ and B = D Zᵀ, both [rows · positions, positions],
 * γ_i is the sum of A ∘ B over row i's positions, and P_f Xᵀ D = Aᵀ D.
 */
class PatchRows implements RowProducts {
  private readonly onPixels: InnerProducts;
  private readonly onPositions: InnerProducts;
  private readonly questions: number;
  private grams: readonly Float64Array[] = [];

  constructor(
    private readonly map: LinearMap,
    private readonly gram: PatchGram,
    asked: readonly Asked[],
    private readonly kernels: Kernels,
  ) {
    const pixels = asked.map(({ input }) => split(input.dataSync<'float32'>(), gram.pixels));
    const positions = asked.map(({ signal }) =>
      split(Float32Array.from(signal.direction), gram.positions),
    );
    this.questions = asked.length;
    this.onPixels = new InnerProducts(pixels.flat(), kernels);
    this.onPositions = new InnerProducts(positions.flat(), kernels);
  }

  takeInputs(inputs: StoredPart): void {
    const count = inputs.shape[0] as number;
    const { pixels } = this.gram;
    const { values, stride } = this.onPixels.of(inputs, count * pixels);
    this.grams = Array.from({ length: this.questions }, (_, k) =>
      this.gram.of(values.subarray(k * pixels), stride, count),
    );
  }

  takeDeltas(deltas: StoredPart): readonly RowAnswer[] {
    const count = deltas.shape[0] as number;
    const { positions } = this.gram;
    const { values, stride } = this.onPositions.of(deltas, count * positions);
    return this.grams.map((gram, k): RowAnswer => {
      const rows = new Float64Array(count);
      for (let b = 0; b < count * positions; b++) {
        let sum = 0;
        const at = b * stride + k * positions;
        for (let a = 0; a < positions; a++) {
          sum += (gram[b * positions + a] as number) * (values[at + a] as number);
        }
        const row = Math.floor(b / positions);
        rows[row] = (rows[row] as number) + sum;
      }
      return { rows, image: () => this.image(gram, deltas, count) };
    });
  }

  dispose(): void {
    this.onPixels.dispose();
    this.onPositions.dispose();
  }

  private image(gram: Float64Array, deltas: StoredPart, count: number): Float32Array {
    const shared = count * this.gram.positions;
    // A copy: the runtime does not take numbers that lie in shared memory.
    const own = this.kernels.floats(deltas).slice();
    return inScope(() => {
      const a = tf.tensor2d(Float32Array.from(gram), [shared, this.gram.positions]);
      const d = tf.tensor2d(own, [shared, this.map.columns]);
      return tf.matMul(a, d, true, false).dataSync<'float32'>();
    });
  }
}

/** Any other layer: rows by applying Q to X, the image from Xᵀ D rebuilt. */
class RebuiltRows implements RowProducts {
  private readonly queries: readonly Float32Array[];
  private inputs: Float32Array = new Float32Array(0);

  constructor(
    private readonly map: LinearMap,
    asked: readonly Asked[],
  ) {
    this.queries = asked.map(({ input, signal }) => map.query(input, signal.direction));
  }

  takeInputs({ data }: StoredPart): void {
    this.inputs = data.slice();
  }

  takeDeltas({ data: deltas, shape }: StoredPart): readonly RowAnswer[] {
    const { map } = this;
    const step = { inputs: this.inputs, deltas, count: shape[0] as number };
    let gradient: Float32Array | null = null;
    return this.queries.map((query) => ({
      rows: map.rowProducts(query, step),
      image: (reduction) => {
        gradient ??= map.gradient(step);
        return reduction.apply(gradient);
      },
    }));
  }

  dispose(): void {}
}

/** A map's pixels, one array each. */
function split(map: Float32Array, pixels: number): Float32Array[] {
  const size = map.length / pixels;
  return Array.from({ length: pixels }, (_, p) => map.subarray(p * size, (p + 1) * size));
}
