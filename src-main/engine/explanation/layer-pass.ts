import type { RowOwner } from '../../../src-shared/model/row-owner';
import {
  inTurns,
  LeftMatrix,
  type Multiplier,
  type PairQuestions,
  type Queries,
} from '../kernels/multiplier';
import type { PartHeader, StepExamples } from '../records';
import {
  type Asked,
  formedQueries,
  type GradientProducts,
  gradientProducts,
} from './gradient-products';
import { KnownRows } from './known-rows';
import type { LinearMap } from './linear-map';
import { LowRankProducts } from './low-rank-products';
import { stackedPatches } from './patches';
import { Reduction } from './reduction';
import { pairQuestions, type RowAnswer, type RowProducts, rowProducts } from './row-products';
import { inner, type Signal, shareOf } from './signal';
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
export interface PassPlan<P extends PartHeader> extends PassSteps {
  readonly multiplier: Multiplier<P>;
  /** Rows of X and D of each example of a step's batch, ghosts left out, at a layer of such rows. */
  readonly exampleRows: (owner: RowOwner, step: number) => Int32Array;
  /** Who took part in a step. */
  readonly taken: (step: number) => StepExamples;
}

/** A layer's weights before the first and after the last step, flattened [rows, columns]. */
export interface LayerWeights {
  readonly initial: Float32Array;
  readonly final: Float32Array;
}

/** Questions whose P are multiplied by W_0 at once: more of them would leave the cache. */
const mapsTogether = 8;

/** ‖Δ_t f‖ of one question. */
interface Measure<P extends PartHeader> {
  readonly reduction: Reduction<P>;
  readonly norms: UpdateNorms;
}

/** Streams a layer's stored parts past all examples' questions to it. */
export class LayerPass<P extends PartHeader> {
  /** One a question. */
  readonly products: readonly LayerProducts[];
  /** Empty where norms were not asked for. */
  private measures: readonly Measure<P>[] = [];
  private gradients: GradientProducts<P> | null = null;
  private rows: RowProducts<P> | null = null;
  /** In its place where rows of X are stored once. */
  private known: KnownRows<P> | null = null;
  private lowRank: LowRankProducts<P> | null = null;
  private queries: Queries | null = null;
  /** What X and D are asked together; null where they can't be. */
  private pairs: PairQuestions | null | undefined;
  /** The last step whose gradient was stored as such. */
  private gradientStep = -1;

  constructor(
    private readonly map: LinearMap,
    private readonly owner: RowOwner,
    private readonly asked: readonly (Asked & { readonly signal: Signal })[],
    private readonly plan: PassPlan<P>,
  ) {
    const column = (): Float64Array => new Float64Array(plan.coefficients.length);
    this.products = asked.map(() => ({
      gradient: column(),
      ghost: column(),
      norm: column(),
      rows: [],
    }));
  }

  /**
   * ⟨Z, W_0 f⟩ of each question.
   *
   * @param byQuery through Q, which the layer's gradients need anyway; if not, through W_0 f
   */
  async initial(weights: Float32Array, byQuery: boolean): Promise<readonly number[]> {
    const { asked, map, plan } = this;
    const whole = plan.multiplier.held(weights, [map.rows, map.columns]);
    if (map.isDense || byQuery) {
      let found: readonly number[] = [];
      this.gradients ??= gradientProducts(map, asked, plan.multiplier);
      await this.gradients([whole], (_, values) => {
        found = asked.map((_, k) => values[k] as number);
      });
      return found;
    }
    const found: number[] = [];
    for (let from = 0; from < asked.length; from += mapsTogether) {
      found.push(
        ...(await this.initialsOf(asked.slice(from, from + mapsTogether), whole, weights)),
      );
    }
    return found;
  }

  /** ⟨Z, W_0 f⟩ of some questions through W_0 f = P W_0 of a convolution, all P under one another. */
  private async initialsOf(
    asked: typeof this.asked,
    whole: P,
    weights: Float32Array,
  ): Promise<readonly number[]> {
    const { map } = this;
    const inputs = asked.map(({ input }) => input);
    if (!map.geometry) {
      const maps = map.apply(inputs, weights);
      return asked.map(({ signal }, k) => inner(signal.direction, maps[k] as Float64Array));
    }
    const stacked = stackedPatches(
      inputs.map(({ values }) => values),
      map.geometry,
      map.hasBias,
    );
    const left = new LeftMatrix(stacked, stacked.length / map.rows, map.rows, false);
    let found: readonly number[] = [];
    await this.plan.multiplier.images(left, map.columns, [whole], (_, image) => {
      const size = image.length / asked.length;
      found = asked.map(({ signal }, k) => inner(signal.direction, image, k * size));
    });
    return found;
  }

