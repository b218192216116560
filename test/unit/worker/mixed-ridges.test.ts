import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explainedViews } from '../../../src-main/worker/explain-job';
import { computeHandlers } from '../../../src-main/worker/handlers';
import { openRun } from '../../../src-main/worker/open-run';
import { record } from '../../../src-main/worker/record-job';
import type { Explanation, ExplanationTarget } from '../../../src-shared/explanation/explanation';
import { oracleCase } from '../../support/oracle';

/** Ridge plots of runs whose steps mix classes, against each example's γ as the oracle has it. */

const context = { signal: new AbortController().signal, onProgress: () => undefined };
const handlers = computeHandlers();
let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'deltascope-ridges-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function recorded(name: string): Promise<string> {
  const source = join(import.meta.dirname, '../../fixtures/oracle', name);
  const recipe = JSON.parse(readFileSync(join(source, 'recipe.json'), 'utf8')) as object;
  const folder = join(root, name);
  await record({ recipe, folder, bases: [source] }, context);
  return folder;
}

/** The density of Gaussian kernels, straight from its definition. */
function bells(places: readonly number[], grid: ArrayLike<number>): number[] {
  const n = places.length;
  const mean = places.reduce((sum, x) => sum + x, 0) / n;
  const variance = places.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1);
  const width = 0.1 * Math.sqrt(variance);
  return Array.from(grid, (at) =>
    places.reduce(
      (sum, x) =>
        sum + Math.exp(-(((at - x) / width) ** 2) / 2) / (n * width * Math.sqrt(2 * Math.PI)),
      0,
    ),
  );
}

/** What a ridge plot of a layer has to show, from nothing but the oracle's list of examples. */
function wantedRidges({ normSquared, total, examples }: Explanation['layers'][number]) {
  const shares = examples.map(({ label, gamma }) => ({
    label,
    share: gamma / (total ?? normSquared),
  }));
  const sizes = shares.map(({ share }) => Math.abs(share)).sort((a, b) => a - b);
  const reach = Math.max(...sizes);
  const median = sizes[Math.floor(sizes.length / 2)] ?? Number.NaN;
  return {
    reach,
    of: (label: number) => {
      const own = shares.filter((each) => each.label === label).map(({ share }) => share);
      return {
        share: own.reduce((sum, share) => sum + share, 0),
        count: own.length,
        places: own.map((share) => Math.asinh(share / median) / Math.asinh(reach / median)),
      };
    },
  };
}

const questions: [string, ExplanationTarget][] = [
  ['representation', { kind: 'representation' }],
  ['margin', { kind: 'margin', over: [0, 2] }],
];

describe('mini-batches', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await recorded('mini-batches');
  });

  it.each(questions)('have a ridge a class over its examples: %s', async (name, asked) => {
    const oracle = oracleCase('mini-batches').explanations(name, 'update');
    for (const wanted of oracle) {
      const [, a, b] = (wanted.layers[0]?.target ?? '').split(':');
      const target = asked.kind === 'margin' ? { ...asked, over: [Number(a), Number(b)] } : asked;
      const question = { examples: [wanted.example], unit: 'update', top: 1 } as const;
      const run = await openRun(folder);
      const [view] = await explainedViews(
        run,
        { ...question, target: target as ExplanationTarget },
        context,
      );
      run.close();
      expect(view?.ridges.map(({ layer }) => layer)).toEqual(
        wanted.layers.map((layer) => layer.name),
      );
      for (const [l, layer] of wanted.layers.entries()) {
        const plot = view?.ridges[l];
        if (!plot) throw new Error('no ridges');
        const { reach, of } = wantedRidges(layer);
        expect(plot.over).toBe('examples');
        expect(Math.abs(plot.axis.reach - reach)).toBeLessThan(1e-4 * reach);
        expect(plot.predicted).toBe(wanted.example.predicted);
        for (const { label, count, mean, density } of plot.ridges) {
          const own = of(label);
          expect(count).toBe(own.count);
          expect(Math.abs(mean * count - own.share)).toBeLessThan(1e-4 * reach * count);
          const bell = bells(own.places, plot.grid);
          const peak = Math.max(...bell);
          for (const [i, height] of bell.entries()) {
            expect(Math.abs((density[i] as number) - height)).toBeLessThan(0.01 * peak);
          }
        }
        // What is drawn sums to what the shares say of the classes.
        for (const { label, share } of layer.classes) {
          const row = plot.ridges.find((ridge) => ridge.label === label);
          expect((row?.mean ?? Number.NaN) * (row?.count ?? 0)).toBeCloseTo(share, 3);
        }
      }
    }
  });

  it('have, over a range of steps, those of the examples that took part in it', async () => {
    const request = {
      ...({ split: 'test', index: 0, layers: null, unit: 'update', top: 1000 } as const),
      ...{ target: { kind: 'representation' } as const, exampleSplit: null },
      range: { from: 3, to: 5 },
    };
    const asked = { folder, request, picture: null, layer: 'logits' };
    const { ridges, examples } = await handlers['explain.detail'](asked, context);
    const { layers } = await handlers['explain.example'](
      { folder, request: { ...request, range: null } },
      context,
    );
    const took = oracleCase('mini-batches')
      .order.slice(3, 5)
      .flatMap((batch) => Array.from(batch.examples));
    const plot = ridges.find(({ layer }) => layer === 'logits');
    const counted = plot?.ridges.reduce((sum, { count }) => sum + count, 0);
    expect(counted).toBe(new Set(took).size);
    const whole = layers.at(-1)?.normSquared ?? Number.NaN;
    for (const { label, mean, count } of plot?.ridges ?? []) {
      const own = examples.filter((example) => example.label === label);
      const gamma = own.reduce((sum, example) => sum + example.gamma, 0);
      expect(mean * count).toBeCloseTo(gamma / whole, 12);
    }
  });
});

it('by momentum there are ridges of credit, and none where a step is spread evenly', async () => {
  const folder = await recorded('sgd-momentum');
  const run = await openRun(folder);
  const ask = async (unit: 'update' | 'credit') => {
    const [view] = await explainedViews(
      run,
      { examples: [{ split: 'test', index: 0 }], target: { kind: 'representation' }, unit, top: 1 },
      context,
    );
    return view?.ridges.map(({ over }) => over);
  };
  expect(await ask('update')).toEqual([]);
  expect(new Set(await ask('credit'))).toEqual(new Set(['examples']));
  run.close();
});
