import type {
  ExampleInfluence,
  ExampleSplit,
  StepRange,
} from '../../../src-shared/explanation/explanation';
import type { Participants } from './participants';

/** The training examples at either end of a range's influence. */
export interface Strongest {
  /** Of the examples that took part, those of largest γ, the largest first. */
  readonly examples: readonly ExampleInfluence[];
  /** Those of smallest γ, the smallest first. */
  readonly opposing: readonly ExampleInfluence[];
}

/** What a training example's part of one step is. */
export interface ExampleStep {
  readonly step: number;
  readonly gamma: number;
}

/** What the steps of one layer and question have for their examples, one entry a step. */
export interface StepParts {
  /** γ_t without the ghosts' part. */
  readonly rest: Float64Array;
  /** ⟨Z, x_iᵀ d_i f⟩ of the batch's examples, for the exact split; else nothing is read of them. */
  readonly rows: readonly (Float64Array | undefined)[];
  /** What turns a row's product into its γ. */
  readonly factors: Float64Array;
  /** Whether no step could move the layer, so that no example is at either end. */
  readonly frozen: boolean;
}

/**
 * How the steps' γ is spread over training examples. It is kept with an explanation, so that
 * another range of steps, or the steps of one example, need no second pass over the trace.
 */
export class ExampleParts {
  readonly split: ExampleSplit;
  readonly #steps: StepParts;
  readonly #participants: Participants;

  constructor(steps: StepParts, participants: Participants, split: ExampleSplit) {
    this.#steps = steps;
    this.#participants = participants;
    this.split = split;
  }

  /** γ of the i-th of so many examples of a step's batch. */
  part(t: number, i: number, count: number): number {
    const { rest, rows, factors } = this.#steps;
    const own = this.split === 'exact' ? rows[t] : undefined;
    return own ? (factors[t] as number) * (own[i] as number) : (rest[t] as number) / count;
  }

  /** Σ γ over the steps of a range, one entry a participant. */
  within({ from, to }: StepRange): Float64Array {
    const { batches } = this.#participants;
    const end = Math.min(to, this.#steps.rest.length);
    const sums = new Float64Array(this.#participants.countAfter(end));
    const { rest, rows, factors } = this.#steps;
    for (let t = from; t < end; t++) {
      const batch = batches[t] as Int32Array;
      const own = this.split === 'exact' ? rows[t] : undefined;
      if (own) addParts(sums, batch, own, factors[t] as number);
      else addEqual(sums, batch, (rest[t] as number) / batch.length);
    }
    return sums;
  }

  /** The examples that took part in a range's steps, with their γ over them. */
  influences({ from, to }: StepRange): ExampleInfluence[] {
    const sums = this.within({ from, to });
    const took = new Uint8Array(sums.length);
    for (const batch of this.#participants.batches.slice(from, to)) {
      for (const place of batch) took[place] = 1;
    }
    return Array.from(sums.keys())
      .filter((place) => took[place] === 1)
      .map((place) => this.#influence(place, sums));
  }

  /** The examples of largest and smallest γ over the steps of a range. */
  strongest(range: StepRange, top: number): Strongest {
    if (this.#steps.frozen) return { examples: [], opposing: [] };
    const sums = this.within(range);
    return { examples: this.#listed(sums, top, 1), opposing: this.#listed(sums, top, -1) };
  }

  /** The steps of a range that a training example took part in, with its γ in each. */
  stepsOf(index: number, { from, to }: StepRange): ExampleStep[] {
    const place = this.#participants.indices.indexOf(index);
    const found: ExampleStep[] = [];
    const end = Math.min(to, this.#steps.rest.length);
    for (let t = from; t < end && place >= 0; t++) {
      const batch = this.#participants.batches[t] as Int32Array;
      const i = batch.indexOf(place);
      if (i >= 0) found.push({ step: t, gamma: this.part(t, i, batch.length) });
    }
    return found;
  }

  /**
   * The examples of largest value, the largest first; with sign −1 those of smallest. Of equal ones
   * the lower index comes first, with sign −1 last.
   *
   * @param values one entry a participant
   */
  #listed(values: Float64Array, top: number, sign: 1 | -1): ExampleInfluence[] {
    const { indices } = this.#participants;
    const comesBefore = (a: number, b: number): number =>
      sign * ((values[b] as number) - (values[a] as number)) ||
      sign * ((indices[a] as number) - (indices[b] as number));
    const places =
      top * keepSorted < values.length
        ? firstOf(values.length, top, comesBefore)
        : Array.from(values.keys()).sort(comesBefore).slice(0, top);
    return places.map((place) => this.#influence(place, values));
  }

  #influence(place: number, values: Float64Array): ExampleInfluence {
    const { indices, labels } = this.#participants;
    return {
      index: indices[place] as number,
      label: labels[place] as number,
      gamma: values[place] as number,
    };
  }

  /**
   * The examples that stand out in two explanations of the same run, each as a part of its own whole:
   * those that support both (largest smaller share), and those that tell the two apart (largest
   * difference of shares).
   *
   * @param wholes what shares are parts of, of this explanation and of the other
   */
  shared(
    other: ExampleParts,
    range: StepRange,
    wholes: readonly [number, number],
    top: number,
  ): { readonly both: SharedInfluence[]; readonly apart: SharedInfluence[] } {
    const shares = [this.within(range), other.within(range)].map((sums, k) =>
      sums.map((gamma) => gamma / (wholes[k] as number)),
    ) as [Float64Array, Float64Array];
    const [a, b] = shares;
    const listed = (rank: Float64Array): SharedInfluence[] =>
      this.#listed(rank, top, 1)
        .filter(({ gamma }) => gamma > 0)
        .map(({ index, label }) => {
          const place = this.#participants.indices.indexOf(index);
          return { index, label, shares: [a[place] as number, b[place] as number] };
        });
    return {
      both: listed(a.map((share, place) => Math.min(share, b[place] as number))),
      apart: listed(a.map((share, place) => Math.abs(share - (b[place] as number)))),
    };
  }
}

/** What `part` says of each example of a batch, added up one by one. */
function addParts(sums: Float64Array, batch: Int32Array, rows: Float64Array, factor: number): void {
  for (let i = 0; i < batch.length; i++) {
    const place = batch[i] as number;
    sums[place] = (sums[place] as number) + factor * (rows[i] as number);
  }
}

function addEqual(sums: Float64Array, batch: Int32Array, part: number): void {
  for (let i = 0; i < batch.length; i++) {
    const place = batch[i] as number;
    sums[place] = (sums[place] as number) + part;
  }
}

/** A training example's shares of two explanations. */
export interface SharedInfluence {
  readonly index: number;
  readonly label: number;
  readonly shares: readonly [number, number];
}

/** The first `top` of the numbers below `count` in an order, without sorting all of them. */
function firstOf(
  count: number,
  top: number,
  comesBefore: (a: number, b: number) => number,
): number[] {
  const kept: number[] = [];
  for (let place = 0; place < count && top > 0; place++) {
    if (kept.length === top && comesBefore(kept[top - 1] as number, place) < 0) continue;
    let at = kept.length;
    while (at > 0 && comesBefore(place, kept[at - 1] as number) < 0) at--;
    kept.splice(at, 0, place);
    if (kept.length > top) kept.pop();
  }
  return kept;
}

/** Of one in so many, keeping the first in order costs less than sorting all. */
const keepSorted = 16;
