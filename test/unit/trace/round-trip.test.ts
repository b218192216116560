import { readSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { TraceReader } from '../../../src-main/trace/trace-reader';
import { TraceWriter } from '../../../src-main/trace/trace-writer';
import {
  description,
  differences,
  recordRun,
  recordSteps,
  sameFloats,
  small,
  stateAfter,
  stepRecord,
  weightsAfter,
} from './fixtures';
import { temporaryFolder } from './temporary-folder';

describe('a finished run', () => {
  it('gives back every number of every step', async () => {
    const folder = temporaryFolder();
    await recordRun(folder);
    const reader = await TraceReader.open(folder, { batchBytes: 8192 });
    expect(reader.description).toEqual(description);
    expect(reader.finishedAt).not.toBeNull();
    expect(reader.steps.count).toBe(40);
    expect(await differences(reader)).toEqual([]);
    expect(reader.steps.loss[3]).toBe(0.5);
    expect([...reader.steps.label.slice(0, 4)]).toEqual([0, 1, 2, 0]);
    expect([...reader.examplesOf(7).examples]).toEqual([70, 71, 72, 73]);
    expect([...reader.examplesOf(7).ghosts]).toEqual([7, 8]);
    expect([...reader.allExamples()]).toHaveLength(40);
    expect(reader.result('testAccuracy')).toBe(0.9);
    reader.close();
  });

  it('tells where every number lies, the files of several shards open at once', async () => {
    const folder = temporaryFolder();
    await recordRun(folder);
    const reader = await TraceReader.open(folder);
    const windows = reader.locate({ layers: ['fc1', 'fc2'], parts: ['gradient'] });
    const files = new Set<number>();
    let parts = 0;
    for await (const window of windows ?? []) {
      for (const { step, layer, file, values, shape } of window) {
        const bytes = Buffer.alloc(shape.reduce((product, side) => product * side, 4));
        readSync(file, bytes, 0, bytes.length, values);
        const found = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
        const wanted = stepRecord(step).parts.find((part) => part.layer === layer);
        expect(sameFloats(found, wanted?.data as Float32Array)).toBe(true);
        files.add(file);
        parts += 1;
      }
    }
    expect(parts).toBe(80);
    expect(files.size).toBeGreaterThan(5);
    reader.close();
  });

  it('gives back the weights at both ends and the side state of a step', async () => {
    const folder = temporaryFolder();
    await recordRun(folder);
    const reader = await TraceReader.open(folder);
    const plain = (step: number) => weightsAfter(step).slice(0, 2);
    expect(await reader.weights('initial')).toEqual(plain(0));
    expect(await reader.weights('final')).toEqual(plain(40));
    const side = await reader.sideState(11);
    expect(side.map(({ name }) => name)).toEqual(['bn1/movingMean']);
    expect(sameFloats(side[0]!.data, stepRecord(11).sideState[0]!.data)).toBe(true);
    reader.close();
  });

  it('reads one layer and a range of steps alone', async () => {
    const folder = temporaryFolder();
    await recordRun(folder);
    const reader = await TraceReader.open(folder, { batchBytes: 4096 });
    const steps: number[] = [];
    const query = { layers: ['fc2'], parts: ['gradient'], from: 5, to: 9 } as const;
    for await (const parts of reader.scan(query)) {
      for (const { step, layer, shape } of parts) {
        expect(layer).toBe('fc2');
        expect(shape).toEqual([11, 3]);
        steps.push(step);
      }
    }
    expect(steps).toEqual([5, 6, 7, 8]);
    reader.close();
  });
});

describe('an unfinished run', () => {
  it('can be read while it is recorded, up to its last commit', async () => {
    const folder = temporaryFolder();
    const writer = await TraceWriter.create(folder, description, stateAfter(0), small);
    await recordSteps(writer, { to: 10 });
    await writer.append(stepRecord(10));
    const reader = await TraceReader.open(folder);
    expect(reader.steps.count).toBe(10);
    expect(await differences(reader)).toEqual([]);
    await expect(reader.weights('final')).rejects.toMatchObject({ code: 'run-unfinished' });
    reader.close();
    await writer.close();
  });

  it('goes on from its last commit, with a checkpoint no later than it', async () => {
    const folder = temporaryFolder();
    const first = await TraceWriter.create(folder, description, stateAfter(0), small);
    await recordSteps(first, { to: 17 });
    await first.append(stepRecord(17));
    await first.close();
    const second = await TraceWriter.open(folder, small);
    expect(second.resume.committedSteps).toBe(17);
    const { step, sampler, tensors } = second.resume.checkpoint;
    expect(step).toBeLessThanOrEqual(17);
    expect(step).toBeGreaterThan(0);
    expect(sampler).toEqual({ place: step, random: [1, 2, step] });
    expect(tensors).toEqual(weightsAfter(step));
    await recordSteps(second, { to: 40, finish: true });
    await second.close();
    const reader = await TraceReader.open(folder);
    expect(reader.steps.count).toBe(40);
    expect(await differences(reader)).toEqual([]);
    expect(reader.checkpoints.length).toBeLessThanOrEqual(4);
    reader.close();
  });
});

describe('a scan', () => {
  it('stops when it is cancelled', async () => {
    const folder = temporaryFolder();
    await recordRun(folder);
    const reader = await TraceReader.open(folder, { batchBytes: 4096 });
    const controller = new AbortController();
    const query = { layers: ['fc1'], parts: ['gradient'], signal: controller.signal } as const;
    const read = async (): Promise<void> => {
      for await (const _ of reader.scan(query)) controller.abort();
    };
    await expect(read()).rejects.toMatchObject({ code: 'cancelled' });
    reader.close();
  });
});
