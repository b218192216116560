import { describe, expect, it } from 'vitest';
import { epochInfluences, stepsWithin } from '../../../src-shared/explanation/timeline';
import {
  classCourses,
  cornersOf,
  minmaxSteps,
  timelineCsv,
} from '../../../src-shared/explanation/timeline-drawing';

/** Six steps of three epochs, of a signal with ‖z‖² = 20 of which a quarter was there at the start. */
const steps = {
  gamma: Float64Array.of(4, 2, -1, 3, 5, 2),
  cos: Float64Array.of(0.9, 0.4, -0.2, 0.5, 0.7, 0.1),
  norm: Float64Array.of(1, 2, 3, 4, 5, 6),
  label: Int32Array.of(0, 1, 0, 1, 0, 1),
};
const course = {
  epoch: Int32Array.of(0, 0, 1, 1, 1, 2),
  learningRate: Float64Array.of(0.1, 0.3, 0.4, 0.4, 0.4, 0.04),
};
const all = { from: 0, to: 6 };

describe('epochInfluences', () => {
  it('sums γ by epoch, and says how much of the signal was there after each', () => {
    const epochs = epochInfluences(steps.gamma, course, 0.25, 20);
    expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    expect(epochs.map(({ steps: of }) => [of.from, of.to])).toEqual([
      [0, 2],
      [2, 5],
      [5, 6],
    ]);
    expect(epochs.map(({ gammaSum }) => gammaSum)).toEqual([6, 7, 2]);
    const shares = [0.3, 0.35, 0.1];
    const reached = [0.55, 0.9, 1];
    const rates = [0.2, 0.4, 0.04];
    for (const [at, epoch] of epochs.entries()) {
      expect(epoch.share).toBeCloseTo(shares[at] as number, 14);
      expect(epoch.reached).toBeCloseTo(reached[at] as number, 14);
      expect(epoch.learningRate).toBeCloseTo(rates[at] as number, 14);
    }
  });

  it('ends where the steps read so far end', () => {
    const epochs = epochInfluences(steps.gamma.subarray(0, 3), course, 0, 20);
    expect(epochs.map(({ gammaSum }) => gammaSum)).toEqual([6, -1]);
    expect(epochInfluences(new Float64Array(0), course, 0.25, 20)).toEqual([]);
  });
});

describe('stepsWithin', () => {
  it('takes the steps of the range, the last one left out', () => {
    const within = stepsWithin(steps, { from: 1, to: 3 });
    expect([...within.gamma]).toEqual([2, -1]);
    expect([...within.cos]).toEqual([0.4, -0.2]);
    expect([...within.norm]).toEqual([2, 3]);
    expect([...within.label]).toEqual([1, 0]);
  });
});

describe('classCourses', () => {
  it('adds up each class by itself', () => {
    expect(classCourses(steps, all, 20, 100)).toEqual([
      { label: 0, points: [4, 4, 3, 3, 8, 8].reduce(courseOf, [[0, 0]]) },
      { label: 1, points: [0, 2, 2, 5, 5, 7].reduce(courseOf, [[0, 0]]) },
    ]);
  });

  it('begins a range with what was there before it', () => {
    const [first] = classCourses(steps, { from: 2, to: 5 }, 20, 100);
    expect(first?.points).toEqual([
      [2, 4 / 20],
      [3, 3 / 20],
      [4, 3 / 20],
      [5, 8 / 20],
    ]);
  });

  it('draws fewer places where there are many, and loses no step from the sums', () => {
    const count = 10_000;
    const many = {
      gamma: Float64Array.from({ length: count }, (_, t) => (t === 5000 ? 50 : 0.001)),
      cos: new Float64Array(count),
      norm: new Float64Array(count),
      label: Int32Array.from({ length: count }, (_, t) => t % 2),
    };
    const courses = classCourses(many, { from: 0, to: count }, 100, 500);
    for (const { points } of courses) expect(points.length).toBeLessThanOrEqual(501);
    const ends = courses.map(({ points }) => points.at(-1));
    expect(ends.map((end) => end?.[0])).toEqual([count, count]);
    expect(ends[0]?.[1]).toBeCloseTo((50 + 4999 * 0.001) / 100, 12);
    expect(ends[1]?.[1]).toBeCloseTo((5000 * 0.001) / 100, 12);
  });
});

describe('minmaxSteps', () => {
  it('takes every step where there are few', () => {
    expect(minmaxSteps(steps.gamma, { from: 1, to: 4 }, 10)).toEqual([1, 2, 3]);
  });

  it('keeps every spike of one step, in order', () => {
    const values = new Float64Array(60_000);
    values[31_234] = 7;
    values[44_321] = -3;
    const chosen = minmaxSteps(values, { from: 0, to: values.length }, 1200);
    expect(chosen.length).toBeLessThanOrEqual(1200);
    expect(chosen).toContain(31_234);
    expect(chosen).toContain(44_321);
    expect(chosen).toEqual([...new Set(chosen)].sort((a, b) => a - b));
  });

  it('takes the least and the largest of each stretch', () => {
    const values = Float64Array.of(1, 5, 2, 0, -4, 9, 3, 3);
    expect(minmaxSteps(values, { from: 0, to: 8 }, 4)).toEqual([1, 3, 4, 5]);
  });
});

describe('cornersOf', () => {
  it('are where a value changes, and the ends', () => {
    expect(cornersOf(course.learningRate, all, 100)).toEqual([
      [0, 0.1],
      [1, 0.3],
      [2, 0.4],
      [4, 0.4],
      [5, 0.04],
    ]);
    expect(cornersOf(new Float64Array(9).fill(0.5), { from: 2, to: 8 }, 100)).toEqual([
      [2, 0.5],
      [7, 0.5],
    ]);
  });
});

describe('timelineCsv', () => {
  it('has a line for each step of the range', () => {
    const csv = timelineCsv(steps, course, { from: 1, to: 3 }, 20, (label) => `say "${label}"`);
    expect(csv).toBe(
      'step,epoch,learningRate,class,gamma,share,cos,norm\n' +
        '1,1,0.3,"say ""1""",2,0.1,0.4,2\n' +
        '2,2,0.4,"say ""0""",-1,-0.05,-0.2,3\n',
    );
  });
});

/** Appends the next point of a course, given the sum in γ. */
function courseOf(points: number[][], sum: number): number[][] {
  return [...points, [points.length, sum / 20]];
}
