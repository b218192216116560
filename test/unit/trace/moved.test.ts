import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { TraceReader } from '../../../src-main/trace/trace-reader';
import { TraceWriter } from '../../../src-main/trace/trace-writer';
import { verifyFiles } from '../../../src-main/trace/verify-files';
import { description, differences, recordRun, recordSteps, small, stateAfter } from './fixtures';
import { temporaryFolder } from './temporary-folder';

let folder = '';
let writer: TraceWriter;

beforeEach(async () => {
  folder = join(temporaryFolder(), 'run');
  writer = await TraceWriter.create(folder, description, stateAfter(0), small);
  await recordSteps(writer, { to: 12 });
});

/** Goes on recording; the error that it meets, and the steps told as saved after it. */
async function goOn(): Promise<unknown> {
  const acknowledged: number[] = [];
  const error = await recordSteps(writer, {
    to: 40,
    finish: true,
    onAcknowledged: (steps) => acknowledged.push(steps),
  }).catch((thrown: unknown) => thrown);
  expect([acknowledged, writer.committedSteps]).toEqual([[], 12]);
  await writer.close();
  return error;
}

const told = {
  code: 'run-missing',
  message: expect.stringMatching(/^Recording stopped: .*run was removed, moved or replaced/),
};

async function expectWhole(place: string, steps: number): Promise<void> {
  const reader = await TraceReader.open(place);
  expect(reader.steps.count).toBe(steps);
  expect(await differences(reader)).toEqual([]);
  reader.close();
  expect((await verifyFiles(place)).filter(({ ok }) => !ok)).toEqual([]);
}

describe('a folder that is recorded into', () => {
  it('ends the recording when it is removed', async () => {
    rmSync(folder, { recursive: true });
    expect(await goOn()).toMatchObject(told);
  });

  it('takes what was saved along when it is moved, and goes on when it is back', async () => {
    const elsewhere = `${folder}-moved`;
    renameSync(folder, elsewhere);
    expect(await goOn()).toMatchObject(told);
    await expectWhole(elsewhere, 12);
    renameSync(elsewhere, folder);
    const again = await TraceWriter.open(folder, small);
    expect(again.resume.committedSteps).toBe(12);
    await recordSteps(again, { to: 40, finish: true });
    await again.close();
    await expectWhole(folder, 40);
  });

  it('is not written into any longer where another run has taken its place', async () => {
    rmSync(folder, { recursive: true });
    await recordRun(folder, 30);
    expect(await goOn()).toMatchObject(told);
    await expectWhole(folder, 30);
  });
});
