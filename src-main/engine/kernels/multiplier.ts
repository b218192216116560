import type { PartHeader } from '../records';

/** X Q, row by row: valid until the taker returns, and on where work is done together. */
export interface Products {
  readonly values: ArrayLike<number>;
  /** Numbers from one row to the next. */
  readonly stride: number;
}

/** Vectors of equal length that stored numbers are multiplied by, the same ones step after step. */
export class Queries {
  readonly length: number;

  constructor(readonly vectors: readonly Float32Array[]) {
    this.length = vectors[0]?.length ?? 0;
  }

  get count(): number {
    return this.vectors.length;
  }
}

/** A matrix [rows, columns] that stored matrices are multiplied by from the left. */
export class LeftMatrix {
  constructor(
    readonly values: Float32Array | Float64Array,
    readonly rows: number,
    readonly columns: number,
    /** Whether it is multiplied by step after step, so that preparing it once is worth it. */
    readonly lasts: boolean,
  ) {}
}

/** How the kernel of a convolution lies on its input map. */
export interface Taps {
  readonly pixels: number;
  readonly positions: number;
  /** The pixel under each tap [positions, taps]; −1 where there is none. */
  readonly taps: Int32Array;
  /** Whether there is one more tap, under which there is always a 1. */
  readonly bias: boolean;
}

/**
 * What is asked of the rows of X and D: of an example with pixels x and positions d of each question
 *
 *   Σ over positions a, b of (Σ over taps t of x_{b+t} · f_{a+t}) (d_b · z_a),
 *
 * which for a dense layer, of one pixel under one tap, is (x · f) (d · z).
 */
export interface PairQuestions extends Taps {
  readonly count: number;
  /** Pixel by pixel, of each question in turn. */
  readonly f: Queries;
  /** Position by position, of each question in turn. */
  readonly z: Queries;
}

/**
 * Multiplies stored numbers, wherever they are: in memory, after a scan has read them, or in the files.
 * Parts are taken in the order in which they are given.
 */
export interface Multiplier<P extends PartHeader> {
  /** Whether work that was asked for together is done together; if not, one thing after the other. */
  readonly together: boolean;

  /** X Q of every part X [rows, queries.length]. */
  products(
    queries: Queries,
    parts: readonly P[],
    take: (part: P, found: Products) => void,
  ): Promise<void>;

  /** Of every part G [rows, columns] for each question k: f_k G z_k. */
  bilinear(
    f: Queries,
    z: Queries,
    parts: readonly P[],
    take: (part: P, found: ArrayLike<number>) => void,
  ): Promise<void>;

  /** L G of every part G [L.columns, columns], row by row; valid until the taker returns. */
  images(
    left: LeftMatrix,
    columns: number,
    parts: readonly P[],
    take: (part: P, image: ArrayLike<number>) => void,
  ): Promise<void>;

  /**
   * Σ_i l_i g_i over the rows of every part G [rows, columns], with factors l of its own; valid until the
   * taker returns.
   *
   * @param factors those of the first part's rows, then of the second one's, and so on
   */
  combinations(
    factors: Float64Array,
    columns: number,
    parts: readonly P[],
    take: (part: P, sum: ArrayLike<number>) => void,
  ): Promise<void>;

  /**
   * The answers of every example of X and D of steps, [questions, examples], in memory that is the
   * taker's. Absent where products of X and of D are to be put together by the caller.
   */
  pairs?(
    asked: PairQuestions,
    steps: readonly { readonly inputs: P; readonly deltas: P }[],
    take: (deltas: P, answers: Float64Array) => void,
  ): Promise<void>;

  /**
   * Q = Pᵀ Z of each question, flattened, where that is done better than by the tensor runtime.
   *
   * @param f maps [pixels, channels]
   * @param z maps [positions, columns]
   */
  formed?(taps: Taps, f: readonly Float32Array[], z: readonly Float32Array[]): Promise<Queries>;

  /** A part's numbers, in memory that is the caller's. */
  numbers(part: P): Promise<Float32Array>;

  /** Numbers in memory as a part. */
  held(values: Float32Array, shape: readonly number[]): P;

  dispose(): void;
}

/** Does what can be done together at once, else in turns; nothing of it goes on once this throws. */
export async function inTurns(
  together: boolean,
  work: readonly (() => Promise<void>)[],
): Promise<void> {
  if (!together) {
    for (const each of work) await each();
    return;
  }
  for (const result of await Promise.allSettled(work.map((each) => each()))) {
    if (result.status === 'rejected') throw result.reason;
  }
}
