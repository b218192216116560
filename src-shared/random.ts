/**
 * Seeded random numbers with a state small enough to be stored with every commit of the trace, so
 * that an interrupted recording goes on with the very numbers it would have drawn.
 */

/** The four words of the generator's state. */
export type RandomState = readonly [number, number, number, number];

/**
 * sfc32, Chris Doty-Humphrey's small fast counting generator (PractRand): period ≥ 2^32, passes
 * PractRand and TestU01, and its state is four 32-bit words.
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter: number;

  private constructor(state: RandomState) {
    [this.a, this.b, this.c, this.counter] = state;
  }

  /**
   * A generator for one purpose (`stream`) of one seed; streams of a seed are independent, so
   * drawing more of one never shifts another.
   */
  static seeded(seed: number, stream: string): Random {
    let hash = 0x811c9dc5;
    for (const character of stream) {
      hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
    }
    const random = new Random([seed | 0, hash, Math.floor(seed / 2 ** 32) | 0, 1]);
    for (let round = 0; round < 15; round++) random.uint32();
    return random;
  }

  static restored(state: RandomState): Random {
    return new Random(state);
  }

  get state(): RandomState {
    return [this.a, this.b, this.c, this.counter];
  }

  /** Uniform in 0 … 2^32 − 1. */
  uint32(): number {
    const sum = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + sum;
    this.c |= 0;
    return sum >>> 0;
  }

  /** Uniform in [0, 1) with 53 bits. */
  uniform(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  /** Uniform integer in 0 … below − 1, without modulo bias. */
  integer(below: number): number {
    const limit = 2 ** 32 - (2 ** 32 % below);
    let drawn = this.uint32();
    while (drawn >= limit) drawn = this.uint32();
    return drawn % below;
  }

  /** Standard normal (Box and Muller's method, one of the pair). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Shuffles in place (Fisher and Yates) and gives the array back. */
  shuffle<T extends Int32Array | number[]>(items: T): T {
    for (let last = items.length - 1; last > 0; last--) {
      const other = this.integer(last + 1);
      const kept = items[last] as number;
      items[last] = items[other] as number;
      items[other] = kept;
    }
    return items;
  }
}
