import type { Examples } from '../examples';
import type { RecordSource, StepExamples } from '../records';
import type { ExplainableRun } from './explainable-run';

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
  /** Of so many steps, what was asked for last. */
  #classSteps: { readonly steps: number; readonly counts: Int32Array } | null = null;

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

  /** In how many of the first so many steps each class took part. */
  classSteps(steps: number): Int32Array {
    if (this.#classSteps?.steps === steps) return this.#classSteps.counts;
    const counts = new Int32Array(this.classes);
    /** The last step a class was seen in. */
    const seen = new Int32Array(this.classes).fill(-1);
    for (let t = 0; t < steps; t++) {
      for (const place of this.batches[t] as Int32Array) {
        const label = this.labels[place] as number;
        if (seen[label] !== t) counts[label] = (counts[label] as number) + 1;
        seen[label] = t;
      }
    }
    this.#classSteps = { steps, counts };
    return counts;
  }
}

/** Who took part in a run's steps. */
export interface Takers {
  /** Step by step. */
  readonly taken: readonly StepExamples[];
  readonly participants: Participants;
}

/** Those of runs that stay open, so that the next question need not ask the index again. */
const known = new WeakMap<RecordSource, Takers & { readonly train: Examples }>();

/** The examples of a run's steps. */
export function takersOf({ source, splits, network }: ExplainableRun): Takers {
  const found = known.get(source);
  if (found?.taken.length === source.steps.count && found.train === splits.train) return found;
  const taken = [...source.allExamples()];
  const { labels } = splits.train;
  const batches = taken.map(({ examples }) => examples);
  const participants = new Participants(batches, labels, network.model.classes);
  known.set(source, { taken, participants, train: splits.train });
  return { taken, participants };
}
