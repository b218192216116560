import { describe, expect, it } from 'vitest';
import { augmenter, changed, changeOf } from '../../../src-main/engine/augmentation';
import { Random } from '../../../src-shared/random';
import { completeRecipe } from '../../../src-shared/recipe/schema';

/** 1 2 3 / 4 5 6, one channel. */
const image = Float32Array.of(1, 2, 3, 4, 5, 6);
const black = Float32Array.of(0);

function made(change: Parameters<typeof changed>[2], fill = black): number[] {
  const into = new Float32Array(6).fill(-1);
  changed(image, [2, 3, 1], change, fill, into);
  return Array.from(into);
}

function recipe(more: object) {
  return completeRecipe({ data: 'pets', model: 'mlp', seed: 3, ...more });
}

function augmented(more: object, indices: number[], step: number): number[][] {
  const shape = [4, 4, 2];
  const change = augmenter(recipe(more), shape, 'pets');
  const values = Float32Array.from({ length: indices.length * 32 }, (_, i) => 1 + (i % 32));
  change?.(values, indices, step);
  return indices.map((_, i) => Array.from(values.subarray(i * 32, (i + 1) * 32)));
}

describe('a changed image', () => {
  it('is itself, moved, mirrored, or both in this order', () => {
    expect(made({ down: 0, right: 0, mirrored: false })).toEqual([1, 2, 3, 4, 5, 6]);
    expect(made({ down: 1, right: 0, mirrored: false })).toEqual([0, 0, 0, 1, 2, 3]);
    expect(made({ down: -1, right: 0, mirrored: false })).toEqual([4, 5, 6, 0, 0, 0]);
    expect(made({ down: 0, right: 1, mirrored: false })).toEqual([0, 1, 2, 0, 4, 5]);
    expect(made({ down: 0, right: -2, mirrored: false })).toEqual([3, 0, 0, 6, 0, 0]);
    expect(made({ down: 0, right: 0, mirrored: true })).toEqual([3, 2, 1, 6, 5, 4]);
    expect(made({ down: 1, right: 1, mirrored: true })).toEqual([0, 0, 0, 2, 1, 0]);
  });

  it('is filled with black, and keeps its channels together', () => {
    expect(made({ down: 1, right: 0, mirrored: false }, Float32Array.of(-0.5))).toEqual([
      -0.5, -0.5, -0.5, 1, 2, 3,
    ]);
    const into = new Float32Array(4);
    const two = Float32Array.of(1, 10, 2, 20);
    changed(two, [1, 2, 2], { down: 0, right: 1, mirrored: false }, Float32Array.of(7, 8), into);
    expect(Array.from(into)).toEqual([7, 8, 1, 10]);
    changed(two, [1, 2, 2], { down: 0, right: 0, mirrored: true }, Float32Array.of(7, 8), into);
    expect(Array.from(into)).toEqual([2, 20, 1, 10]);
  });
});

describe('the draw of changes', () => {
  it('moves by −crop … crop evenly, and mirrors half of the images', () => {
    const random = Random.seeded(1, 'draws');
    const counts = new Map<string, number>();
    let mirrored = 0;
    for (let i = 0; i < 9000; i++) {
      const change = changeOf(random, { crop: 1, flip: true });
      const place = `${change.down} ${change.right}`;
      counts.set(place, (counts.get(place) ?? 0) + 1);
      mirrored += Number(change.mirrored);
    }
    expect(counts.size).toBe(9);
    // Standard deviations: 30 and 47.
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
    expect(Math.abs(mirrored - 4500)).toBeLessThan(240);
  });

  it('crops alike with and without mirroring', () => {
    for (let seed = 0; seed < 20; seed++) {
      const draw = (flip: boolean) => changeOf(Random.seeded(seed, 'x'), { crop: 4, flip });
      expect({ ...draw(true), mirrored: false }).toEqual(draw(false));
    }
  });
});

describe('an augmented batch', () => {
  const both = { augment: { crop: 2, flip: true } };

  it('depends on seed, step and index, not on the place in the batch', () => {
    const [first, second, again] = augmented(both, [5, 9, 5], 4);
    expect(first).not.toEqual(second);
    expect(again).toEqual(first);
    expect(augmented(both, [9], 4)).toEqual([second]);
    const steps = Array.from({ length: 12 }, (_, step) => augmented(both, [5], step).join());
    expect(new Set(steps).size).toBeGreaterThan(8);
    expect(augmented({ ...both, seed: 4 }, [5, 9, 11], 4)).not.toEqual(
      augmented(both, [5, 9, 11], 4),
    );
  });

  it('is padded with what a black pixel has become', () => {
    const normalize = { mean: [0.5, 0], std: [0.25, 1] };
    const values = [...Array(20).keys()].flatMap((index) =>
      augmented({ augment: { crop: 2 }, normalize }, [index], 0).flat(),
    );
    // The channels' own numbers are 1 to 32.
    expect(new Set(values.filter((value) => value < 1))).toEqual(new Set([-2, 0]));
  });

  it('stays as it is where nothing is asked for', () => {
    expect(augmenter(recipe({}), [4, 4, 2], 'pets')).toBeNull();
    expect(augmenter(recipe({ augment: {} }), [4], 'pets')).toBeNull();
  });

  it.each<[object, number[], string]>([
    [{ crop: 1 }, [7], "augment needs images, but the examples of 'pets' are rows of 7 numbers."],
    [
      { crop: 4 },
      [4, 9, 3],
      "augment.crop is 4, but the images of 'pets' have 4 × 9 pixels; it must be less than that.",
    ],
  ])('is refused: %j of %j', (augment, shape, message) => {
    expect(() => augmenter(recipe({ augment }), shape, 'pets')).toThrow(message);
  });
});
