import type * as tf from '@tensorflow/tfjs';
import type { RowOwner } from '../../../src-shared/model/row-owner';
import type { Kernels, PlacedQuery } from '../kernels/kernels';
import type { StepCoefficients } from '../optimizer';
import type { StoredPart } from '../records';
import { type Credit, UpdateRecursion } from './credit';
import type { LinearMap, StepRows } from './linear-map';
import { Reduction } from './reduction';
import { inner, lengthOf, type Signal, shareOf } from './signal';

/** What one pass over the trace finds for one layer and one example. */
export interface LayerProducts {
  /** ⟨Q, g_t⟩, ghosts included. */
  readonly gradient: Float64Array;
  /** The ghosts' part of it. */
  readonly ghost: Float64Array;
  /** ‖Δ_t f‖, or ‖c_t g_t f‖ in unit `credit`. */
  readonly norm: Float64Array;
  /** ⟨Z, x_iᵀ d_i f⟩ for the batch's examples, one array a step; empty where not kept. */
  readonly rows: (Float64Array | undefined)[];
}

/** What all questions of an explanation share. */
export interface PassPlan {
  readonly kernels: Kernels;
  readonly coefficients: readonly StepCoefficients[];
  readonly credit: Credit;
  /** Whether norms are those of credited gradients rather than of updates. */
  readonly byCredit: boolean;
  /** False: γ alone, without norms, cos and residual; much cheaper for convolutions. */
  readonly norms: boolean;
  /** Rows of X and D of each example of a step's batch, ghosts left out, at a layer of such rows. */
  readonly exampleRows: (owner: RowOwner, step: number) => Int32Array;
}

/** A layer's weights before the first and after the last step, flattened [rows, columns]. */
export interface LayerWeights {
  readonly initial: Float32Array;
  readonly final: Float32Array;
}

/** Streams a layer's stored parts past one example's question. */
export class LayerQuery {
  readonly products: LayerProducts;
  private readonly query: PlacedQuery;
  private readonly reduction: Reduction | null;
  private readonly recursion: UpdateRecursion | null;
  /** R (W_T − p_0 W_0 + Σ c_t g_t), growing with the steps to what stays unexplained. */
  private readonly missing: Float64Array;
  /** Of the step whose `deltas` are still to come: X, or for a dense layer x_i f of every row. */
  private held: Float32Array | Float64Array | null = null;
  /** f of a dense layer without the bias' 1, in the kernels' memory. */
  private readonly features: PlacedQuery | null;
  /** The last step whose gradient was stored as such. */
  private gradientStep = -1;

  /** @param f the layer's input [1, …], kept alive by the caller */
  constructor(
    private readonly map: LinearMap,
    f: tf.Tensor,
    private readonly signal: Signal,
    weights: LayerWeights,
    private readonly plan: PassPlan,
    private readonly owner: RowOwner,
  ) {
    const steps = plan.coefficients.length;
    const column = (): Float64Array => new Float64Array(steps);
    this.products = { gradient: column(), ghost: column(), norm: column(), rows: [] };
    this.query = plan.kernels.place(map.query(f, signal.direction));
    this.reduction = plan.norms || map.isDense ? new Reduction(map, f, plan.kernels) : null;
    const dense = map.isDense ? this.reduction?.f : null;
    this.features = dense ? plan.kernels.place(dense.subarray(0, f.size)) : null;
    if (!plan.norms || !this.reduction) {
      this.recursion = null;
      this.missing = new Float64Array(0);
      return;
    }
    this.missing = Float64Array.from(this.reduction.apply(weights.final));
    const start = Float64Array.from(this.reduction.apply(weights.initial));
    addScaled(this.missing, start, -plan.credit.initialization);
    const simple = plan.byCredit || plan.coefficients.every(isPlain);
    this.recursion = simple ? null : new UpdateRecursion(start);
  }

  /** Takes one stored part; a step's gradient comes before its `inputs`, those before its `deltas`. */
  take(part: StoredPart): void {
    const { step } = part;
    if (part.part === 'gradient' || part.part === 'update') this.takeGradient(part);
    if (part.part === 'ghost') this.products.ghost[step] = this.dot(part);
    if (part.part === 'inputs') this.held = this.features ? this.onInputs(part) : part.data.slice();
    if (part.part === 'deltas' && this.held) this.takeRows(part, this.held);
  }

