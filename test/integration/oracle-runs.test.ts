import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Explanation, LayerExplanation } from '../../src-shared/explanation/explanation';
import { oracleFolder, readJson, scratch, succeed } from '../support/command-line';
import { readSafetensors, type StoredTensor } from '../support/safetensors-file';

/**
 * The whole way through the command line, from recipe to exports and explanation, against trainings
 * that were done and explained elsewhere. Tolerances are four times what the oracle's own fp32
 * training is off by (see its README).
 */
const tolerance = { updates: 8e-5, weights: 8e-6, gamma: 2.4e-5, cos: 1.2e-4, share: 8e-5 };

/** Targets and units; the engine's own tests go through all of them. */
const cases: [string, string[], string[]][] = [
  ['conv-ghost-flow', ['representation', 'learned', 'margin'], ['update']],
  ['dense-ghost-momentum-decay', ['representation', 'margin'], ['update', 'credit']],
  ['mini-batches', ['representation', 'margin'], ['update']],
  ['single', ['representation'], ['update']],
  ['sgd-nesterov-decay-decoupled', ['learned'], ['credit']],
  ['adamw', ['learned'], ['update']],
  ['sam', ['margin'], ['update']],
];

describe.each(cases)('%s', (name, targets, units) => {
  const source = oracleFolder(name);
  let folder: string;
  let run: string;
  let layers: string[];
  let steps: number;

  beforeAll(async () => {
    folder = scratch();
    run = join(folder, 'run');
    // The recipe's paths are relative to its own folder, not to where the caller stands.
    await succeed(['record', join(source, 'recipe.json'), '--into', 'run'], { cwd: folder });
    const { tracedLayers } = readJson<{ tracedLayers: { name: string }[] }>(join(run, 'run.json'));
    layers = tracedLayers.map((layer) => layer.name);
    steps = readFileSync(join(source, 'order.jsonl'), 'utf8').trim().split('\n').length;
  });

  it('exports the batches that it was told to take', async () => {
    const out = join(folder, 'batches.jsonl');
    await succeed(['export', 'batches', run, '--out', out]);
    const rows = (path: string) =>
      readFileSync(path, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown> & { loss: number });
    const [found, wanted] = [rows(out), rows(join(source, 'order.jsonl'))];
    expect(found.length).toBe(steps);
    for (const [t, row] of found.entries()) {
      const { loss, ...order } = wanted[t] as (typeof wanted)[number];
      expect(row).toMatchObject(order);
      expect(Object.keys(row).sort()).toEqual(
        ['step', 'label', 'examples', 'ghosts', 'learningRate', 'loss'].sort(),
      );
      expect(Math.abs(row.loss - loss)).toBeLessThan(1e-5 * (1 + loss));
    }
  });

  it('exports the updates of every layer, and weights that differ by them', async () => {
    const wanted = readSafetensors(join(source, 'updates.safetensors'));
    const updates = new Map<string, Map<string, StoredTensor>>();
    for (const layer of layers) {
      const out = join(folder, `updates-${layer}.safetensors`);
      await succeed([
        ...['export', 'updates', run, '--layer', layer, '--steps', `0:${steps}`, '--out', out],
      ]);
      const found = readSafetensors(out);
      expect([...found.keys()]).toEqual(Array.from({ length: steps }, (_, t) => String(t)));
      for (const [step, { shape, data }] of found) {
        const { data: exact, shape: exactShape } = wanted.get(`${layer}/${step}`) as StoredTensor;
        expect(shape).toEqual(exactShape);
        expect(difference(data, exact)).toBeLessThan(tolerance.updates * largest(exact));
      }
      updates.set(layer, found);
    }
    const weights = new Map<number, Map<string, StoredTensor>>();
    // Every step for one case, the ends for the others, to save the starts.
    const places =
      name === 'conv-ghost-flow' ? Array.from({ length: steps + 1 }, (_, t) => t) : [0, steps];
    for (const step of places) {
      const out = join(folder, `weights-${step}.safetensors`);
      await succeed(['export', 'weights', run, '--step', String(step), '--out', out]);
      weights.set(step, readSafetensors(out));
    }
    const start = weights.get(0) as Map<string, StoredTensor>;
    for (const [step, at] of weights) {
      expect([...at.keys()].sort()).toEqual([...start.keys()].sort());
      for (const layer of layers) {
        const sum = flattened(start, layer).slice();
        for (let t = 0; t < step; t++) {
          const update = updates.get(layer)?.get(String(t));
          for (let i = 0; i < sum.length; i++) {
            sum[i] = (sum[i] as number) + (update?.data[i] as number);
          }
        }
        // Only the rounding of each exported difference is left.
        expect(difference(flattened(at, layer), sum)).toBeLessThan(2e-7 * (1 + step));
      }
    }
    const final = weights.get(steps) as Map<string, StoredTensor>;
    const wantedFinal = readSafetensors(join(source, 'final.safetensors'));
    expect([...final.keys()].sort()).toEqual([...wantedFinal.keys()].sort());
    for (const [parameter, { shape, data }] of wantedFinal) {
      const found = final.get(parameter) as StoredTensor;
      expect(found.shape).toEqual(shape);
      expect(difference(found.data, data)).toBeLessThan(tolerance.weights * (1 + largest(data)));
    }
  });

  for (const unit of units) {
    for (const target of targets) {
      it(`explains ${target} by ${unit}, all examples at once`, async () => {
        const wanted = readJson<Explanation[]>(join(source, `explanation.${target}.${unit}.json`));
        for (const [words, group] of groupsByTarget(wanted)) {
          const found = JSON.parse(
            await succeed([
              ...['explain', run, '--layer', 'all', '--unit', unit, '--target', words],
              ...['--top', '100000', '--json', '-', '--example'],
              ...group.map(({ example }) => `${example.split}:${example.index}`),
            ]),
          ) as Explanation[];
          expect(found.length).toBe(group.length);
          for (const [i, explanation] of group.entries()) compare(found[i], explanation);
        }
      });
    }
  }
});

