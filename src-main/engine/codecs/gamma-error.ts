import { type Approximation, nameOf } from './candidates';

/** γ of one part of a gradient at several queries, and by how much an approximation misses it. */
interface Sums {
  readonly gamma: Float64Array;
  readonly error: Map<string, Float64Array>;
}

/**
 * Queries that errors are measured on at a layer of so many weights: the error is relative to γ,
 * which some examples have little of, so the more the better, and the fewer the larger the layer.
 */
export function queryCount(weights: number): number {
  return Math.max(4, Math.min(16, Math.floor(16e6 / weights)));
}

/** Parts of a gradient whose γ is told: the whole, and the ghosts' share of it. */
export type ToldPart = 'gradient' | 'ghost';

/**
 * Gathers the relative error of γ over steps,
 *
 *   max over queries q of √(Σ_t ⟨Q_q, ĝ_t − g_t⟩² / Σ_t ⟨Q_q, g_t⟩²),
 *
 * for the whole gradient and for the ghosts' part, an error counting against the larger γ of the two: under
 * batch normalisation they nearly cancel at the start of a training, and rounding looks far worse there
 * than it turns out to be. Few directions don't turn out better, so the whole's error counts against the
 * whole's γ.
 */
export class GammaErrors {
  readonly #queries: number;
  readonly #parts = new Map<ToldPart, Sums>();

  constructor(queries: number) {
    this.#queries = queries;
  }

  /**
   * Adds a step.
   *
   * @param approximated ĝ by what it was approximated with
   */
  add(
    part: ToldPart,
    queries: readonly Float32Array[],
    exact: Float32Array,
    approximated: readonly { readonly by: Approximation; readonly values: Float32Array }[],
  ): void {
    const sums = this.#parts.get(part) ?? {
      gamma: new Float64Array(this.#queries),
      error: new Map<string, Float64Array>(),
    };
    this.#parts.set(part, sums);
    for (const [q, query] of queries.entries()) {
      sums.gamma[q] = (sums.gamma[q] as number) + inner(query, exact) ** 2;
    }
    for (const { by, values } of approximated) {
      const errors = sums.error.get(nameOf(by)) ?? new Float64Array(this.#queries);
      sums.error.set(nameOf(by), errors);
      for (const [q, query] of queries.entries()) {
        errors[q] = (errors[q] as number) + difference(query, values, exact) ** 2;
      }
    }
  }

  /** The relative error of an approximation, by which it is chosen; 0 where it has never been tried. */
  of(by: Approximation): number {
    return this.#worst(by, by.of === 'lowRank');
  }

  /** The same with the whole's error against the whole's own γ, however small: what is told of it. */
  told(by: Approximation): number {
    return this.#worst(by, true);
  }

  #worst(by: Approximation, againstOwn: boolean): number {
    let worst = 0;
    for (const [part, { error }] of this.#parts) {
      const errors = error.get(nameOf(by));
      for (let q = 0; errors && q < this.#queries; q++) {
        const isOwn = part === 'gradient' && againstOwn;
        const scale = isOwn ? this.#gamma('gradient', q) : this.#largest(q);
        const missed = errors[q] as number;
        if (missed > 0) worst = Math.max(worst, Math.sqrt(missed / scale));
      }
    }
    return worst;
  }

  /** Σ_t γ_t² of a part at a query. */
  #gamma(part: ToldPart, query: number): number {
    return this.#parts.get(part)?.gamma[query] ?? 0;
  }

  #largest(query: number): number {
    return Math.max(this.#gamma('gradient', query), this.#gamma('ghost', query));
  }
}

/** ⟨q, x⟩ in double precision. */
export function inner(query: Float32Array, values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < query.length; i++) sum += (query[i] as number) * (values[i] as number);
  return sum;
}

/** ⟨q, x − y⟩ in double precision. */
export function difference(query: Float32Array, values: Float32Array, exact: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < query.length; i++) {
    sum += (query[i] as number) * ((values[i] as number) - (exact[i] as number));
  }
  return sum;
}
