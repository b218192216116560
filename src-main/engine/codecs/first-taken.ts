/** Examples that are there at first; the table grows. */
const fewest = 1024;

const none = new Int32Array(0);

/**
 * Which training examples a recording has taken so far, so that what is the same of an example in every
 * step is stored once.
 */
export class FirstTaken {
  #taken = new Uint8Array(fewest);

  /**
   * Takes a step's examples, group by group.
   *
   * @param groups the batch's indices, then the ghosts' where gradients flow to them
   * @returns places, counted through all groups, of examples that were never taken before, each once
   */
  take(groups: readonly Int32Array[]): Int32Array {
    let found: Int32Array | null = null;
    let count = 0;
    let place = 0;
    for (const indices of groups) {
      for (let i = 0; i < indices.length; i++, place++) {
        const example = indices[i] as number;
        if (example >= this.#taken.length) this.#grow(example);
        if (this.#taken[example] === 1) continue;
        this.#taken[example] = 1;
        found ??= new Int32Array(lengthOf(groups));
        found[count++] = place;
      }
    }
    return found ? found.subarray(0, count) : none;
  }

  #grow(example: number): void {
    const grown = new Uint8Array(Math.max(example + 1, 2 * this.#taken.length));
    grown.set(this.#taken);
    this.#taken = grown;
  }
}

function lengthOf(groups: readonly Int32Array[]): number {
  return groups.reduce((sum, { length }) => sum + length, 0);
}
