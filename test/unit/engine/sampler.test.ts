import { describe, expect, it } from 'vitest';
import {
  type Batch,
  orderedSampler,
  type Sampler,
  type SamplerPlace,
  seededSampler,
} from '../../../src-main/engine/sampler';
import type { RecipeInput } from '../../../src-shared/recipe/recipe';
import { completeRecipe } from '../../../src-shared/recipe/schema';

const recipe = (input: Partial<RecipeInput>) =>
  completeRecipe({ data: 'mnist', model: 'mlp', seed: 3, ...input });

/** Labels with `counts[c]` examples of class c, mixed. */
function labelsWith(counts: readonly number[]): Int32Array {
  const labels = counts.flatMap((count, label) => Array.from({ length: count }, () => label));
  return Int32Array.from(labels, (_, i) => labels[(i * 7) % labels.length] as number);
}

const allOf = (sampler: Sampler): Batch[] => [
  ...(function* () {
    for (let batch = sampler.next(); batch; batch = sampler.next()) yield batch;
  })(),
];

const sorted = (values: Iterable<number>): number[] => [...values].sort((a, b) => a - b);
// 7 and each sum of counts have no common divisor, so `labelsWith` keeps the counts.
const counts = [11, 5, 0, 13];
const labels = labelsWith(counts);
const everyExample = Array.from(labels, (_, i) => i);

const modes: [string, Partial<RecipeInput>, number][] = [
  ['single', { recording: 'single' }, 29],
  // ⌈29 / 4⌉
  ['mini-batches', { recording: 'mini-batches', batchSize: 4 }, 8],
  // ⌈11 / 4⌉ + ⌈5 / 4⌉ + ⌈13 / 4⌉
  ['class-batches', { recording: 'class-batches', batchSize: 6, ghostSamples: 2 }, 9],
];

describe.each(modes)('the sampler of %s', (_mode, input, perEpoch) => {
  const three = recipe({ ...input, epochs: 3 });

  it('takes every example once an epoch, short batches included', () => {
    const batches = allOf(seededSampler(three, labels));
    expect(batches.length).toBe(3 * perEpoch);
    expect(batches.map(({ step }) => step)).toEqual(batches.map((_, i) => i));
    for (const epoch of [0, 1, 2]) {
      const own = batches.filter((batch) => batch.epoch === epoch);
      expect(own.length).toBe(perEpoch);
      expect(sorted(own.flatMap(({ examples }) => [...examples]))).toEqual(everyExample);
    }
  });

  it('shuffles anew each epoch, and differently for another seed', () => {
    const order = (of: typeof three, epoch: number): string =>
      allOf(seededSampler(of, labels))
        .filter((batch) => batch.epoch === epoch)
        .map(({ examples }) => examples.join())
        .join(' ');
    expect(order(three, 0)).not.toBe(order(three, 1));
    expect(order(three, 0)).not.toBe(order(recipe({ ...input, seed: 4 }), 0));
    expect(order(three, 1)).toBe(order(recipe({ ...input, epochs: 3 }), 1));
  });

  it('goes on from every place with the very batches it would have drawn', () => {
    const uninterrupted = allOf(seededSampler(three, labels));
    const sampler = seededSampler(three, labels);
    for (let done = 0; done <= uninterrupted.length; done++) {
      const place = JSON.parse(JSON.stringify(sampler.place)) as SamplerPlace;
      expect(place.step).toBe(done);
      const rest = allOf(seededSampler(three, labels, place));
      expect(rest).toEqual(uninterrupted.slice(done));
      sampler.next();
    }
  });

  it('goes on from the place of one that went on', () => {
    const uninterrupted = allOf(seededSampler(three, labels));
    let place = seededSampler(three, labels).place;
    const found: Batch[] = [];
    for (;;) {
      const sampler = seededSampler(three, labels, place);
      const batches = [sampler.next(), sampler.next(), sampler.next()];
      found.push(...batches.filter((batch) => batch !== null));
      if (batches.includes(null)) break;
      place = JSON.parse(JSON.stringify(sampler.place)) as SamplerPlace;
    }
    expect(found).toEqual(uninterrupted);
  });

  it('stops at maxSteps with the same first batches', () => {
    const short = seededSampler(recipe({ ...input, epochs: 3, maxSteps: perEpoch + 2 }), labels);
    expect(short.steps).toBe(perEpoch + 2);
    const batches = allOf(short);
    expect(batches).toEqual(allOf(seededSampler(three, labels)).slice(0, perEpoch + 2));
    expect(short.next()).toBeNull();
  });

  it('is not made longer by maxSteps', () => {
    const sampler = seededSampler(recipe({ ...input, maxSteps: 1000 }), labels);
    expect(sampler.steps).toBe(perEpoch);
    expect(allOf(sampler).length).toBe(perEpoch);
  });

  it('follows the schedule by whole epochs', () => {
    const scheduled = recipe({
      ...input,
      epochs: 3,
      optimizer: { learningRate: 0.8 },
      schedule: [
        { afterEpoch: 1, factor: 0.5 },
        { afterEpoch: 2, factor: 0.25 },
      ],
    });
    for (const { epoch, learningRate } of allOf(seededSampler(scheduled, labels))) {
      expect(learningRate).toBeCloseTo([0.8, 0.4, 0.1][epoch] as number, 12);
    }
  });
});

