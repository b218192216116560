import { inTurns, LeftMatrix, type Multiplier, type Queries } from '../kernels/multiplier';
import type { PartHeader } from '../records';
import { type Asked, directionsOf, featuresOf } from './gradient-products';
import type { LinearMap } from './linear-map';
import { columnsOf, Held } from './row-products';

/**
 * A dense layer's gradients stored as few directions, g = Bᵀ C: ⟨Z, g f⟩ = Σ_k (B f)_k (C z)_k and
 * g f = (B f) C, without Bᵀ C.
 */
export class LowRankProducts<P extends PartHeader> {
  private readonly features: Queries;
  private readonly directions: Queries;
  /** B f of each question, by step. */
  private readonly along = new Held<readonly Float64Array[]>();

  constructor(
    private readonly map: LinearMap,
    asked: readonly Asked[],
    private readonly multiplier: Multiplier<P>,
  ) {
    this.features = featuresOf(map, asked);
    this.directions = directionsOf(asked);
  }

  /** A step's B, before what has coordinates along it. */
  takeBases(bases: readonly P[]): Promise<void> {
    // Of the steps before, only the last one can go on in this batch.
    this.along.keepLast();
    return this.multiplier.products(this.features, bases, ({ step, shape }, found) => {
      this.along.put(step, columnsOf(found, this.features.count, shape[0] ?? 0));
    });
  }

  /** ⟨Z, Bᵀ C f⟩ of every part C, one number a question. */
  products(parts: readonly P[], take: (part: P, found: readonly number[]) => void): Promise<void> {
    return this.multiplier.products(this.directions, parts, (part, found) => {
      const along = this.along.get(part.step) ?? [];
      take(
        part,
        along.map((features, k) => {
          let sum = 0;
          for (let i = 0; i < features.length; i++) {
            sum += (features[i] as number) * (found.values[i * found.stride + k] as number);
          }
          return sum;
        }),
      );
    });
  }

  /** Bᵀ C f of every part C for one question; valid until the taker returns. */
  async images(
    question: number,
    parts: readonly P[],
    take: (part: P, image: ArrayLike<number>) => void,
  ): Promise<void> {
    const work = parts.map((part) => () => {
      const along = this.along.get(part.step)?.[question] ?? new Float64Array();
      const left = new LeftMatrix(along, 1, along.length, false);
      return this.multiplier.images(left, this.map.columns, [part], take);
    });
    // Images come back in the order in which they were asked for.
    await inTurns(this.multiplier.together, work);
  }
}