/** One command explains examples for one target; a margin differs from example to example. */
function groupsByTarget(wanted: readonly Explanation[]): Map<string, Explanation[]> {
  const groups = new Map<string, Explanation[]>();
  for (const each of wanted) {
    const target = each.layers[0]?.target ?? '';
    groups.set(target, [...(groups.get(target) ?? []), each]);
  }
  return groups;
}

function compare(found: Explanation | undefined, wanted: Explanation): void {
  expect(found?.run).toBe('run');
  const { probabilities, ...example } = wanted.example;
  expect(found?.example).toMatchObject(example);
  expect(difference(found?.example.probabilities ?? [], probabilities)).toBeLessThan(1e-4);
  expect(found?.layers.map(({ name }) => name)).toEqual(wanted.layers.map(({ name }) => name));
  for (const [l, layer] of wanted.layers.entries()) {
    compareLayer(found?.layers[l] as LayerExplanation, layer);
  }
}

function compareLayer(ours: LayerExplanation, theirs: LayerExplanation): void {
  const gamma = Float64Array.from(theirs.steps.gamma);
  const total = theirs.total ?? theirs.normSquared;
  const sum = gamma.reduce((a, b) => a + Math.abs(b), 0);
  const share = tolerance.share * Math.max(1, sum / Math.abs(total));
  expect([ours.kind, ours.unit, ours.target, ours.exampleSplit]).toEqual([
    theirs.kind,
    theirs.unit,
    theirs.target,
    theirs.exampleSplit,
  ]);
  const ourTotal = ours.total ?? ours.normSquared;
  expect(Math.abs(ourTotal - total)).toBeLessThan(1e-4 * Math.max(1, Math.abs(total)));
  expect(difference(ours.steps.gamma, gamma)).toBeLessThan(tolerance.gamma * largest(gamma));
  expect(difference(ours.steps.cos, theirs.steps.cos)).toBeLessThan(tolerance.cos);
  expect(difference(ours.steps.norm, theirs.steps.norm)).toBeLessThan(
    tolerance.updates * largest(theirs.steps.norm),
  );
  expect(ours.steps.label).toEqual(theirs.steps.label);
  expect(Math.abs(ours.initializationShare - theirs.initializationShare)).toBeLessThan(share);
  expect(Math.abs(ours.ghostShare - theirs.ghostShare)).toBeLessThan(share);
  expect(ours.residual).toBeLessThan(1e-5);
  expect(ours.classes.map(({ label, steps }) => [label, steps])).toEqual(
    theirs.classes.map(({ label, steps }) => [label, steps]),
  );
  for (const [c, wanted] of theirs.classes.entries()) {
    expect(Math.abs((ours.classes[c]?.share ?? Number.NaN) - wanted.share)).toBeLessThan(share);
  }
  const byIndex = new Map(ours.examples.map((example) => [example.index, example]));
  expect(byIndex.size).toBe(theirs.examples.length);
  for (const { index, label, gamma: part } of theirs.examples) {
    expect(byIndex.get(index)?.label).toBe(label);
    expect(Math.abs((byIndex.get(index)?.gamma ?? Number.NaN) - part)).toBeLessThan(
      share * Math.abs(total),
    );
  }
}

/** A traced layer's weights as one matrix, the bias last. */
function flattened(weights: ReadonlyMap<string, StoredTensor>, layer: string): Float64Array {
  const parts = [weights.get(`${layer}/kernel`), weights.get(`${layer}/bias`)];
  return Float64Array.from(parts.flatMap((part) => Array.from(part?.data ?? [])));
}

function largest(values: ArrayLike<number>): number {
  return Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 1e-12);
}

function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce(
    (most, value, i) => Math.max(most, Math.abs(value - (b[i] as number))),
    0,
  );
}