describe('classes', () => {
  it('are those of the examples where a step has one class, and −1 elsewhere', () => {
    for (const [mode, input] of modes) {
      for (const { label, examples } of allOf(seededSampler(recipe(input), labels))) {
        const own = new Set(Array.from(examples, (i) => labels[i]));
        if (mode === 'mini-batches') expect(label).toBe(-1);
        else expect([...own]).toEqual([label]);
      }
    }
  });

  it('come with their prior at every place of an epoch', () => {
    const prior = labelsWith([60, 20, 0, 20]);
    const seeds = 600;
    const first = new Float64Array(4);
    const tenth = new Float64Array(4);
    for (let seed = 0; seed < seeds; seed++) {
      const one = recipe({ batchSize: 3, ghostSamples: 1, seed });
      const batches = allOf(seededSampler(one, prior));
      for (const [counted, place] of [
        [first, 0],
        [tenth, 9],
      ] as const) {
        const { label } = batches[place] as Batch;
        counted[label] = (counted[label] as number) + 1 / seeds;
      }
    }
    // Four standard deviations of a share of .6 over 600 draws.
    const tolerance = 4 * Math.sqrt((0.6 * 0.4) / seeds);
    for (const shares of [first, tenth]) {
      expect(Math.abs((shares[0] as number) - 0.6)).toBeLessThan(tolerance);
      expect(Math.abs((shares[1] as number) - 0.2)).toBeLessThan(tolerance);
      expect(shares[2]).toBe(0);
      expect(Math.abs((shares[3] as number) - 0.2)).toBeLessThan(tolerance);
    }
  });

  it('end each in a short batch of what is left', () => {
    const input = recipe({ batchSize: 6, ghostSamples: 2 });
    const sizes = new Map<number, number[]>();
    for (const { label, examples } of allOf(seededSampler(input, labels))) {
      sizes.set(label, [...(sizes.get(label) ?? []), examples.length]);
    }
    expect(Object.fromEntries(sizes)).toEqual({ 0: [4, 4, 3], 1: [4, 1], 3: [4, 4, 4, 1] });
  });
});

describe('ghosts', () => {
  const ghostClasses = (ghostSamples: number, of = labels): number[][] =>
    allOf(seededSampler(recipe({ batchSize: ghostSamples + 2, ghostSamples, epochs: 20 }), of)).map(
      ({ ghosts }) => Array.from(ghosts, (i) => of[i] as number),
    );

  it('are balanced over the classes that there are, when there are as many', () => {
    const extras = new Set<number>();
    for (const drawn of ghostClasses(8)) {
      expect(drawn.length).toBe(8);
      const perClass = counts.map((_, label) => drawn.filter((each) => each === label).length);
      expect(perClass[2]).toBe(0);
      const others = [perClass[0], perClass[1], perClass[3]] as number[];
      expect(sorted(others)).toEqual([2, 3, 3]);
      extras.add(others.indexOf(2));
    }
    // Which classes get one more changes from step to step.
    expect(extras.size).toBe(3);
  });

  it('are one of each class when there are exactly as many', () => {
    for (const drawn of ghostClasses(3)) expect(sorted(drawn)).toEqual([0, 1, 3]);
  });

  it('come by the prior when there are fewer than classes', () => {
    const prior = labelsWith([60, 20, 20]);
    const drawn = ghostClasses(2, prior);
    expect(drawn.every(({ length }) => length === 2)).toBe(true);
    const all = drawn.flat();
    const share = all.filter((label) => label === 0).length / all.length;
    expect(Math.abs(share - 0.6)).toBeLessThan(4 * Math.sqrt((0.6 * 0.4) / all.length));
  });

  it('are none where the recipe has none', () => {
    for (const { ghosts } of allOf(seededSampler(recipe({ recording: 'single' }), labels))) {
      expect(ghosts.length).toBe(0);
    }
  });

  it('do not change which examples are drawn', () => {
    const examples = (ghostSamples: number): string[] =>
      allOf(seededSampler(recipe({ batchSize: 4 + ghostSamples, ghostSamples }), labels)).map(
        (batch) => batch.examples.join(),
      );
    expect(examples(1)).toEqual(examples(9));
  });
});

describe('an order from elsewhere', () => {
  const order: Batch[] = allOf(seededSampler(recipe({ batchSize: 6, ghostSamples: 2 }), labels));

  it('is followed batch by batch', () => {
    const sampler = orderedSampler(order);
    expect(sampler.steps).toBe(order.length);
    expect(allOf(sampler)).toEqual(order);
    expect(sampler.next()).toBeNull();
    expect(sampler.place.step).toBe(order.length);
  });

  it('goes on from a place', () => {
    const sampler = orderedSampler(order);
    sampler.next();
    sampler.next();
    const place = JSON.parse(JSON.stringify(sampler.place)) as SamplerPlace;
    expect(allOf(orderedSampler(order, place))).toEqual(order.slice(2));
  });
});
