import { Random } from '../../../src-shared/random';
import { type WeightedRanks, weightedAuc, weightedRanks } from './weighted-auc';

/** Sums of specificity over examples, one number a layer and class: index layer · classes + class. */
export type Cells = Float64Array;

/** What has a class: the steps, or the training examples. */
export interface Units {
  readonly label: Int32Array;
  /** Classes are exchanged only within a group; its units stand beside each other. */
  readonly group: Int32Array;
}

/** How an example's signal at a layer meets the units: cos_t by ‖Δ_t f‖, or influences alike. */
export interface Meeting {
  readonly values: Float64Array;
  readonly weights: Float64Array;
}

/** One example at a layer: the class that the network predicts, and how it meets the units. */
export interface AskedExample {
  readonly predicted: number;
  readonly meeting: Meeting;
}

export interface TallyOptions {
  readonly layers: number;
  readonly classes: number;
  readonly permutations: number;
  readonly seed: number;
  /** Called between two permutations now and then; may throw to end the work. */
  readonly breathe: () => Promise<void>;
}

/** Units ranked for one example between two calls of `breathe`. */
const breath = 20_000_000;

/**
 * Adds up, over examples that come a few at a time and layer by layer, the specificity of each layer to
 * the class that the network predicts: once with the classes that the steps had, and once for each
 * permutation of them. What is kept does not grow with the examples or the steps.
 *
 * Permutations exchange the classes of units of the same group: of steps within an epoch, as the
 * sampler could have drawn them, or of all examples. Were the updates uniform over the
 * classes, the trace would be as likely with any of them. Every example and every layer sees the same
 * permutations, so their dependence is kept.
 */
export class SpecificityTally {
  readonly observed: Cells;
  readonly permuted: readonly Cells[];
  /** Layers whose updates moved the signal of some example. */
  readonly alive: Uint8Array;

  constructor(
    private readonly units: Units,
    private readonly options: TallyOptions,
  ) {
    const cells = (): Cells => new Float64Array(options.layers * options.classes);
    this.observed = cells();
    this.permuted = Array.from({ length: options.permutations }, cells);
    this.alive = new Uint8Array(options.layers);
  }

  /**
   * Takes examples whose predicted class has units, at a layer.
   *
   * @returns the specificity of each
   */
  async take(layer: number, examples: readonly AskedExample[]): Promise<readonly number[]> {
    const { seed, breathe } = this.options;
    const asked = examples.map(({ predicted, meeting }) => ({
      predicted,
      ranks: weightedRanks(meeting.values, meeting.weights),
    }));
    if (examples.some(({ meeting }) => meeting.weights.some((weight) => weight > 0))) {
      this.alive[layer] = 1;
    }
    const own = this.add(this.observed, layer, this.units.label, asked);
    const random = Random.seeded(seed, 'permutations');
    const work = this.units.label.length * asked.length;
    for (const [p, cells] of this.permuted.entries()) {
      this.add(cells, layer, permutedWithin(this.units, random), asked);
      if (((p + 1) * work) % breath < work) await breathe();
    }
    return own;
  }

  private add(
    cells: Cells,
    layer: number,
    labels: Int32Array,
    asked: readonly { predicted: number; ranks: WeightedRanks }[],
  ): number[] {
    const byClass = indicesByClass(labels, this.options.classes);
    return asked.map(({ predicted, ranks }) => {
      const cell = layer * this.options.classes + predicted;
      const auc = weightedAuc(ranks, byClass[predicted] as Int32Array);
      // Updates without weight decide nothing: a coin's toss.
      const specificity = Number.isNaN(auc) ? 0.5 : auc;
      cells[cell] = (cells[cell] as number) + specificity;
      return specificity;
    });
  }
}

/** The labels with those of each group exchanged among each other. */
export function permutedWithin({ label, group }: Units, random: Random): Int32Array {
  const permuted = label.slice();
  for (let from = 0; from < label.length; ) {
    let to = from + 1;
    while (to < label.length && group[to] === group[from]) to++;
    random.shuffle(permuted.subarray(from, to));
    from = to;
  }
  return permuted;
}

function indicesByClass(labels: Int32Array, classes: number): Int32Array[] {
  const counts = new Int32Array(classes);
  for (const label of labels) counts[label] = (counts[label] as number) + 1;
  const lists = Array.from(counts, (count) => new Int32Array(count));
  counts.fill(0);
  for (const [t, label] of labels.entries()) {
    const place = counts[label] as number;
    (lists[label] as Int32Array)[place] = t;
    counts[label] = place + 1;
  }
  return lists;
}