  /** ‖z − W_0 f − Σ Δ_t f‖ / ‖z‖ once all steps have been taken; NaN without norms. */
  get residual(): number {
    // A graph without edges has nothing at a layer over edges, and nothing is missing there.
    return this.plan.norms ? shareOf(lengthOf(this.missing), this.signal.norm) : Number.NaN;
  }

  dispose(): void {
    this.reduction?.dispose();
  }

  private takeGradient(part: StoredPart): void {
    const { step } = part;
    this.gradientStep = step;
    if (!this.plan.norms) {
      this.products.gradient[step] = this.dot(part);
      return;
    }
    const gradient = this.plan.kernels.floats(part.encoded, () => part.data);
    const image = (this.reduction as Reduction).apply(gradient);
    // The image of a dense layer is g_t f itself, so γ falls out of it.
    this.products.gradient[step] = this.reduction?.f
      ? inner(this.signal.direction, image)
      : this.dot(part);
    this.takeImage(step, image);
  }

  /** x_i f of every row, the bias' 1 included. */
  private onInputs(part: StoredPart): Float64Array {
    const { kernels } = this.plan;
    const features = this.features as PlacedQuery;
    const { length } = features.values;
    const matrix = kernels.floats(part.encoded, () => part.data);
    const products = kernels.rowDots(matrix, features, part.shape[0] as number, length);
    return this.map.rows > length ? products.map((product) => product + 1) : products;
  }

  /** Rows of X and D: each example's part, and where no gradient is stored the whole step's. */
  private takeRows({ step, data: deltas, shape }: StoredPart, held: Float32Array | Float64Array) {
    const count = shape[0] as number;
    const { direction } = this.signal;
    const rows: StepRows = { inputs: held as Float32Array, deltas, count };
    const products = this.features
      ? Float64Array.from(held, (onInput, i) => {
          const delta = deltas.subarray(i * direction.length, (i + 1) * direction.length);
          return onInput * inner(direction, delta);
        })
      : this.map.rowProducts(this.query.values, rows);
    this.held = null;
    const counts = this.plan.exampleRows(this.owner, step);
    const batch = sumOf(counts);
    this.products.rows[step] = sumsOf(products.subarray(0, batch), counts);
    if (this.gradientStep === step) return;
    this.products.ghost[step] = sumOf(products.subarray(batch));
    this.products.gradient[step] = sumOf(products);
    if (!this.plan.norms) return;
    const reduction = this.reduction as Reduction;
    this.takeImage(
      step,
      this.features
        ? reduction.ofRows(held as Float64Array, deltas)
        : reduction.apply(this.map.gradient(rows)),
    );
  }

  private takeImage(step: number, image: ArrayLike<number>): void {
    const { coefficients, credit, byCredit } = this.plan;
    const at = coefficients[step] as StepCoefficients;
    addScaled(this.missing, image, credit.gradients[step] as number);
    if (this.recursion) {
      this.products.norm[step] = lengthOf(this.recursion.step(image, at));
    } else {
      const factor = byCredit ? (credit.gradients[step] as number) : at.learningRate;
      this.products.norm[step] = Math.abs(factor) * lengthOf(image);
    }
  }

  private dot({ encoded, ...part }: StoredPart): number {
    return this.plan.kernels.dot(this.query, encoded, () => part.data);
  }
}

/** Whether Δ_t = −η_t g_t. */
export function isPlain(at: StepCoefficients): boolean {
  return at.kappa === 0 && at.coupledDecay === 0 && at.decoupledDecay === 0;
}

function addScaled(sum: Float64Array, values: ArrayLike<number>, factor: number): void {
  for (let i = 0; i < sum.length; i++) {
    sum[i] = (sum[i] as number) + factor * (values[i] as number);
  }
}

function sumOf(values: Float64Array | Int32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

/** Sums over the first `counts[0]` values, the next `counts[1]`, and so on. */
function sumsOf(values: Float64Array, counts: Int32Array): Float64Array {
  let at = 0;
  return Float64Array.from(counts, (count) => {
    const sum = sumOf(values.subarray(at, at + count));
    at += count;
    return sum;
  });
}
