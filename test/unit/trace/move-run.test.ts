import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { clearEmptied } from '../../../src-main/trace/marked-folder';
import { copyRun, removeCopied } from '../../../src-main/trace/move-run';
import { lockRun } from '../../../src-main/trace/run-lock';
import { TraceReader } from '../../../src-main/trace/trace-reader';
import { TraceWriter } from '../../../src-main/trace/trace-writer';
import { verifyFiles } from '../../../src-main/trace/verify-files';
import { FaultyFileSystem } from './faulty-filesystem';
import { description, differences, recordSteps, small, stateAfter, stepRecord } from './fixtures';
import { temporaryFolder } from './temporary-folder';

const steps = 6;

/** A run that stopped after some steps, with what a crash leaves behind and a file of its owner's. */
async function stoppedRun(): Promise<{ from: string; to: string }> {
  const root = temporaryFolder();
  const [from, disk] = [join(root, 'run'), join(root, 'other disk')];
  const writer = await TraceWriter.create(from, description, stateAfter(0), small);
  await recordSteps(writer, { to: steps });
  await writer.append(stepRecord(steps));
  await writer.close();
  mkdirSync(join(from, 'privacy'));
  writeFileSync(join(from, 'privacy', 'policy.json'), '{"mode": "aggregates"}');
  writeFileSync(join(from, 'shards', '000999.safetensors'), 'of no commit');
  mkdirSync(disk);
  return { from, to: join(disk, 'run') };
}

async function isWhole(folder: string): Promise<boolean> {
  if (!existsSync(join(folder, 'run.json'))) return false;
  const verdicts = await verifyFiles(folder);
  const reader = await TraceReader.open(folder);
  const { count } = reader.steps;
  const wrong = await differences(reader);
  reader.close();
  return verdicts.every(({ ok }) => ok) && count === steps && wrong.length === 0;
}

/** A run that has been copied and removed where it was: how many calls that took, and what it was. */
async function removedRun() {
  const { from, to } = await stoppedRun();
  await copyRun(from, to);
  const kept = `${from}.kept`;
  cpSync(from, kept, { recursive: true });
  const counting = new FaultyFileSystem(null);
  await removeCopied(from, to, counting);
  return { from, to, kept, calls: counting.calls.length };
}

it('copies what the last commit holds, and the copy goes on to the same end', async () => {
  const { from, to } = await stoppedRun();
  const told: number[] = [];
  await copyRun(from, to, { onBytes: (copied, of) => told.push(copied / of) });
  expect(await isWhole(from)).toBe(true);
  expect(await isWhole(to)).toBe(true);
  expect(told.at(-1)).toBe(1);
  expect(readdirSync(join(to, 'shards'))).not.toContain('000999.safetensors');
  expect(readFileSync(join(to, 'privacy', 'policy.json'), 'utf8')).toBe('{"mode": "aggregates"}');

  await removeCopied(from, to);
  expect(readdirSync(join(from, '..'))).toEqual(['other disk']);
  const writer = await TraceWriter.open(to, small);
  expect(writer.resume.committedSteps).toBe(steps);
  await recordSteps(writer, { to: 40, finish: true });
  await writer.close();
  const reader = await TraceReader.open(to);
  expect([reader.steps.count, await differences(reader)]).toEqual([40, []]);
  reader.close();
});

it('leaves a whole run, whichever call fails', async () => {
  const { from, to } = await stoppedRun();
  const counting = new FaultyFileSystem(null);
  await copyRun(from, `${to}-counted`, { fileSystem: counting });
  const count = counting.calls.length;
  expect(count).toBeGreaterThan(50);
  for (let at = 0; at < count; at++) {
    const target = `${to}-${at}`;
    const fileSystem = new FaultyFileSystem({ at, code: 'ENOSPC', halfWritten: true });
    const moved = await copyRun(from, target, { fileSystem }).then(
      () => true,
      () => false,
    );
    const what = `call ${at}, ${fileSystem.failed}`;
    expect(existsSync(`${target}.moving`), what).toBe(false);
    // Only the last call, which makes the name last, comes when the copy is a run already.
    expect(existsSync(target), what).toBe(moved || at === count - 1);
  }
  expect(await isWhole(from)).toBe(true);
  expect(await isWhole(`${to}-${count - 1}`)).toBe(true);
});

