import { RowPlaces } from '../codecs/row-places';
import { inTurns, type Multiplier, type Products, Queries } from '../kernels/multiplier';
import type { PartHeader, StepExamples } from '../records';
import { type Asked, directionsOf } from './gradient-products';
import type { LinearMap } from './linear-map';

/** γ_i of a step's rows, of each question in turn [questions, rows], and what they came from. */
export interface KnownStep<P> {
  readonly part: P;
  /** Where the rows' a stand. */
  readonly places: Int32Array;
  readonly values: Float64Array;
}

/**
 * A dense layer whose rows of X are stored once: a_i = x_i f, with the bias' 1, is worked out where a row
 * is met and kept, 8 bytes an example and question. Of each step then γ_i = a_i (d_i Z), and
 * R Xᵀ D = Σ_i a_i d_i.
 */
export class KnownRows<P extends PartHeader> {
  private readonly features: Queries;
  private readonly directions: Queries;
  private readonly places = new RowPlaces();
  /** a, row after row, of each question in turn. */
  private factors = new Float64Array(0);

  constructor(
    private readonly map: LinearMap,
    asked: readonly Asked[],
    private readonly multiplier: Multiplier<P>,
    private readonly taken: (step: number) => StepExamples,
  ) {
    this.features = new Queries(asked.map(({ input }) => input.values));
    this.directions = directionsOf(asked);
  }

  /**
   * Takes the new rows of steps, and their D.
   *
   * @returns what each D says, in their order
   */
  async take(rows: readonly P[], deltas: readonly P[]): Promise<readonly KnownStep<P>[]> {
    const { together } = this.multiplier;
    const found: (Products & { readonly part: P })[] = [];
    // Asked for together: the a of these very rows are needed only once both are there.
    await inTurns(together, [
      () => this.takeRows(rows),
      () =>
        this.multiplier.products(this.directions, deltas, (part, { values, stride }) => {
          found.push({ part, values: together ? values : new Float64Array(values), stride });
        }),
    ]);
    return found.map((products) => this.stepOf(products.part, products));
  }

  private async takeRows(rows: readonly P[]): Promise<void> {
    const { count } = this.features;
    const bias = this.map.hasBias ? 1 : 0;
    await this.multiplier.products(this.features, rows, ({ step, shape }, { values, stride }) => {
      const [stored = 0] = shape;
      const first = this.places.count;
      this.places.take(this.taken(step), stored);
      const factors = this.factorsOf(this.places.count * count);
      for (let i = 0, at = first * count; i < stored; i++) {
        for (let k = 0; k < count; k++) factors[at++] = (values[i * stride + k] as number) + bias;
      }
    });
  }

  /** R Xᵀ D of steps for one question. */
  images(
    question: number,
    steps: readonly KnownStep<P>[],
    take: (part: P, image: ArrayLike<number>) => void,
  ): Promise<void> {
    const { factors, map, multiplier } = this;
    const { count } = this.directions;
    const own = new Float64Array(steps.reduce((sum, { places }) => sum + places.length, 0));
    let at = 0;
    for (const { places } of steps) {
      for (let i = 0; i < places.length; i++) {
        own[at++] = factors[(places[i] as number) * count + question] as number;
      }
    }
    const parts = steps.map(({ part }) => part);
    return multiplier.combinations(own, map.columns, parts, take);
  }

  /** γ_i from d_i Z [rows, stride]. */
  private stepOf(part: P, { values: products, stride }: Products): KnownStep<P> {
    const { factors } = this;
    const { count } = this.directions;
    const [rows = 0] = part.shape;
    const places = this.places.of(this.taken(part.step), rows);
    const values = new Float64Array(count * rows);
    for (let i = 0; i < rows; i++) {
      const at = (places[i] as number) * count;
      const from = i * stride;
      for (let k = 0, to = i; k < count; k++, to += rows) {
        values[to] = (factors[at + k] as number) * (products[from + k] as number);
      }
    }
    return { part, places, values };
  }

  /** Room for so many a. */
  private factorsOf(size: number): Float64Array {
    if (size > this.factors.length) {
      const grown = new Float64Array(Math.max(size, 2 * this.factors.length));
      grown.set(this.factors);
      this.factors = grown;
    }
    return this.factors;
  }
}
