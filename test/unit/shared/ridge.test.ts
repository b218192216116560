import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  exampleRidgePlot,
  ridgePlot,
  valueAt,
  weightedDensity,
} from '../../../src-shared/explanation/ridge';

interface DensityCase {
  readonly name: string;
  readonly values: number[];
  readonly weights: number[];
  readonly factor: number;
  readonly density: number[];
}

const fixture = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/density/density.json'), 'utf8'),
) as { grid: number[]; cases: DensityCase[] };
const grid = Float64Array.from(fixture.grid);
const cell = 2 / 256;

describe('a weighted density', () => {
  it.each(fixture.cases.map((each) => [each.name, each] as const))(
    'of %s is SciPy’s',
    (_, { values, weights, factor, density }) => {
      const found = weightedDensity(values, weights, grid, factor);
      const peak = Math.max(...density);
      for (const [g, wanted] of density.entries()) {
        expect(Math.abs((found[g] as number) - wanted)).toBeLessThan(1e-12 * peak);
      }
    },
  );

  it('of one value, or of equal ones, is a narrow bell that is still seen', () => {
    for (const values of [[0.5], [0.5, 0.5, 0.5]]) {
      const found = weightedDensity(
        values,
        values.map(() => 2),
        grid,
        0.1,
      );
      const area = found.reduce((sum, d) => sum + d * cell, 0);
      expect(area).toBeCloseTo(1, 6);
      expect(found.indexOf(Math.max(...found))).toBe(192);
      expect(found[192]).toBeCloseTo(1 / (2 * cell * Math.sqrt(2 * Math.PI)), 9);
    }
  });

  it('of nothing, or of nothing with weight, is empty', () => {
    expect(weightedDensity([], [], grid, 0.1).every((d) => d === 0)).toBe(true);
    expect(weightedDensity([0.1], [0], grid, 0.1).every((d) => d === 0)).toBe(true);
  });

  it('does not hang on the scale of the weights', () => {
    const values = [-0.2, 0.1, 0.4];
    const once = weightedDensity(values, [1, 2, 3], grid, 0.5);
    const thousandth = weightedDensity(values, [1e-9, 2e-9, 3e-9], grid, 0.5);
    for (const [g, wanted] of once.entries()) expect(thousandth[g]).toBeCloseTo(wanted, 10);
  });
});

describe('a ridge plot', () => {
  const label = Int32Array.of(0, 1, 1, -1, 0);
  const steps = {
    gamma: new Float64Array(5),
    cos: Float64Array.of(0.5, -0.5, 0.25, 0.9, 0.1),
    norm: Float64Array.of(1, 1, 3, 100, 3),
    label,
  };

  it('has a ridge a class, the most probable first, from its own steps', () => {
    const plot = ridgePlot('fc', steps, [0.2, 0.7, 0.1]);
    expect([plot.layer, plot.predicted]).toEqual(['fc', 1]);
    expect(plot.ridges.map((ridge) => ridge.label)).toEqual([1, 0, 2]);
    expect(plot.ridges.map((ridge) => ridge.count)).toEqual([2, 2, 0]);
    expect(plot.ridges.map((ridge) => ridge.weight)).toEqual([4, 4, 0]);
    // (−.5 + 3 · .25) / 4 and (.5 + 3 · .1) / 4; a step of many classes belongs to none.
    expect(plot.ridges[0]?.mean).toBeCloseTo(0.0625, 12);
    expect(plot.ridges[1]?.mean).toBeCloseTo(0.2, 12);
    expect(plot.ridges[2]?.density.every((d) => d === 0)).toBe(true);
  });

  it('shows ten classes, equal ones by their number', () => {
    const plot = ridgePlot('fc', steps, Array(12).fill(1 / 12));
    expect(plot.ridges.map((ridge) => ridge.label)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect([plot.grid[0], plot.grid[128], plot.grid.at(-1)]).toEqual([-1, 0, 1]);
  });
});

describe('a ridge plot of examples', () => {
  const influences = [
    { index: 4, label: 0, gamma: 8 },
    { index: 1, label: 1, gamma: -2 },
    { index: 9, label: 0, gamma: 0.5 },
    { index: 2, label: 0, gamma: 0 },
  ];

  it('has the shares of each class, along an axis that bends at the median size', () => {
    const plot = exampleRidgePlot('fc', influences, 40, [0.3, 0.7]);
    expect([plot.over, plot.predicted]).toEqual(['examples', 1]);
    const bend = 2 / 40;
    expect(plot.axis.reach).toBe(0.2);
    expect(plot.axis.bend).toBeCloseTo(bend, 15);
    const place = (share: number) => Math.asinh(share / bend) / Math.asinh(0.2 / bend);
    const [one, zero] = plot.ridges;
    expect([zero?.label, zero?.count]).toEqual([0, 3]);
    expect(zero?.mean).toBeCloseTo(8.5 / 40 / 3, 15);
    expect([one?.label, one?.count, one?.mean]).toEqual([1, 1, -0.05]);
    // One example: a bell at its place among the 257.
    expect(one?.density.indexOf(Math.max(...(one?.density ?? [])))).toBe(
      Math.round(128 + 128 * place(-0.05)),
    );
    const wanted = weightedDensity([1, place(0.0125), 0], [1, 1, 1], plot.grid, 0.1);
    for (const [g, height] of wanted.entries()) expect(zero?.density[g]).toBeCloseTo(height, 9);
    for (const share of [-0.2, -0.05, 0, 0.0125, 0.2]) {
      expect(valueAt(plot.axis, place(share))).toBeCloseTo(share, 15);
    }
  });

  it('turns with the sign of what shares are parts of, and is empty where nothing moved', () => {
    const turned = exampleRidgePlot('logits', influences, -40, [0.7, 0.3]);
    expect(turned.ridges[0]?.mean).toBeCloseTo(-8.5 / 40 / 3, 15);
    expect(turned.ridges[1]?.mean).toBeCloseTo(0.05, 15);
    const still = influences.map((each) => ({ ...each, gamma: 0 }));
    const none = exampleRidgePlot('logits', still, 0, [0.7, 0.3]);
    expect(none.axis).toEqual({ reach: 0, bend: null });
    expect(valueAt(none.axis, 1)).toBe(0);
    expect(none.ridges[0]?.density.every(Number.isFinite)).toBe(true);
  });

  it('leaves classes out that have no ridge, and their examples’ size', () => {
    const many = [...influences, { index: 0, label: 11, gamma: 400 }];
    const plot = exampleRidgePlot('fc', many, 40, Array(12).fill(1 / 12));
    expect(plot.ridges).toHaveLength(10);
    expect(plot.axis.reach).toBe(0.2);
  });
});
