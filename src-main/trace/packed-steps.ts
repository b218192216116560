import type { StepNote } from './encode-step';

/** Some steps as they pass from thread to thread: three arrays take less than many objects. */
export interface PackedSteps {
  /**
   * Of each step its number, epoch, label, learning rate, loss, accuracy, layout and place, then how many
   * examples, ghosts and stretches it has.
   */
  readonly numbers: Float64Array;
  /** The examples of the first step, then its ghosts, then those of the second, and so on. */
  readonly examples: Int32Array;
  /** First byte and number of bytes of the first step's stretches, then of the second's, and so on. */
  readonly stretches: Float64Array;
}

/** A step without its numbers. */
export interface PackedStep {
  readonly note: StepNote;
  /** Number of its layout among all that were sent. */
  readonly layout: number;
  /** The place in the ring that it ends at. */
  readonly place: number;
  /** Stretches of shared memory that hold its numbers: first byte and number of bytes of each. */
  readonly stretches: ArrayLike<number>;
}

/** Numbers of a step. */
const perStep = 11;

/** Packs steps, of which it takes copies at once: a trainer may use its arrays again. */
export class StepPacker {
  readonly #numbers = new Growing(Float64Array);
  readonly #examples = new Growing(Int32Array);
  readonly #stretches = new Growing(Float64Array);

  add(note: StepNote, layout: number, place: number, stretches: readonly number[]): void {
    const { examples, ghosts } = note;
    const [numbers, at] = this.#numbers.more(perStep);
    numbers[at] = note.step;
    numbers[at + 1] = note.epoch;
    numbers[at + 2] = note.label;
    numbers[at + 3] = note.learningRate;
    numbers[at + 4] = note.loss;
    numbers[at + 5] = note.accuracy;
    numbers[at + 6] = layout;
    numbers[at + 7] = place;
    numbers[at + 8] = examples.length;
    numbers[at + 9] = ghosts.length;
    numbers[at + 10] = stretches.length / 2;
    this.#examples.add(examples);
    this.#examples.add(ghosts);
    this.#stretches.add(stretches);
  }

  /** All steps since the last time. */
  take(): PackedSteps {
    return {
      numbers: this.#numbers.take(),
      examples: this.#examples.take(),
      stretches: this.#stretches.take(),
    };
  }
}

/** The steps again, in their order. */
export function unpackSteps({ numbers, examples, stretches }: PackedSteps): PackedStep[] {
  let taken = 0;
  let cut = 0;
  const next = (count: number): Int32Array => {
    taken += count;
    return examples.subarray(taken - count, taken);
  };
  return Array.from({ length: numbers.length / perStep }, (_, index): PackedStep => {
    const number = (place: number): number => numbers[perStep * index + place] as number;
    const begin = cut;
    cut += 2 * number(10);
    return {
      note: {
        ...{ step: number(0), epoch: number(1), label: number(2) },
        ...{ learningRate: number(3), loss: number(4), accuracy: number(5) },
        ...{ examples: next(number(8)), ghosts: next(number(9)) },
      },
      ...{ layout: number(6), place: number(7), stretches: stretches.subarray(begin, cut) },
    };
  });
}

/** Numbers that are put one after another and taken all at once. */
class Growing<A extends Float64Array | Int32Array> {
  #array: A;
  #length = 0;

  constructor(private readonly made: new (length: number) => A) {
    this.#array = new made(1024);
  }

  /** Room for some more: the array, and where in it they begin. */
  more(count: number): readonly [A, number] {
    const begin = this.#length;
    this.#length += count;
    if (this.#length > this.#array.length) {
      const larger = new this.made(2 * this.#length);
      larger.set(this.#array.subarray(0, begin));
      this.#array = larger;
    }
    return [this.#array, begin];
  }

  add(numbers: ArrayLike<number>): void {
    const [array, begin] = this.more(numbers.length);
    array.set(numbers, begin);
  }

  take(): A {
    const taken = this.#array.slice(0, this.#length) as A;
    this.#length = 0;
    return taken;
  }
}
