import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RecordMemory, StepRecord } from '../../../src-main/engine/records';
import { nodeFileSystem } from '../../../src-main/trace/filesystem';
import { ThreadedWriter, type WriterThread } from '../../../src-main/trace/threaded-writer';
import { TraceReader } from '../../../src-main/trace/trace-reader';
import { verifyFiles } from '../../../src-main/trace/verify-files';
import {
  description,
  differences,
  recordSteps,
  small,
  stateAfter,
  stepRecord,
  weightsAfter,
  writerBehindMessages,
} from './fixtures';
import { temporaryFolder } from './temporary-folder';

/**
 * A step whose numbers lie in the sink's memory, as a trainer puts them there; those of odd steps in
 * another order.
 */
function stepIn(memory: RecordMemory, step: number): StepRecord {
  const record = stepRecord(step);
  memory.begin();
  const placed = (data: Float32Array): Float32Array => {
    const place = memory.take(data.byteLength);
    if (!place) return data;
    const values = new Float32Array(place.buffer, place.offset, data.length);
    values.set(data);
    return values;
  };
  const parts = record.parts.map((part) => {
    const data = placed(part.data);
    return { ...part, data, encoded: { codec: 'dense', values: data } as const };
  });
  const sideState = record.sideState.map((state) => ({ ...state, data: placed(state.data) }));
  return { ...record, parts: step % 2 === 1 ? parts.reverse() : parts, sideState };
}

function create(folder: string, thread: WriterThread): Promise<ThreadedWriter> {
  return ThreadedWriter.create(thread, folder, description, stateAfter(0), small);
}

async function expectWhole(folder: string, steps: number): Promise<void> {
  const reader = await TraceReader.open(folder);
  expect(reader.steps.count).toBe(steps);
  expect(await differences(reader)).toEqual([]);
  reader.close();
  expect((await verifyFiles(folder)).filter(({ ok }) => !ok)).toEqual([]);
}

describe('a run that another thread writes', () => {
  it('holds what lay in shared memory, though it is written over at once', async () => {
    const folder = join(temporaryFolder(), 'run');
    const writer = await create(folder, writerBehindMessages(nodeFileSystem));
    const steps = 40;
    for (let step = 0; step < steps; step += 1) {
      await writer.append(stepIn(writer.memory, step));
      // What a later step takes and never hands on, like one that is repeated, harms nothing.
      writer.memory.begin();
      const place = writer.memory.take(1132);
      if (place) new Uint8Array(place.buffer, place.offset, 1132).fill(255);
    }
    await writer.finish(stateAfter(steps));
    expect(writer.committedSteps).toBe(steps);
    await writer.close();
    await expectWhole(folder, steps);
  });

  it('lets the trainer wait while the ring is full, and go on when it is emptied', async () => {
    const folder = join(temporaryFolder(), 'run');
    let goOn: () => void = () => undefined;
    const halted = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    // A disk that takes no block before it is let: the thread stops at its first full block.
    const slow = {
      ...nodeFileSystem,
      create: async (path: string) => {
        if (path.includes('shards')) await halted;
        return nodeFileSystem.create(path);
      },
    };
    const writer = await create(folder, writerBehindMessages(slow));
    let taken = 0;
    const recording = (async () => {
      // Each step counts with a megabyte, of which the ring has 16.
      for (; taken < 30; taken += 1) {
        const big = { ...stepRecord(taken), sideState: [ballast] };
        await writer.append(big);
      }
    })();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(taken).toBeGreaterThan(13);
    expect(taken).toBeLessThan(17);
    goOn();
    await recording;
    await writer.finish(stateAfter(30));
    await writer.close();
    await expectWhole(folder, 30);
  });

  it('is gone on with from its last commit, with the weights that were sent', async () => {
    const folder = join(temporaryFolder(), 'run');
    const first = await create(folder, writerBehindMessages(nodeFileSystem));
    await recordSteps(first, { to: 25 });
    await first.close();
    const second = await ThreadedWriter.open(writerBehindMessages(nodeFileSystem), folder, small);
    expect(second.resume.committedSteps).toBe(25);
    const { step, sampler, tensors } = second.resume.checkpoint;
    expect(step).toBeGreaterThan(0);
    expect(tensors).toEqual(weightsAfter(step));
    expect(sampler).toEqual(stateAfter(step).sampler);
    await recordSteps(second, { to: 40, finish: true });
    await second.close();
    await expectWhole(folder, 40);
  });

  it('stops with one sentence that tells what is saved when its thread ends', async () => {
    const folder = join(temporaryFolder(), 'run');
    let end: (reason: string) => void = () => undefined;
    const thread = writerBehindMessages(nodeFileSystem);
    const lost = new Promise<string>((resolve) => {
      end = resolve;
    });
    const writer = await create(folder, { ...thread, lost });
    await recordSteps(writer, { to: 7 });
    end('the thread that writes has ended');
    await lost;
    const error = await writer.append(stepRecord(7)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'write-failed',
      message: expect.stringMatching(/thread that writes has ended.* Steps to 7 are saved\./),
    });
    await expect(writer.commit(stateAfter(8))).rejects.toBe(error);
    await writer.close();
  });

  it('tells the errors of creating and opening as the writer itself does', async () => {
    const folder = temporaryFolder();
    const open = ThreadedWriter.open(writerBehindMessages(nodeFileSystem), folder, small);
    await expect(open).rejects.toMatchObject({ code: 'run-not-a-run' });
    const writer = await create(join(folder, 'run'), writerBehindMessages(nodeFileSystem));
    const other = writerBehindMessages(nodeFileSystem);
    const again = ThreadedWriter.open(other, join(folder, 'run'), small);
    await expect(again).rejects.toMatchObject({ code: 'run-locked' });
    await writer.close();
  });
});

const ballast = { name: 'ballast', shape: [1 << 18], data: new Float32Array(1 << 18) };
