/**
 * Which training examples took part in which steps, in the order in which they first did: those of
 * the first t steps are then the first `countAfter(t)`.
 */
export class Participants {
  /** Indices in the training split. */
  readonly indices: Int32Array;
  readonly labels: Int32Array;
  /** The batch of each step as places in `indices`, ghosts left out. */
  readonly batches: readonly Int32Array[];
  readonly #countAfter: Int32Array;

  /**
   * @param batches indices of each step's examples, ghosts left out
   * @param labels of the whole training split
   */
  constructor(
    batches: readonly Int32Array[],
    labels: ArrayLike<number>,
    readonly classes: number,
  ) {
    const places = new Int32Array(labels.length).fill(-1);
    const found: number[] = [];
    this.#countAfter = new Int32Array(batches.length);
    this.batches = batches.map((batch, t) => {
      const placed = new Int32Array(batch.length);
      for (let i = 0; i < batch.length; i++) {
        const index = batch[i] as number;
        if (places[index] === -1) places[index] = found.push(index) - 1;
        placed[i] = places[index] as number;
      }
      this.#countAfter[t] = found.length;
      return placed;
    });
    this.indices = Int32Array.from(found);
    this.labels = this.indices.map((index) => Number(labels[index]));
  }

  /** Examples that took part in the first so many steps. */
  countAfter(steps: number): number {
    return steps === 0 ? 0 : (this.#countAfter[steps - 1] as number);
  }
}
