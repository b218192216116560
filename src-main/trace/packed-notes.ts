import type { StepNote } from './encode-step';

/** Notes of some steps as they pass from thread to thread: two arrays take less than many objects. */
export interface PackedNotes {
  /**
   * Of each step its number, epoch, label, learning rate, loss and accuracy, then how many examples and
   * ghosts it took.
   */
  readonly numbers: Float64Array;
  /** The examples of the first step, then its ghosts, then those of the second, and so on. */
  readonly examples: Int32Array;
}

/** Numbers of a note. */
const perNote = 8;

/** Packs notes, of which it takes copies at once: a trainer may use its arrays again. */
export class NotePacker {
  #numbers: number[] = [];
  #examples = new Int32Array(1024);
  #taken = 0;

  add({ examples, ghosts, ...note }: StepNote): void {
    const { step, epoch, label, learningRate, loss, accuracy } = note;
    this.#numbers.push(step, epoch, label, learningRate, loss, accuracy);
    this.#numbers.push(examples.length, ghosts.length);
    this.#put(examples);
    this.#put(ghosts);
  }

  /** All notes since the last time. */
  take(): PackedNotes {
    const numbers = Float64Array.from(this.#numbers);
    const examples = this.#examples.slice(0, this.#taken);
    this.#numbers = [];
    this.#taken = 0;
    return { numbers, examples };
  }

  #put(indices: Int32Array): void {
    const end = this.#taken + indices.length;
    if (end > this.#examples.length) {
      const larger = new Int32Array(2 * end);
      larger.set(this.#examples.subarray(0, this.#taken));
      this.#examples = larger;
    }
    this.#examples.set(indices, this.#taken);
    this.#taken = end;
  }
}

/** The notes again, in their order. */
export function unpackNotes({ numbers, examples }: PackedNotes): StepNote[] {
  let taken = 0;
  const next = (count: number): Int32Array => {
    taken += count;
    return examples.subarray(taken - count, taken);
  };
  return Array.from({ length: numbers.length / perNote }, (_, index): StepNote => {
    const number = (place: number): number => numbers[perNote * index + place] as number;
    return {
      ...{ step: number(0), epoch: number(1), label: number(2) },
      ...{ learningRate: number(3), loss: number(4), accuracy: number(5) },
      ...{ examples: next(number(6)), ghosts: next(number(7)) },
    };
  });
}
