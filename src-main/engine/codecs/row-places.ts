import { DeltascopeError } from '../../../src-shared/errors';
import type { StepExamples } from '../records';

/** Examples that are there at first; the table grows. */
const fewest = 1024;
/** An index is not believed before so much is allocated for it. */
const largest = 2 ** 26;

const none = new Int32Array(0);

/**
 * Where the rows of examples stand that a run's `rows` of a layer hold one step after another: the first
 * one that was stored at 0, and so on.
 */
export class RowPlaces {
  /** Of each example, one more than where its row stands; 0: nowhere yet. */
  #places = new Int32Array(fewest);
  #count = 0;

  /** Rows so far. */
  get count(): number {
    return this.#count;
  }

  /**
   * Takes the rows that a step holds: those of its examples, then of its ghosts, that are new, as many as
   * are stored (of ghosts that no gradient flows to there are none).
   *
   * @throws `trace-damaged` where a step holds more than that
   */
  take({ step, examples, ghosts }: StepExamples, stored: number): void {
    const until = this.#count + stored;
    for (const indices of [examples, ghosts]) {
      for (let i = 0; i < indices.length && this.#count < until; i++) {
        this.#placed(indices[i] as number, step);
      }
    }
    if (this.#count < until) throw misfit(step, 'holds more rows than it takes new examples');
  }

  /**
   * Takes the first so many rows of a step's X.
   *
   * @returns which of them are of examples that had no row before, each once
   */
  fresh({ step, examples, ghosts }: StepExamples, count: number): Int32Array {
    const found: number[] = [];
    for (let i = 0; i < count; i++) {
      const own = i < examples.length ? examples[i] : ghosts[i - examples.length];
      if (this.#placed(own as number, step)) found.push(i);
    }
    // After the first epoch there are none, and a step of training has no time for more.
    return found.length > 0 ? Int32Array.from(found) : none;
  }

  /**
   * Where the first so many rows of a step's X stand, the examples', then the ghosts'.
   *
   * @throws `trace-damaged` where no step so far holds the row of one of them
   */
  of({ step, examples, ghosts }: StepExamples, count: number): Int32Array {
    const places = new Int32Array(count);
    for (let i = 0; i < count; i++) {
      const own = i < examples.length ? examples[i] : ghosts[i - examples.length];
      const place = this.#places[own as number];
      if (!place) throw misfit(step, 'takes an example whose row no step holds');
      places[i] = place - 1;
    }
    return places;
  }

  /** Gives an example's row the next place, unless it has one. */
  #placed(example: number, step: number): boolean {
    if (this.#places[example]) return false;
    if (!(example >= 0 && example <= largest)) throw misfit(step, 'takes an example that is none');
    if (example >= this.#places.length) {
      const grown = new Int32Array(Math.max(example + 1, 2 * this.#places.length));
      grown.set(this.#places);
      this.#places = grown;
    }
    this.#places[example] = ++this.#count;
    return true;
  }
}

function misfit(step: number, what: string): DeltascopeError {
  return new DeltascopeError(
    'trace-damaged',
    'engine',
    `The trace is damaged: step ${step} ${what}.`,
  );
}
