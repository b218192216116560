import { describe, expect, it } from 'vitest';
import { Publisher } from '../../../src-main/privacy/publisher';
import { systemRandom } from '../../../src-main/privacy/secret-random';
import { bandwidthFactor, weightedDensity } from '../../../src-shared/explanation/ridge';
import { allowedBins, fixedEdges } from '../../../src-shared/privacy/rules';
import { Random } from '../../../src-shared/random';

const random = Random.seeded(5, 'points');
const grid = Float64Array.from({ length: 257 }, (_, i) => -1 + i / 128);

/** A histogram of one cosine of each example, as it is published. */
function published(points: readonly number[]) {
  const bins = allowedBins(points.length);
  const counts = new Array<number>(bins).fill(0);
  for (const x of points) {
    const bin = Math.min(bins - 1, Math.floor(((x + 1) / 2) * bins));
    counts[bin] = (counts[bin] as number) + 1;
  }
  const publisher = new Publisher({ atLeast: 10 }, null, systemRandom);
  const broken = counts.map((count) =>
    publisher.broken({ asked: count, contributions: [new Array(count).fill(1)] }),
  );
  return { edges: fixedEdges(bins), shares: publisher.shares(counts, 1, broken), width: 2 / bins };
}

/**
 * Takes a Gaussian mixture of narrow kernels apart: each point is a peak, placed by the parabola
 * through the logarithms around it.
 */
function peaks(density: Float64Array): number[] {
  const found: number[] = [];
  for (let g = 1; g < density.length - 1; g++) {
    const [left, here, right] = [g - 1, g, g + 1].map((at) => Math.log(density[at] as number));
    if (!((here as number) > (left as number) && (here as number) >= (right as number))) continue;
    const bend = (left as number) - 2 * (here as number) + (right as number);
    const shift = ((left as number) - (right as number)) / (2 * bend);
    found.push((grid[g] as number) + shift / 128);
  }
  return found;
}

describe('taking a density apart', () => {
  it('gives the points of a kernel density back: the attack works', () => {
    const points = Array.from({ length: 10 }, (_, i) => -0.9 + 0.2 * i + 0.05 * random.uniform());
    const density = weightedDensity(
      points,
      points.map(() => 1),
      grid,
      bandwidthFactor,
    );
    const found = peaks(density);
    expect(found).toHaveLength(10);
    for (const [i, x] of points.entries()) {
      expect(Math.abs((found[i] as number) - x)).toBeLessThan(0.01);
    }
  });

  it('can tell points of a published histogram no better than its bins are wide', () => {
    // Of 60 points that are told apart by the thousandth, one moves through the whole of its bin.
    const points = Array.from({ length: 60 }, () => 0.1 * random.normal()).map((x) =>
      Math.min(0.999, Math.max(-0.999, x)),
    );
    const { edges, shares, width } = published(points);
    expect(shares.filter((share) => typeof share === 'number').length).toBeGreaterThan(1);
    for (const [i, x] of points.entries()) {
      const from = edges.findLast((edge) => edge <= x) as number;
      for (const at of [0.001, 0.5, 0.999]) {
        const moved = points.with(i, from + at * width);
        expect(published(moved).shares).toEqual(shares);
      }
    }
  });

  it('shows no bin that fewer than ten fall into', () => {
    const points = [...new Array(30).fill(0.05), ...new Array(9).fill(0.55), -0.95];
    const { shares } = published(points);
    const shown = shares.filter((share) => typeof share === 'number');
    expect(shown).toEqual([1]);
  });
});
