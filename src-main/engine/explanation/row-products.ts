import {
  LeftMatrix,
  type Multiplier,
  type PairQuestions,
  type Products,
  Queries,
} from '../kernels/multiplier';
import type { PartHeader } from '../records';
import { type Asked, directionsOf, queriesOf } from './gradient-products';
import type { LinearMap } from './linear-map';
import { PatchGram } from './patch-gram';
import type { Reduction } from './reduction';

/** What the rows of one step's X and D say to one question. */
export interface RowAnswer<P extends PartHeader> {
  /** ⟨Z, x_iᵀ d_i f⟩ of every row i, ghosts included. */
  readonly rows: Float64Array;
  /** R Xᵀ D; valid until the taker returns. */
  image(reduction: Reduction<P>, take: (image: ArrayLike<number>) => void): Promise<void>;
}

/** Takes the X of steps, then their D, and answers all questions of a layer. */
export interface RowProducts<P extends PartHeader> {
  takeInputs(inputs: readonly P[]): Promise<void>;
  /** @returns of every step, in their order, one answer a question */
  takeDeltas(deltas: readonly P[]): Promise<readonly (readonly RowAnswer<P>[])[]>;
}

/** How a layer's stored rows are multiplied. */
export function rowProducts<P extends PartHeader>(
  map: LinearMap,
  asked: readonly Asked[],
  multiplier: Multiplier<P>,
): RowProducts<P> {
  if (map.isDense) return new DenseRows(map, asked, multiplier);
  return map.geometry && gramIsCheaper(map)
    ? new PatchRows(map, new PatchGram(map.geometry, map.hasBias), asked, multiplier)
    : new RebuiltRows(map, asked, multiplier);
}

/** What the rows of a layer's X and D are asked together; null where they have to be rebuilt. */
export function pairQuestions(map: LinearMap, asked: readonly Asked[]): PairQuestions | null {
  const { geometry, hasBias: bias } = map;
  if (!map.isDense && !(geometry && gramIsCheaper(map))) return null;
  const gram = !map.isDense && geometry ? new PatchGram(geometry, bias) : null;
  const { pixels, positions, taps } = gram ?? { pixels: 1, positions: 1, taps: Int32Array.of(0) };
  const f = asked.map(({ input }) => split(input.values, pixels));
  const z = asked.map(({ signal }) => split(signal.direction, positions));
  return {
    ...{ count: asked.length, pixels, positions, taps, bias },
    f: new Queries(byPlace(f, pixels)),
    z: new Queries(byPlace(z, positions)),
  };
}

