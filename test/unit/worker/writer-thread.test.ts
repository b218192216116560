import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ResourceLimits, Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ThreadedWriter } from '../../../src-main/trace/threaded-writer';
import { TraceReader } from '../../../src-main/trace/trace-reader';
import { TraceWriter } from '../../../src-main/trace/trace-writer';
import { writerOn } from '../../../src-main/worker/start-writer';
import writerPath from '../../../src-main/worker/writer-thread?modulePath';
import {
  description,
  differences,
  recordSteps,
  small,
  stateAfter,
  stepRecord,
} from '../trace/fixtures';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'deltascope-writer-'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** A recording of 12 committed steps on a real thread. */
async function recording(resourceLimits: ResourceLimits = {}) {
  const folder = join(root, 'run');
  const worker = new Worker(writerPath, { resourceLimits });
  const thread = writerOn(worker);
  const writer = await ThreadedWriter.create(thread, folder, description, stateAfter(0), small);
  await recordSteps(writer, { to: 12 });
  return { folder, worker, thread, writer };
}

/** Goes on in this very process: the dead thread keeps neither the lock nor a step. */
async function expectIntact(folder: string): Promise<void> {
  const again = await TraceWriter.open(folder, small);
  expect(again.resume.committedSteps).toBe(12);
  await recordSteps(again, { to: 20, finish: true });
  await again.close();
  const reader = await TraceReader.open(folder);
  expect(reader.steps.count).toBe(20);
  expect(await differences(reader)).toEqual([]);
  reader.close();
}

const kills: [string, (worker: Worker) => void, ResourceLimits, RegExp][] = [
  ['is ended', (worker) => void worker.terminate(), {}, /thread that writes has ended/],
  [
    'throws',
    (worker) => worker.postMessage({ type: 'metric' }),
    {},
    /thread that writes failed: .*undefined/,
  ],
  [
    'runs out of memory',
    (worker) => {
      // Numbers that no heap of 16 MB holds.
      const metric = { name: 'x'.repeat(100), step: 0, value: 0.5 };
      for (let i = 0; i < 200_000; i++) worker.postMessage({ type: 'metric', metric });
    },
    { maxOldGenerationSizeMb: 16 },
    /thread that writes failed: .*memory/,
  ],
];

test.each(kills)(
  'a recording whose writing thread %s tells it, and keeps what was saved',
  async (...kill) => {
    const [, end, limits, reason] = kill;
    const { folder, worker, thread, writer } = await recording(limits);
    await writer.append(stepRecord(12));
    // A commit that is under way when the thread dies is told as well.
    end(worker);
    const commit = writer.commit(stateAfter(13)).catch((thrown: unknown) => thrown);
    await thread.lost;
    const error = await writer.append(stepRecord(13)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'write-failed', message: expect.stringMatching(reason) });
    expect(error).toMatchObject({ message: expect.stringContaining('Steps to 12 are saved.') });
    expect(await commit).toBe(error);
    await writer.close();
    await expectIntact(folder);
  },
);
