import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TraceReader } from '../../../src-main/trace/trace-reader';
import { TraceWriter } from '../../../src-main/trace/trace-writer';
import { verifyFiles } from '../../../src-main/trace/verify-files';
import { Random } from '../../../src-shared/random';
import { builtProgram } from './built-child';
import { type CallFault, canFailCalls, type FailingCalls, failingCalls } from './failing-calls';
import { description, differences, recordSteps, small, stateAfter } from './fixtures';
import { temporaryFolder } from './temporary-folder';

const steps = 30;
/** Every how manyth call is tried, from another one each time. */
const stride = Number(process.env.DELTASCOPE_FAULT_STRIDE ?? 19);
const random = Random.seeded(Date.now(), 'faults');

const program = builtProgram('recording-child');
let folder = '';
let calls: FailingCalls;

describe.runIf(canFailCalls)('a recording whose index can’t be written', () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'deltascope-calls-'));
    calls = failingCalls(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Records in a process of its own in which a call fails. */
  async function recordWith(fault: CallFault) {
    const run = join(temporaryFolder(), 'run');
    const first = await TraceWriter.create(run, description, stateAfter(0), small);
    await first.close();
    const env = calls.environment(fault);
    const { stdout, stderr } = spawnSync(process.execPath, [program, run, String(steps)], { env });
    const acknowledged = Number(String(stdout).trim().split('\n').at(-1));
    return { run, acknowledged, error: String(stderr), outcome: calls.outcome() };
  }

  async function expectIntact(run: string, acknowledged: number): Promise<void> {
    const writer = await TraceWriter.open(run, small);
    const { committedSteps } = writer.resume;
    expect(committedSteps).toBeGreaterThanOrEqual(acknowledged);
    if (writer.finishedAt === null) await recordSteps(writer, { to: steps, finish: true });
    await writer.close();
    const reader = await TraceReader.open(run);
    expect(reader.steps.count).toBe(steps);
    expect(await differences(reader)).toEqual([]);
    reader.close();
    expect((await verifyFiles(run)).filter(({ ok }) => !ok)).toEqual([]);
  }

  it.each([
    ['EIO', false, /could not be written .*I\/O error\)\./],
    ['EIO', true, /could not be written .*I\/O error\)\./],
    ['ENOSPC', true, /^(Recording paused: the disk is full|The disk is full)/],
  ] as const)(
    'by %s (lasting: %s) keeps every acknowledged step and says so',
    {
      timeout: 600_000,
    },
    async (code, lasts, words) => {
      const sound = await recordWith({ at: -1, code });
      expect(sound).toMatchObject({ acknowledged: steps, error: '' });
      const total = Number(sound.outcome);
      expect(total).toBeGreaterThan(20);
      let failures = 0;
      for (let at = random.integer(stride); at < total; at += stride) {
        const { run, acknowledged, error, outcome } = await recordWith({ at, code, lasts });
        // How many calls there are depends on how the commits fall; the last may never come.
        if (/^\D/.test(outcome)) failures += 1;
        // What is met after the last commit is no recording's loss; of a sync, and of a log's shared
        // memory, SQLite tells no reason.
        const isUntold = outcome.endsWith('-shm') || (code === 'ENOSPC' && /^sync/.test(outcome));
        const isSilent = acknowledged === steps || isUntold;
        if (!isSilent) expect(error, `call ${at}: ${outcome}`).toMatch(words);
        await expectIntact(run, acknowledged);
      }
      expect(failures).toBeGreaterThan(0);
    },
  );
});