/** Place by place, each map's own. */
function byPlace(maps: readonly (readonly Float32Array[])[], places: number): Float32Array[] {
  return Array.from({ length: places }, (_, place) =>
    maps.map((map) => map[place] as Float32Array),
  ).flat();
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

/** What was found out from a step's X or B, until what it is multiplied with comes. */
export class Held<T> {
  readonly #bySteps = new Map<number, T>();

  put(step: number, value: T): void {
    this.#bySteps.set(step, value);
  }

  get(step: number): T | undefined {
    return this.#bySteps.get(step);
  }

  take(step: number): T | undefined {
    const value = this.#bySteps.get(step);
    this.#bySteps.delete(step);
    return value;
  }

  /** Forgets all steps but the one that came last. */
  keepLast(): void {
    const steps = [...this.#bySteps.keys()];
    for (const step of steps.slice(0, -1)) this.#bySteps.delete(step);
  }
}

/** A dense layer: γ_i = (x_i f) (d_i Z), and R Xᵀ D = Σ_i (x_i f) d_i, without Xᵀ D. */
class DenseRows<P extends PartHeader> implements RowProducts<P> {
  private readonly features: Queries;
  private readonly directions: Queries;
  /** x_i f of each question, the bias' 1 included. */
  private readonly held = new Held<readonly Float64Array[]>();

  constructor(
    private readonly map: LinearMap,
    asked: readonly Asked[],
    private readonly multiplier: Multiplier<P>,
  ) {
    this.features = new Queries(asked.map(({ input }) => input.values));
    this.directions = directionsOf(asked);
  }

  takeInputs(inputs: readonly P[]): Promise<void> {
    const { features, held, map } = this;
    const bias = map.hasBias ? 1 : 0;
    return this.multiplier.products(features, inputs, ({ step, shape }, found) => {
      held.put(step, columnsOf(found, features.count, shape[0] as number, bias));
    });
  }

  async takeDeltas(deltas: readonly P[]): Promise<readonly (readonly RowAnswer<P>[])[]> {
    const answers: (readonly RowAnswer<P>[])[] = [];
    await this.multiplier.products(this.directions, deltas, (part, { values, stride }) => {
      const factors = this.held.take(part.step) ?? [];
      answers.push(
        factors.map((each, k): RowAnswer<P> => {
          const rows = each.map((factor, i) => factor * (values[i * stride + k] as number));
          const left = new LeftMatrix(each, 1, each.length, false);
          return {
            rows,
            image: (_, take) =>
              this.multiplier.images(left, this.map.columns, [part], (_, image) => take(image)),
          };
        }),
      );
    });
    return answers;
  }
}

/** What each query gives of every row, `added` to each number. */
export function columnsOf(
  { values, stride }: Products,
  count: number,
  rows: number,
  added = 0,
): Float64Array[] {
  return Array.from({ length: count }, (_, k) => {
    const column = new Float64Array(rows);
    for (let i = 0; i < rows; i++) column[i] = (values[i * stride + k] as number) + added;
    return column;
  });
}

/**
 * A convolution of small maps: with A = P_x P_fᵀ and B = D Zᵀ, both [rows · positions, positions],
 * γ_i is the sum of A ∘ B over row i's positions, and P_f Xᵀ D = Aᵀ D.
 */
class PatchRows<P extends PartHeader> implements RowProducts<P> {
  private readonly onPixels: Queries;
  private readonly onPositions: Queries;
  private readonly questions: number;
  /** A of each question. */
  private readonly held = new Held<readonly Float64Array[]>();

  constructor(
    private readonly map: LinearMap,
    private readonly gram: PatchGram,
    asked: readonly Asked[],
    private readonly multiplier: Multiplier<P>,
  ) {
    this.questions = asked.length;
    this.onPixels = new Queries(asked.flatMap(({ input }) => split(input.values, gram.pixels)));
    this.onPositions = new Queries(
      asked.flatMap(({ signal }) => split(signal.direction, gram.positions)),
    );
  }

  takeInputs(inputs: readonly P[]): Promise<void> {
    const { gram, onPixels, questions, held } = this;
    return this.multiplier.products(onPixels, inputs, ({ step, shape }, { values, stride }) => {
      const count = shape[0] as number;
      const grams = Array.from({ length: questions }, (_, k) =>
        gram.of(values, k * gram.pixels, stride, count),
      );
      held.put(step, grams);
    });
  }

  async takeDeltas(deltas: readonly P[]): Promise<readonly (readonly RowAnswer<P>[])[]> {
    const { positions } = this.gram;
    const answers: (readonly RowAnswer<P>[])[] = [];
    await this.multiplier.products(this.onPositions, deltas, (part, { values, stride }) => {
      const count = part.shape[0] as number;
      const grams = this.held.take(part.step) ?? [];
      answers.push(
        grams.map((gram, k): RowAnswer<P> => {
          const rows = rowSums(gram, values, { first: k * positions, stride, positions, count });
          return { rows, image: (_, take) => this.image(gram, part, count, take) };
        }),
      );
    });
    return answers;
  }

  private image(
    gram: Float64Array,
    part: P,
    count: number,
    take: (image: ArrayLike<number>) => void,
  ): Promise<void> {
    const { positions } = this.gram;
    const shared = count * positions;
    const turned = new Float32Array(gram.length);
    for (let b = 0; b < shared; b++) {
      for (let a = 0; a < positions; a++) {
        turned[a * shared + b] = gram[b * positions + a] as number;
      }
    }
    const left = new LeftMatrix(turned, positions, shared, false);
    return this.multiplier.images(left, this.map.columns, [part], (_, image) => take(image));
  }
}

/** Of every row, the sum of A ∘ B over its positions. */
function rowSums(
  gram: Float64Array,
  values: ArrayLike<number>,
  at: { first: number; stride: number; positions: number; count: number },
): Float64Array {
  const { positions, stride } = at;
  const rows = new Float64Array(at.count);
  for (let row = 0, b = 0; row < at.count; row++) {
    let sum = 0;
    for (let end = b + positions; b < end; b++) {
      const from = b * stride + at.first;
      for (let a = 0; a < positions; a++) {
        sum += (gram[b * positions + a] as number) * (values[from + a] as number);
      }
    }
    rows[row] = sum;
  }
  return rows;
}

/** Any other layer: rows by applying Q to X, the image from Xᵀ D rebuilt. */
class RebuiltRows<P extends PartHeader> implements RowProducts<P> {
  private readonly queries: Queries;
  private readonly held = new Held<Float32Array>();

  constructor(
    private readonly map: LinearMap,
    asked: readonly Asked[],
    private readonly multiplier: Multiplier<P>,
  ) {
    this.queries = queriesOf(map, asked);
  }

  async takeInputs(inputs: readonly P[]): Promise<void> {
    for (const part of inputs) this.held.put(part.step, await this.multiplier.numbers(part));
  }

  async takeDeltas(parts: readonly P[]): Promise<readonly (readonly RowAnswer<P>[])[]> {
    const { map, held, queries } = this;
    const answers: (readonly RowAnswer<P>[])[] = [];
    for (const part of parts) {
      const deltas = await this.multiplier.numbers(part);
      const inputs = held.take(part.step) ?? new Float32Array(0);
      const step = { inputs, deltas, count: part.shape[0] as number };
      let rebuilt: P | null = null;
      answers.push(
        queries.vectors.map((query, k) => ({
          rows: map.rowProducts(query, step),
          image: (reduction, take) => {
            const { rows, columns } = map;
            const whole = rebuilt ?? this.multiplier.held(map.gradient(step), [rows, columns]);
            rebuilt = k < queries.count - 1 ? whole : null;
            return reduction.apply([whole], (_, image) => take(image));
          },
        })),
      );
    }
    return answers;
  }
}

/** A map's pixels, one array each. */
function split(map: Float32Array, pixels: number): Float32Array[] {
  const size = map.length / pixels;
  return Array.from({ length: pixels }, (_, p) => map.subarray(p * size, (p + 1) * size));
}
