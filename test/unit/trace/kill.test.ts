import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isBeingRecorded } from '../../../src-main/trace/run-lock';
import { TraceReader } from '../../../src-main/trace/trace-reader';
import { TraceWriter } from '../../../src-main/trace/trace-writer';
import { Random } from '../../../src-shared/random';
import { builtProgram, endless } from './built-child';
import { description, differences, small, stateAfter, weightsAfter } from './fixtures';
import { temporaryFolder } from './temporary-folder';

const program = builtProgram('recording-child');
const kills = Number(process.env.DELTASCOPE_KILLS ?? 10);

interface ChildEnd {
  /** Steps that the child was told are durable, as far as its last line came out. */
  readonly acknowledged: number;
  readonly errors: string;
}

/** Lets a child record and kills it `milliseconds` after its first acknowledged commit. */
function recordAndKill(folder: string, milliseconds: number): Promise<ChildEnd> {
  const child = spawn(process.execPath, [program, folder, endless]);
  let output = '';
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += String(chunk);
  });
  child.stdout.on('data', (chunk) => {
    if (output === '') setTimeout(() => child.kill('SIGKILL'), milliseconds);
    output += String(chunk);
  });
  return new Promise((done) => {
    child.on('close', () => {
      const lines = output
        .slice(0, output.lastIndexOf('\n') + 1)
        .trim()
        .split('\n');
      done({ acknowledged: Number(lines.at(-1)), errors });
    });
  });
}

describe('a recording that is killed', () => {
  it(`loses no acknowledged step at ${kills} random moments`, {
    timeout: 60_000 + kills * 3000,
  }, async () => {
    const folder = join(temporaryFolder(), 'run');
    const first = await TraceWriter.create(folder, description, stateAfter(0), small);
    await first.close();
    const random = Random.seeded(Date.now(), 'kills');
    let before = 0;
    for (let kill = 0; kill < kills; kill += 1) {
      const { acknowledged, errors } = await recordAndKill(folder, random.uniform() * 60);
      expect(errors).toBe('');
      expect(isBeingRecorded(folder)).toBe(false);
      const writer = await TraceWriter.open(folder, small);
      const { committedSteps, checkpoint } = writer.resume;
      await writer.close();
      expect(committedSteps).toBeGreaterThanOrEqual(acknowledged);
      expect(acknowledged).toBeGreaterThan(before);
      expect(checkpoint.tensors).toEqual(weightsAfter(checkpoint.step));
      expect(checkpoint.sampler).toEqual(stateAfter(checkpoint.step).sampler);
      before = committedSteps;
    }
    const reader = await TraceReader.open(folder);
    expect(reader.steps.count).toBe(before);
    expect(await differences(reader)).toEqual([]);
    reader.close();
  });

  it('keeps a second process out while it lives, and readers not', async () => {
    const folder = join(temporaryFolder(), 'run');
    const first = await TraceWriter.create(folder, description, stateAfter(0), small);
    await first.close();
    const child = spawn(process.execPath, [program, folder, endless]);
    const ended = new Promise((done) => child.on('close', done));
    try {
      await new Promise((done) => child.stdout.once('data', done));
      expect(isBeingRecorded(folder)).toBe(true);
      await expect(TraceWriter.open(folder)).rejects.toMatchObject({ code: 'run-locked' });
      const reader = await TraceReader.open(folder);
      expect(reader.steps.count).toBeGreaterThan(0);
      expect(await differences(reader)).toEqual([]);
      reader.close();
    } finally {
      child.kill('SIGKILL');
    }
    await ended;
    const writer = await TraceWriter.open(folder, small);
    await writer.close();
  });
});
