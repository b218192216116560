import { Random, type RandomState } from '../../src-shared/random';
import type { Recipe } from '../../src-shared/recipe/recipe';
import { learningRateAt } from '../../src-shared/recipe/schedule';

/** Which examples one step takes. */
export interface Batch {
  readonly step: number;
  readonly epoch: number;
  /** The batch's class; −1 where it mixes classes. */
  readonly label: number;
  readonly examples: Int32Array;
  readonly ghosts: Int32Array;
  readonly learningRate: number;
}

/** Draws the batches of a training; its place can be stored and taken up again. */
export interface Sampler {
  readonly steps: number;
  /** The next batch, or null when the training is done. */
  next(): Batch | null;
  /** JSON from which `resume` goes on with the very next batch. */
  readonly place: SamplerPlace;
}

export interface SamplerPlace {
  readonly step: number;
  readonly epoch: number;
  /** Batches of this epoch already drawn. */
  readonly drawn: number;
  /** Random state when this epoch began, and now for the ghosts. */
  readonly epochState: RandomState;
  readonly ghostState: RandomState;
}

interface PlannedBatch {
  readonly label: number;
  readonly examples: Int32Array;
}

/**
 * The seeded sampler of a recipe over the classes of the training split (`labels`, limited).
 *
 * `class-batches` (Alg. 2): classes come with their prior, every example once an epoch, a short
 * last batch included; ghosts are drawn balanced over the classes when there are at least as many
 * as classes, else by the prior.
 */
export function seededSampler(recipe: Recipe, labels: Int32Array, place?: SamplerPlace): Sampler {
  const size = recipe.recording === 'single' ? 1 : recipe.batchSize - recipe.ghostSamples;
  const byClass = indicesByClass(labels);
  const random = place ? Random.restored(place.epochState) : Random.seeded(recipe.seed, 'batches');
  const ghostRandom = place
    ? Random.restored(place.ghostState)
    : Random.seeded(recipe.seed, 'ghosts');
  const plan = (): PlannedBatch[] =>
    recipe.recording === 'class-batches'
      ? classBatches(byClass, size, random)
      : shuffledBatches(labels, size, random);
  const perEpoch =
    recipe.recording === 'class-batches'
      ? byClass.reduce((sum, indices) => sum + Math.ceil(indices.length / size), 0)
      : Math.ceil(labels.length / size);
  const steps = Math.min(perEpoch * recipe.epochs, recipe.maxSteps ?? Number.POSITIVE_INFINITY);

  let step = place?.step ?? 0;
  let epoch = place?.epoch ?? 0;
  let drawn = place?.drawn ?? 0;
  let epochState = random.state;
  let planned = plan();

  return {
    steps,
    next() {
      if (step >= steps) return null;
      if (drawn === planned.length) {
        epoch++;
        drawn = 0;
        epochState = random.state;
        planned = plan();
      }
      const { label, examples } = planned[drawn++] as PlannedBatch;
      const ghosts = drawGhosts(byClass, labels.length, recipe.ghostSamples, ghostRandom);
      const learningRate = learningRateAt(recipe, epoch, step, steps);
      return { step: step++, epoch, label, examples, ghosts, learningRate };
    },
    get place() {
      return { step, epoch, drawn, epochState, ghostState: ghostRandom.state };
    },
  };
}

/** Replays batches written elsewhere, in the shape of `export batches`. */
export function orderedSampler(
  order: readonly Batch[],
  place?: Pick<SamplerPlace, 'step'>,
): Sampler {
  let step = place?.step ?? 0;
  const none: RandomState = [0, 0, 0, 0];
  return {
    steps: order.length,
    next: () => order[step++] ?? null,
    get place() {
      const at = Math.min(step, order.length);
      return { step: at, epoch: 0, drawn: at, epochState: none, ghostState: none };
    },
  };
}

function indicesByClass(labels: Int32Array): Int32Array[] {
  const lists: number[][] = [];
  for (const [index, label] of labels.entries()) {
    while (lists.length <= label) lists.push([]);
    lists[label]?.push(index);
  }
  return lists.map((list) => Int32Array.from(list));
}

function shuffledBatches(labels: Int32Array, size: number, random: Random): PlannedBatch[] {
  const order = random.shuffle(Int32Array.from(labels, (_, index) => index));
  return chunks(order, size).map((examples) => ({
    examples,
    label: size === 1 ? (labels[examples[0] as number] as number) : -1,
  }));
}

function classBatches(
  byClass: readonly Int32Array[],
  size: number,
  random: Random,
): PlannedBatch[] {
  const queues = byClass.map((indices) => chunks(random.shuffle(indices.slice()), size));
  const left = byClass.map((indices) => indices.length);
  const planned: PlannedBatch[] = [];
  for (let total = left.reduce((a, b) => a + b, 0); total > 0; ) {
    let place = random.integer(total);
    let label = 0;
    while (place >= (left[label] as number)) place -= left[label++] as number;
    const examples = queues[label]?.shift() as Int32Array;
    left[label] = (left[label] as number) - examples.length;
    total -= examples.length;
    planned.push({ label, examples });
  }
  return planned;
}

function drawGhosts(
  byClass: readonly Int32Array[],
  count: number,
  ghosts: number,
  random: Random,
): Int32Array {
  const filled = byClass.filter((indices) => indices.length > 0);
  if (ghosts < filled.length) {
    return Int32Array.from({ length: ghosts }, () => random.integer(count));
  }
  const drawn: number[] = [];
  const extra = random.shuffle(filled.map((_, label) => label)).slice(0, ghosts % filled.length);
  for (const [label, indices] of filled.entries()) {
    const quota = Math.floor(ghosts / filled.length) + (extra.includes(label) ? 1 : 0);
    for (let i = 0; i < quota; i++) drawn.push(indices[random.integer(indices.length)] as number);
  }
  return Int32Array.from(drawn);
}

function chunks(order: Int32Array, size: number): Int32Array[] {
  const list: Int32Array[] = [];
  for (let from = 0; from < order.length; from += size) list.push(order.slice(from, from + size));
  return list;
}
