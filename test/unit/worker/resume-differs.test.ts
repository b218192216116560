import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { TraceReader } from '../../../src-main/trace/trace-reader';
import { record } from '../../../src-main/worker/record-job';

/** A run that was stopped after some steps is gone on with, after something has changed. */
const fixtures = join(import.meta.dirname, '../../fixtures/oracle');
let root = '';
let stopped = '';
let folder = '';
const recipe = () => ({
  ...JSON.parse(readFileSync(join(fixtures, 'sgd-momentum/recipe.json'), 'utf8')),
  ...{ data: join(root, 'data.npz'), initialWeights: null, order: null, epochs: 40, maxSteps: 60 },
});

/** @param stops whether after the first step */
function goOn(stops = false, into = folder) {
  const stop = new AbortController();
  const onProgress = (progress: { kind: string }): void => {
    if (stops && progress.kind === 'record') stop.abort();
  };
  return record({ recipe: recipe(), folder: into, bases: [] }, { signal: stop.signal, onProgress });
}

async function stepsOf(run: string): Promise<number> {
  const reader = await TraceReader.open(run);
  reader.close();
  return reader.steps.count;
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'deltascope-differs-'));
  cpSync(join(fixtures, 'sgd-momentum/data.npz'), join(root, 'data.npz'));
  stopped = join(root, 'stopped');
  expect(await goOn(true, stopped)).toEqual({ finished: false });
  expect(await stepsOf(stopped)).toBe(1);
});
afterAll(() => rmSync(root, { recursive: true }));

beforeEach(() => {
  folder = join(mkdtempSync(join(root, 'copy-')), 'run');
  cpSync(stopped, folder, { recursive: true });
});

test('it goes on where nothing has', async () => {
  expect(await goOn()).toEqual({ finished: true });
  expect(await stepsOf(folder)).toBe(60);
});

test('steps that come out otherwise when they are repeated end it, and nothing is changed', async () => {
  const index = new Database(join(folder, 'index.sqlite'));
  // What another number of threads does: the last bit of a loss.
  const loss = index.prepare('SELECT loss FROM steps WHERE step = 0').pluck().get() as number;
  const other = new Float64Array([loss]);
  const bits = new BigInt64Array(other.buffer);
  bits[0] = (bits[0] as bigint) + 1n;
  index.prepare('UPDATE steps SET loss = ? WHERE step = 0').run(other[0]);
  index.close();
  await expect(goOn()).rejects.toMatchObject({
    code: 'run-differs',
    message: expect.stringMatching(/^Step 0 comes out otherwise than it was recorded .*threads/),
  });
  expect(await stepsOf(folder)).toBe(1);
});

test('other data under the same name ends it', async () => {
  const kept = readFileSync(join(root, 'data.npz'));
  cpSync(join(fixtures, 'sgd-decay/data.npz'), join(root, 'data.npz'));
  try {
    await expect(goOn()).rejects.toMatchObject({
      code: 'run-differs',
      message: expect.stringContaining('other data under the same name'),
    });
  } finally {
    writeFileSync(join(root, 'data.npz'), kept);
  }
});

test('another engine ends it', async () => {
  const path = join(folder, 'run.json');
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.replace(/"backend": "\w+"/, '"backend": "webgpu"'));
  await expect(goOn()).rejects.toMatchObject({
    code: 'run-differs',
    message: expect.stringContaining('another engine (webgpu on CPU)'),
  });
});
