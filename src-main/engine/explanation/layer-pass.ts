import type { RowOwner } from '../../../src-shared/model/row-owner';
import type { Kernels } from '../kernels/kernels';
import type { StoredPart } from '../records';
import { type Asked, type GradientProducts, gradientProducts } from './gradient-products';
import type { LinearMap } from './linear-map';
import { Reduction } from './reduction';
import { type RowAnswer, type RowProducts, rowProducts } from './row-products';
import { inner, shareOf } from './signal';
import { type PassSteps, UpdateNorms } from './update-norms';

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

/** What all layers of an explanation share. */
export interface PassPlan extends PassSteps {
  readonly kernels: Kernels;
  /** Rows of X and D of each example of a step's batch, ghosts left out, at a layer of such rows. */
  readonly exampleRows: (owner: RowOwner, step: number) => Int32Array;
}

/** A layer's weights before the first and after the last step, flattened [rows, columns]. */
export interface LayerWeights {
  readonly initial: Float32Array;
  readonly final: Float32Array;
}

/** ‖Δ_t f‖ of one question. */
interface Measure {
  readonly reduction: Reduction;
  readonly norms: UpdateNorms;
}

/** Streams a layer's stored parts past all examples' questions to it. */
export class LayerPass {
  /** One a question. */
  readonly products: readonly LayerProducts[];
  /** Empty where norms were not asked for. */
  private readonly measures: readonly Measure[];
  private gradients: GradientProducts | null = null;
  private rows: RowProducts | null = null;
  private readonly queries: Float32Array[] = [];
  /** The last step whose gradient was stored as such. */
  private gradientStep = -1;

  /** @param weights null: γ alone, without norms, cos and residual */
  constructor(
    private readonly map: LinearMap,
    private readonly owner: RowOwner,
    private readonly asked: readonly Asked[],
    weights: LayerWeights | null,
    private readonly plan: PassPlan,
  ) {
    const column = (): Float64Array => new Float64Array(plan.coefficients.length);
    this.products = asked.map(() => ({
      gradient: column(),
      ghost: column(),
      norm: column(),
      rows: [],
    }));
    this.measures = weights ? asked.map(({ input }) => measure(map, input, weights, plan)) : [];
  }

  /** Takes a batch of stored parts; a step's gradient comes before its `inputs`, those before its `deltas`. */
  take(parts: readonly StoredPart[]): void {
    const ghosts = parts.filter(({ part }) => part === 'ghost');
    const gradients = parts.filter(({ part }) => part === 'gradient' || part === 'update');
    this.takeProducts(ghosts, 'ghost');
    // The image of a dense layer is g_t f itself, so γ falls out of it.
    if (this.measures.length === 0 || !this.map.isDense) this.takeProducts(gradients, 'gradient');
    for (const part of parts) {
      if (part.part === 'gradient' || part.part === 'update') this.takeGradient(part);
      if (part.part === 'inputs') this.rowsOf().takeInputs(part);
      if (part.part === 'deltas') this.takeRows(part);
      if (part.part === 'examples') this.takeOwnGradients(part);
    }
  }

  /** ‖z − W_0 f − Σ Δ_t f‖ / ‖z‖ of a question once all steps have been taken; NaN without norms. */
  residual(question: number): number {
    const { norms } = this.measures[question] ?? {};
    if (!norms) return Number.NaN;
    // A graph without edges has nothing at a layer over edges, and nothing is missing there.
    return shareOf(norms.unexplained, (this.asked[question] as Asked).signal.norm);
  }

  dispose(): void {
    for (const { input } of this.asked) input.dispose();
    for (const { reduction } of this.measures) reduction.dispose();
    this.rows?.dispose();
  }

  private takeProducts(parts: readonly StoredPart[], column: 'gradient' | 'ghost'): void {
    if (parts.length === 0) return;
    this.gradients ??= gradientProducts(this.map, this.asked, this.plan.kernels);
    for (const [p, found] of this.gradients(parts).entries()) {
      const { step } = parts[p] as StoredPart;
      for (const [k, products] of this.products.entries()) {
        products[column][step] = found[k] as number;
      }
    }
  }

  private takeGradient(part: StoredPart): void {
    const { step } = part;
    this.gradientStep = step;
    for (const [k, { reduction, norms }] of this.measures.entries()) {
      const products = this.products[k] as LayerProducts;
      const image = reduction.apply(this.plan.kernels.floats(part));
      if (this.map.isDense) {
        products.gradient[step] = inner((this.asked[k] as Asked).signal.direction, image);
      }
      products.norm[step] = norms.take(step, image);
    }
  }

  /** ⟨Q, x_iᵀ d_i⟩ from the examples' own gradients. */
  private takeOwnGradients({ step, shape, data }: StoredPart): void {
    const [count = 0, rows = 0, columns = 0] = shape;
    const size = rows * columns;
    for (const [k, products] of this.products.entries()) {
      const query = this.queryOf(k);
      products.rows[step] = Float64Array.from({ length: count }, (_, i) =>
        inner(query, data.subarray(i * size, (i + 1) * size)),
      );
    }
  }

  /** Rows of X and D: each example's part, and where no gradient is stored the whole step's. */
  private takeRows(part: StoredPart): void {
    const { step } = part;
    const counts = this.plan.exampleRows(this.owner, step);
    const batch = sumOf(counts);
    for (const [k, answer] of this.rowsOf().takeDeltas(part).entries()) {
      const products = this.products[k] as LayerProducts;
      products.rows[step] = sumsOf(answer.rows, counts);
      if (this.gradientStep === step) continue;
      products.ghost[step] = sumOf(answer.rows.subarray(batch));
      products.gradient[step] = sumOf(answer.rows);
      this.measureRows(k, step, answer);
    }
  }

  private measureRows(question: number, step: number, answer: RowAnswer): void {
    const measure = this.measures[question];
    if (!measure) return;
    const products = this.products[question] as LayerProducts;
    products.norm[step] = measure.norms.take(step, answer.image(measure.reduction));
  }

  /** Q of a question, flattened. */
  private queryOf(question: number): Float32Array {
    const { input, signal } = this.asked[question] as Asked;
    const query = this.queries[question] ?? this.map.query(input, signal.direction);
    this.queries[question] = query;
    return query;
  }

  private rowsOf(): RowProducts {
    this.rows ??= rowProducts(this.map, this.asked, this.plan.kernels);
    return this.rows;
  }
}

function measure(
  map: LinearMap,
  input: Asked['input'],
  weights: LayerWeights,
  plan: PassPlan,
): Measure {
  const reduction = new Reduction(map, input, plan.kernels);
  const final = Float64Array.from(reduction.apply(weights.final));
  const initial = Float64Array.from(reduction.apply(weights.initial));
  return { reduction, norms: new UpdateNorms(plan, initial, final) };
}

function sumOf(values: Float64Array | Int32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

/** Sums over the first `counts[0]` values, the next `counts[1]`, and so on. */
function sumsOf(values: Float64Array, counts: Int32Array): Float64Array {
  const sums = new Float64Array(counts.length);
  let at = 0;
  for (let i = 0; i < counts.length; i++) {
    let sum = 0;
    for (const end = at + (counts[i] as number); at < end; at++) sum += values[at] as number;
    sums[i] = sum;
  }
  return sums;
}