  /** Asks for norms, and with them for cos and residual, besides γ. */
  async measure({ initial, final }: LayerWeights): Promise<void> {
    const { map, plan } = this;
    const measures: Measure<P>[] = [];
    for (const { input } of this.asked) {
      const reduction = new Reduction(map, input, plan.multiplier);
      const [start, end] = [await reduction.ofWeights(initial), await reduction.ofWeights(final)];
      measures.push({ reduction, norms: new UpdateNorms(plan, start, end) });
    }
    this.measures = measures;
  }

  /**
   * Takes a batch of stored parts; a step's gradient comes before its `inputs` or `rows`, those before its `deltas`,
   * a `basis` before what has coordinates along it.
   */
  async take(parts: readonly P[]): Promise<void> {
    const of = (...wanted: readonly string[]): P[] =>
      parts.filter(({ part }) => wanted.includes(part));
    const gradients = of('gradient', 'update');
    const last = gradients[gradients.length - 1];
    if (last) this.gradientStep = last.step;
    await inTurns(this.plan.multiplier.together, [
      () => this.takeProducts(of('ghost'), 'ghost'),
      () => this.takeProducts(gradients, 'gradient'),
      () => this.measureGradients(gradients),
      () => this.takeOwnGradients(of('examples')),
      () => this.takeRows(of('inputs', 'rows'), of('deltas')),
      () => this.takeLowRank(of('basis'), of('coordinates'), of('ghostCoordinates')),
    ]);
  }

  /** ‖z − W_0 f − Σ Δ_t f‖ / ‖z‖ of a question once all steps have been taken; NaN without norms. */
  residual(question: number): number {
    const { norms } = this.measures[question] ?? {};
    if (!norms) return Number.NaN;
    // A graph without edges has nothing at a layer over edges, and nothing is missing there.
    return shareOf(norms.unexplained, (this.asked[question] as { signal: Signal }).signal.norm);
  }

  private async takeProducts(parts: readonly P[], column: 'gradient' | 'ghost'): Promise<void> {
    // The image of a dense layer is g_t f itself, so γ falls out of it.
    const falls = column === 'gradient' && this.measures.length > 0 && this.map.isDense;
    if (parts.length === 0 || falls) return;
    this.gradients ??= gradientProducts(this.map, this.asked, this.plan.multiplier);
    await this.gradients(parts, ({ step }, found) => {
      for (const [k, products] of this.products.entries()) {
        products[column][step] = found[k] as number;
      }
    });
  }

  private async measureGradients(parts: readonly P[]): Promise<void> {
    if (parts.length === 0) return;
    const work = this.measures.map(({ reduction, norms }, k) => () => {
      const products = this.products[k] as LayerProducts;
      return reduction.apply(parts, ({ step }, image) => {
        if (this.map.isDense) {
          products.gradient[step] = inner((this.asked[k] as Asked).signal.direction, image);
        }
        products.norm[step] = norms.take(step, image);
      });
    });
    await inTurns(this.plan.multiplier.together, work);
  }

  /** ⟨Q, x_iᵀ d_i⟩ from the examples' own gradients. */
  private async takeOwnGradients(parts: readonly P[]): Promise<void> {
    if (parts.length === 0) return;
    this.queries ??= await formedQueries(this.map, this.asked, this.plan.multiplier);
    await this.plan.multiplier.products(this.queries, parts, ({ step, shape }, found) => {
      const { values, stride } = found;
      for (const [k, products] of this.products.entries()) {
        products.rows[step] = Float64Array.from(
          { length: shape[0] ?? 0 },
          (_, i) => values[i * stride + k] as number,
        );
      }
    });
  }

