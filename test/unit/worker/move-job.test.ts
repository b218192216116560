import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { TraceWriter } from '../../../src-main/trace/trace-writer';
import { copyRunInto } from '../../../src-main/worker/move-job';
import type { Progress } from '../../../src-shared/contract/progress';
import { description, recordSteps, small, stateAfter } from '../trace/fixtures';
import { temporaryFolder } from '../trace/temporary-folder';

const signal = new AbortController().signal;
const context = { signal, onProgress: () => undefined };

/** A run of 8 steps, out of so many that were planned. */
async function stoppedRun(stepsPlanned = 40): Promise<{ root: string; run: string; disk: string }> {
  const root = temporaryFolder();
  const [run, disk] = [join(root, 'audit'), join(root, 'disk')];
  const writer = await TraceWriter.create(
    run,
    { ...description, stepsPlanned },
    stateAfter(0),
    small,
  );
  await recordSteps(writer, { to: 8 });
  await writer.close();
  mkdirSync(disk);
  return { root, run, disk };
}

it('copies a run under its own name, or with a number where that is taken', async () => {
  const { run, disk } = await stoppedRun();
  mkdirSync(join(disk, 'audit'));
  // What a move that was cut off just before its end has left.
  mkdirSync(join(disk, 'audit.moved'));
  writeFileSync(join(disk, 'audit.moved.gone'), '{}');
  const told: Progress[] = [];
  const onProgress = (progress: Progress) => told.push(progress);
  const { folder } = await copyRunInto(run, disk, { signal, onProgress });
  expect(folder).toBe(join(disk, 'audit-2'));
  expect(readdirSync(disk).sort()).toEqual(['audit', 'audit-2']);
  const last = told.at(-1);
  expect(last).toMatchObject({ kind: 'move' });
  expect(last?.kind === 'move' && last.bytesCopied === last.bytes).toBe(true);
});

it('refuses the folder it lies in, one that is gone, and one without room for what is to come', async () => {
  const { root, run, disk } = await stoppedRun();
  await expect(copyRunInto(run, root, context)).rejects.toThrow('choose a folder on another disk');
  await expect(copyRunInto(run, join(root, 'gone'), context)).rejects.toMatchObject({
    origin: 'trace',
  });
  // 8 steps take some kilobytes; so many more than there is room for on any disk.
  const endless = await stoppedRun(1e13);
  await expect(copyRunInto(endless.run, disk, context)).rejects.toThrow(
    /disk has [\d.]+ [kMGT]B free, but the run needs \d+ TB there with the steps that are still to come/,
  );
  expect(readdirSync(disk)).toEqual([]);
});

it('leaves nothing where it is cancelled', async () => {
  const { run, disk } = await stoppedRun();
  const controller = new AbortController();
  const onProgress = (): void => controller.abort();
  const cancelled = copyRunInto(run, disk, { signal: controller.signal, onProgress });
  await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
  expect(readdirSync(disk)).toEqual([]);
});
