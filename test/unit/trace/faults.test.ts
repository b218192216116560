import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isRunFolder } from '../../../src-main/trace/run-folder';
import { ThreadedWriter } from '../../../src-main/trace/threaded-writer';
import { TraceReader } from '../../../src-main/trace/trace-reader';
import { TraceWriter } from '../../../src-main/trace/trace-writer';
import { verifyFiles } from '../../../src-main/trace/verify-files';
import { type Fault, FaultyFileSystem } from './faulty-filesystem';
import {
  type AnyWriter,
  description,
  differences,
  type RecordPlan,
  recordRun,
  recordSteps,
  small,
  stateAfter,
  stepRecord,
  writerBehindMessages,
} from './fixtures';
import { temporaryFolder } from './temporary-folder';

const steps = 14;

interface Outcome {
  readonly error: { readonly code?: string; readonly message: string } | null;
  readonly acknowledged: number;
  readonly committed: number;
}

/** How a run is written: by a writer on this thread, or by one behind messages and shared memory. */
type Way = (folder: string, fileSystem: FaultyFileSystem) => Promise<AnyWriter>;

const here: Way = (folder, fileSystem) =>
  TraceWriter.create(folder, description, stateAfter(0), { ...small, fileSystem });

const behindMessages: Way = (folder, fileSystem) => {
  const thread = writerBehindMessages(fileSystem);
  return ThreadedWriter.create(thread, folder, description, stateAfter(0), small);
};

/** Records until it is done or fails, on a file system that may fail. */
async function recordOn(
  folder: string,
  fileSystem: FaultyFileSystem,
  record: (writer: AnyWriter, plan: RecordPlan) => Promise<void> = recordSteps,
  create: Way = here,
): Promise<Outcome> {
  let acknowledged = 0;
  let writer: AnyWriter | undefined;
  let error: Outcome['error'] = null;
  try {
    writer = await create(folder, fileSystem);
    const onAcknowledged = (count: number): void => {
      acknowledged = count;
    };
    await record(writer, { to: steps, finish: true, onAcknowledged });
  } catch (thrown) {
    error = thrown as Error;
    // Every later call tells the same error.
    const again = await writer?.append({} as never).catch((later: unknown) => later);
    if (writer) expect(again).toBe(thrown);
  } finally {
    await writer?.close();
  }
  return { error, acknowledged, committed: writer?.committedSteps ?? 0 };
}

/** Records without ever waiting for a commit, so that several are under way when a call fails. */
async function recordAhead(writer: AnyWriter, plan: RecordPlan): Promise<void> {
  for (let step = 0; step < plan.to; step += 1) {
    await writer.append(stepRecord(step));
    if (step % 2 === 0) continue;
    const count = step + 1;
    writer.commit(stateAfter(count)).then(
      () => plan.onAcknowledged?.(count),
      () => undefined,
    );
  }
  await writer.finish(stateAfter(plan.to));
  plan.onAcknowledged?.(plan.to);
}

/** Goes on with a run on a sound file system and checks that nothing is lost or changed. */
async function expectIntact(folder: string, outcome: Outcome): Promise<void> {
  if (!(await isRunFolder(folder))) {
    expect(outcome.acknowledged).toBe(0);
    const fresh = await TraceWriter.create(folder, description, stateAfter(0), small);
    await recordSteps(fresh, { to: steps, finish: true });
    await fresh.close();
  } else {
    const writer = await TraceWriter.open(folder, small);
    expect(writer.resume.committedSteps).toBe(outcome.committed);
    expect(outcome.committed).toBeGreaterThanOrEqual(outcome.acknowledged);
    expect(filesOf(folder)).toEqual(
      (await verifyFiles(folder))
        .slice(2)
        .map(({ name, reason }) => `${name}${reason}`)
        .sort(),
    );
    if (writer.finishedAt === null) await recordSteps(writer, { to: steps, finish: true });
    await writer.close();
  }
  const reader = await TraceReader.open(folder);
  expect(reader.steps.count).toBe(steps);
  expect(await differences(reader)).toEqual([]);
  reader.close();
}