it('removes the run it copied from without ever showing a part of it as a run', async () => {
  const { from, to, kept, calls } = await removedRun();
  for (let at = 0; at < calls; at++) {
    cpSync(kept, from, { recursive: true });
    const fileSystem = new FaultyFileSystem({ at, code: 'EIO' });
    await expect(removeCopied(from, to, fileSystem)).rejects.toMatchObject({
      code: 'write-failed',
    });
    for (const folder of [from, `${from}.moved`]) {
      if (existsSync(join(folder, 'run.json'))) expect(await isWhole(folder), `${at}`).toBe(true);
    }
    // What was left is cleared away with the next one that is removed.
    if (!existsSync(from)) cpSync(kept, from, { recursive: true });
    await removeCopied(from, to);
    expect(readdirSync(join(from, '..')).sort(), `${at}`).toEqual(['other disk', 'run.kept']);
  }
  expect(await isWhole(to)).toBe(true);
});

it('clears what a move that was cut off has left, and nothing that is somebody else’s', async () => {
  const { from, to } = await stoppedRun();
  const own = [`${to}.moving`, `${from}.moved`];
  const left = [`${to}.moving-2`, `${from}.moved-2`];
  for (const folder of [...own, ...left]) {
    mkdirSync(folder);
    writeFileSync(join(folder, 'thesis.txt'), 'mine');
  }
  // As they stand after a copy and a removal that a kill has ended.
  writeFileSync(join(left[0] as string, 'run.json.moving'), '');
  writeFileSync(join(left[1] as string, 'run.json.moved'), '{}');
  await copyRun(from, to);
  await removeCopied(from, to);
  expect(await isWhole(to)).toBe(true);
  expect(readdirSync(to).filter((name) => name.startsWith('run.json'))).toEqual(['run.json']);
  expect([from, ...left].filter(existsSync)).toEqual([]);
  for (const folder of own) expect(readdirSync(folder)).toEqual(['thesis.txt']);
});

it('is ended by who next looks into the folder, where only an empty folder was left', async () => {
  const { from, to, kept, calls } = await removedRun();
  const parent = join(from, '..');
  const left: string[][] = [];
  for (const at of [calls - 2, calls - 1]) {
    cpSync(kept, from, { recursive: true });
    const fileSystem = new FaultyFileSystem({ at, code: 'EIO', lasts: true });
    await expect(removeCopied(from, to, fileSystem)).rejects.toThrow();
    left.push(readdirSync(parent).filter((name) => name.startsWith('run.moved')));
    await clearEmptied(parent);
    expect(readdirSync(parent).sort()).toEqual(['other disk', 'run.kept']);
  }
  expect(left).toEqual([['run.moved', 'run.moved.gone'], ['run.moved.gone']]);
});

it('ends nothing that is not its own, or holds anything', async () => {
  const parent = temporaryFolder();
  const [empty, full] = [join(parent, 'a.moved'), join(parent, 'b.moved')];
  for (const folder of [empty, full]) mkdirSync(folder);
  writeFileSync(join(full, 'thesis.txt'), 'mine');
  writeFileSync(`${full}.gone`, '{}');
  writeFileSync(join(parent, 'notes.gone'), 'mine');
  await clearEmptied(parent);
  expect(readdirSync(parent).sort()).toEqual(['a.moved', 'b.moved', 'b.moved.gone', 'notes.gone']);
  expect(readdirSync(full)).toEqual(['thesis.txt']);
  await clearEmptied(join(parent, 'no such folder'));
});

it('refuses what would not be a move', async () => {
  const { from, to } = await stoppedRun();
  await expect(copyRun(from, join(from, 'inside'))).rejects.toThrow('lies inside the run itself');
  mkdirSync(to);
  await expect(copyRun(from, to)).rejects.toThrow('is there already; choose another folder');
  const other = `${to}-2`;
  const lock = lockRun(from);
  await expect(copyRun(from, other)).rejects.toMatchObject({ code: 'run-locked' });
  lock.release();
  await copyRun(from, other);
  const writer = await TraceWriter.open(from, small);
  await recordSteps(writer, { to: 20 });
  await writer.close();
  await expect(removeCopied(from, other)).rejects.toThrow('has steps that');
  expect(existsSync(from)).toBe(true);
});

it('moves no damaged run', async () => {
  const { from, to } = await stoppedRun();
  const [shard = ''] = readdirSync(join(from, 'shards'));
  const file = join(from, 'shards', shard);
  const bytes = readFileSync(file);
  bytes[bytes.length - 3] = (bytes[bytes.length - 3] as number) ^ 1;
  writeFileSync(file, bytes);
  await expect(copyRun(from, to)).rejects.toMatchObject({ code: 'trace-damaged' });
  expect([existsSync(to), existsSync(`${to}.moving`)]).toEqual([false, false]);
});
