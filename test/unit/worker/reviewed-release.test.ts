import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readFrozen } from '../../../src-main/privacy/release-store';
import { openForAggregates } from '../../../src-main/worker/open-run';
import { record } from '../../../src-main/worker/record-job';
import { releaseOf, usualSettings } from '../../../src-main/worker/release-job';
import type { OutputKind } from '../../../src-shared/privacy/release';
import { array, zip } from '../data/files';

/** A run of whose two classes only one has enough test examples: no rule can judge what is left. */

const context = { signal: new AbortController().signal, onProgress: () => undefined };
let root: string;
let folder: string;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'deltascope-reviewed-'));
  folder = join(root, 'run');
  // One column tells the classes apart; of the second class there are 4 test examples.
  const split = (name: string, labels: readonly number[]) => {
    const rows = Float32Array.from(labels.flatMap((label) => [2 * label - 1, 0.5]));
    return [
      { name: `x_${name}.npy`, data: array('<f4', [labels.length, 2], rows) },
      { name: `y_${name}.npy`, data: array('|u1', [labels.length], Uint8Array.from(labels)) },
    ];
  };
  const train = Array.from({ length: 120 }, (_, i) => i % 2);
  const test = Array.from({ length: 104 }, (_, i) => Number(i >= 100));
  const members = [...split('train', train), ...split('test', test)];
  writeFileSync(join(root, 'one-sided.npz'), zip(members));
  const layers = [
    { type: 'Dense', name: 'fc1', units: 4 },
    { type: 'ReLU', name: 'relu1' },
    { type: 'Dense', name: 'logits', units: 2 },
  ];
  const recipe = {
    ...{ data: 'one-sided.npz', model: { layers }, recording: 'class-batches' },
    ...{ batchSize: 24, ghostSamples: 4, epochs: 3, optimizer: { learningRate: 0.1 } },
  };
  await record({ recipe, folder, bases: [root] }, context);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function releaseWith(reviewed: readonly OutputKind[]) {
  const run = await openForAggregates(folder);
  try {
    return await releaseOf(run, await usualSettings(folder), reviewed, context);
  } finally {
    run.close();
  }
}

it('is not released unseen, and says which outputs a review may let out', async () => {
  await expect(releaseWith([])).rejects.toThrow(
    /^No output passes the rules by itself\. .* release --approve accuracy class-shares [a-z -]+\.$/,
  );
  expect(await readFrozen(folder)).toBeNull();
});

it('is released with what was named, and withholds the rest', async () => {
  const { release } = await releaseWith(['accuracy', 'confusion']);
  expect(release.outputs.map(({ kind, check }) => [kind, check.state])).toEqual([
    ['accuracy', 'review'],
  ]);
  const withheld = new Map(release.withheld.map(({ kind, because }) => [kind, because]));
  // It broke a rule: naming it does not let it out.
  expect(withheld.get('confusion')).toBe('failed');
  expect(withheld.get('class-shares')).toBe('rejected');
});