/** Shards and checkpoints that lie in a run. */
function filesOf(folder: string): string[] {
  const names = ['shards', 'checkpoints'].flatMap((kind) =>
    readdirSync(join(folder, kind)).map((name) => `${kind}/${name}`),
  );
  return names.sort();
}

/** Lets every call of a recording fail in turn. */
async function failEachCall(
  code: string,
  halfWritten: boolean,
  stride: number,
  record?: typeof recordAhead,
  create?: Way,
): Promise<Set<string>> {
  const sound = new FaultyFileSystem(null);
  expect((await recordOn(temporaryFolder(), sound, record, create)).error).toBeNull();
  const failed = new Set<string>();
  for (let at = 0; at < sound.calls.length; at += stride) {
    const folder = join(temporaryFolder(), 'run');
    const fault: Fault = { at, code, halfWritten };
    const fileSystem = new FaultyFileSystem(fault);
    const outcome = await recordOn(folder, fileSystem, record, create);
    if (fileSystem.failed) failed.add(fileSystem.failed);
    expect(fileSystem.retriedSyncs).toBe(0);
    await expectIntact(folder, outcome);
  }
  return failed;
}

describe('a recording whose file system fails', () => {
  it('keeps exactly the acknowledged steps, whichever call fails with EIO', async () => {
    const failed = await failEachCall('EIO', false, 1);
    for (const call of ['create', 'write', 'sync', 'close', 'rename', 'syncFolder']) {
      expect(failed).toContain(call);
    }
  });

  it('keeps exactly the acknowledged steps when the disk fills at any call', async () => {
    await failEachCall('ENOSPC', true, 2);
  });

  it('never commits steps whose forerunners were lost, with several commits under way', async () => {
    await failEachCall('EIO', false, 1, recordAhead);
  });

  it('keeps exactly the acknowledged steps where another thread writes, whichever call fails', async () => {
    const failed = await failEachCall('EIO', false, 1, recordSteps, behindMessages);
    for (const call of ['create', 'write', 'sync', 'close', 'rename', 'syncFolder']) {
      expect(failed).toContain(call);
    }
    await failEachCall('ENOSPC', true, 2, recordAhead, behindMessages);
  });

  it.each([
    [
      'ENOSPC',
      'disk-full',
      /^Recording paused: the disk is full at step \d+\. .* Free \d.* and continue/,
    ],
    ['EROFS', 'no-permission', /^Recording stopped: there is no permission to write in /],
    [
      'EIO',
      'write-failed',
      /^Recording stopped: .* could not be written at step \d+ \(injected EIO\)/,
    ],
  ])('says in words what %s means', async (code, expected, words) => {
    const sound = new FaultyFileSystem(null);
    await recordOn(temporaryFolder(), sound);
    const at = sound.calls.lastIndexOf('write');
    const outcome = await recordOn(temporaryFolder(), new FaultyFileSystem({ at, code }));
    expect(outcome.error?.code).toBe(expected);
    expect(outcome.error?.message).toMatch(words);
    expect(outcome.error?.message).toContain(`Steps to ${outcome.committed} are saved.`);
  });
});

describe('recovery', () => {
  it('removes what no commit knows, and nothing of anybody else', async () => {
    const folder = temporaryFolder();
    await recordRun(folder, 9);
    const before = filesOf(folder);
    for (const stray of ['shards/000099.safetensors', 'checkpoints/000000007.safetensors.tmp']) {
      writeFileSync(join(folder, stray), 'left behind');
    }
    writeFileSync(join(folder, 'shards/notes.txt'), 'mine');
    const writer = await TraceWriter.open(folder, small);
    await writer.close();
    expect(filesOf(folder)).toEqual([...before, 'shards/notes.txt'].sort());
  });
});
