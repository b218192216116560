import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { batchLines } from '../../../src-main/trace/exports';
import { TraceReader } from '../../../src-main/trace/trace-reader';
import { record, recordingInto } from '../../../src-main/worker/record-job';
import type { Progress } from '../../../src-shared/contract/progress';

const recipe = {
  data: 'mnist',
  limit: { train: 200, test: 10 },
  model: {
    layers: [
      { type: 'Conv2D', name: 'conv1', filters: 4, kernelSize: 5, strides: 2 },
      { type: 'BatchNormalization', name: 'bn1' },
      { type: 'ReLU', name: 'relu1' },
      { type: 'Flatten', name: 'flatten' },
      { type: 'Dense', name: 'logits', units: 10 },
    ],
  },
  batchSize: 24,
  maxSteps: 14,
  augment: { crop: 3, flip: true },
};

const context = { signal: new AbortController().signal, onProgress: () => undefined };
let root: string;
const folderOf = (name: string): string => join(root, name);
const weightsOf = (name: string): Buffer =>
  readFileSync(join(folderOf(name), 'checkpoints/final.safetensors'));

async function batchesOf(name: string) {
  const reader = await TraceReader.open(folderOf(name));
  const lines = Array.from(batchLines(reader), (line) => {
    const { examples, ghosts } = JSON.parse(line) as { examples: number[]; ghosts: number[] };
    return { examples, ghosts };
  });
  reader.close();
  return lines;
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'deltascope-augmented-'));
  const plain = { ...recipe, augment: null };
  await record({ recipe: plain, folder: folderOf('plain'), bases: [] }, context);
  await record({ recipe, folder: folderOf('augmented'), bases: [] }, context);
}, 60_000);

afterAll(() => rmSync(root, { recursive: true, force: true }));

test('trains on changed images of the same examples', async () => {
  expect(weightsOf('augmented').equals(weightsOf('plain'))).toBe(false);
  expect(await batchesOf('augmented')).toEqual(await batchesOf('plain'));
});

test('goes on after a stop with the same bytes', async () => {
  const folder = folderOf('stopped');
  const onProgress = ({ kind }: Progress): void => {
    if (kind === 'record') recordingInto(folder).stop();
  };
  const first = await record({ recipe, folder, bases: [] }, { ...context, onProgress });
  expect(first.finished).toBe(false);
  await record({ recipe, folder, bases: [] }, context);
  expect(weightsOf('stopped').equals(weightsOf('augmented'))).toBe(true);
});