  /** Rows of X and D: each example's part, and where no gradient is stored the whole step's. */
  private async takeRows(inputs: readonly P[], deltas: readonly P[]): Promise<void> {
    if (inputs.length === 0 && deltas.length === 0) return;
    const { map, asked, measures, plan } = this;
    // Of a layer that has such rows the first step holds some.
    if (inputs[0]?.part === 'rows') {
      this.known ??= new KnownRows(map, asked, plan.multiplier, plan.taken);
    }
    if (this.known) return this.takeKnown(this.known, inputs, deltas);
    if (plan.multiplier.pairs && measures.length === 0) {
      if (this.pairs === undefined) this.pairs = pairQuestions(map, asked);
      if (this.pairs) return this.takePairs(this.pairs, inputs, deltas);
    }
    this.rows ??= rowProducts(map, asked, plan.multiplier);
    await this.rows.takeInputs(inputs);
    const steps = await this.rows.takeDeltas(deltas);
    const work = steps.flatMap((answers, at) => {
      const { step } = deltas[at] as P;
      this.takeAnswers(step, (k) => (answers[k] as RowAnswer<P>).rows);
      return this.isAlone(step) && measures.length > 0
        ? [() => this.measureRows(step, answers)]
        : [];
    });
    // Images come back in the order in which they were asked for, as the norms need them.
    await inTurns(plan.multiplier.together, work);
  }

  /** The same where rows of X are stored once. */
  private async takeKnown(
    known: KnownRows<P>,
    inputs: readonly P[],
    deltas: readonly P[],
  ): Promise<void> {
    const steps = await known.take(inputs, deltas);
    for (const { part, places, values } of steps) {
      const rows = places.length;
      this.takeAnswers(part.step, (k) => values.subarray(k * rows, (k + 1) * rows));
    }
    const alone = steps.filter(({ part }) => this.isAlone(part.step));
    const work = this.measures.map(({ norms }, k) => () => {
      const products = this.products[k] as LayerProducts;
      return known.images(k, alone, ({ step }, image) => {
        products.norm[step] = norms.take(step, image);
      });
    });
    await inTurns(this.plan.multiplier.together, work);
  }

  /** Few directions of a dense layer's gradient: γ and Δ f follow from what f and Z have along them. */
  private async takeLowRank(
    bases: readonly P[],
    coordinates: readonly P[],
    ghosts: readonly P[],
  ): Promise<void> {
    if (bases.length + coordinates.length + ghosts.length === 0) return;
    this.lowRank ??= new LowRankProducts(this.map, this.asked, this.plan.multiplier);
    const { lowRank } = this;
    await lowRank.takeBases(bases);
    const told = (column: 'gradient' | 'ghost') => (part: P, found: readonly number[]) => {
      for (const [k, products] of this.products.entries()) {
        products[column][part.step] = found[k] as number;
      }
    };
    await inTurns(this.plan.multiplier.together, [
      () => lowRank.products(coordinates, told('gradient')),
      () => lowRank.products(ghosts, told('ghost')),
      ...this.measures.map(
        ({ norms }, k) =>
          () =>
            lowRank.images(k, coordinates, (part, image) => {
              (this.products[k] as LayerProducts).norm[part.step] = norms.take(part.step, image);
            }),
      ),
    ]);
  }

  /** The same where nothing but the rows' products is asked for; X and D of a step come together. */
  private async takePairs(
    pairs: PairQuestions,
    inputs: readonly P[],
    deltas: readonly P[],
  ): Promise<void> {
    const steps = deltas.map((part, i) => ({ inputs: inputs[i] as P, deltas: part }));
    await this.plan.multiplier.pairs?.(pairs, steps, ({ step, shape }, answers) => {
      const rows = shape[0] ?? 0;
      this.takeAnswers(step, (k) => answers.subarray(k * rows, (k + 1) * rows));
    });
  }

  /** Whether rows are all that is stored of a step. */
  private isAlone(step: number): boolean {
    return step > this.gradientStep;
  }

  private takeAnswers(step: number, rowsOf: (question: number) => Float64Array): void {
    const { plan, owner } = this;
    // Of one row each: their rows are their sums.
    const counts = owner === 'example' ? null : plan.exampleRows(owner, step);
    const batch = counts ? sumOf(counts) : plan.taken(step).examples.length;
    for (const [k, products] of this.products.entries()) {
      const rows = rowsOf(k);
      products.rows[step] = counts ? sumsOf(rows, counts) : rows.subarray(0, batch);
      if (!this.isAlone(step)) continue;
      products.ghost[step] = sumOf(rows.subarray(batch));
      products.gradient[step] = sumOf(rows);
    }
  }

  private async measureRows(step: number, answers: readonly RowAnswer<P>[]): Promise<void> {
    const work = this.measures.map(({ reduction, norms }, k) => () => {
      const products = this.products[k] as LayerProducts;
      return (answers[k] as RowAnswer<P>).image(reduction, (image) => {
        products.norm[step] = norms.take(step, image);
      });
    });
    await inTurns(this.plan.multiplier.together, work);
  }
}

function sumOf(values: Float64Array | Int32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
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
