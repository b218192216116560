import { readdir, statfs } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { CallContext } from '../../src-shared/contract/rpc';
import { DeltascopeError } from '../../src-shared/errors';
import { freeName } from '../../src-shared/text';
import { bytesInWords, readingError } from '../trace/failures';
import { clearEmptied } from '../trace/marked-folder';
import { copyRun } from '../trace/move-run';
import { TraceReader } from '../trace/trace-reader';

/**
 * Copies a run into a folder under its own name, or that name with a number where it is taken. The run
 * it was copied from stays; `removeCopied` takes it away once nothing points there any more.
 *
 * @returns the folder of the copy
 * @throws `request-invalid` where it lies there already, `disk-full` where the folder has no room for
 *   the run and its remaining steps, and what `copyRun` throws
 */
export async function copyRunInto(
  path: string,
  into: string,
  { signal, onProgress }: CallContext,
): Promise<{ folder: string }> {
  const from = resolve(path);
  if (resolve(into) === dirname(from)) {
    const message = `${basename(from)} lies in ${into} already; choose a folder on another disk.`;
    throw new DeltascopeError('request-invalid', 'worker', message);
  }
  for (const parent of [dirname(from), into]) await clearEmptied(parent);
  const needed = await bytesNeeded(from);
  const { taken, free } = await roomIn(into);
  if (free < needed) {
    const message = `${into} has ${bytesInWords(free)} free, but the run needs ${bytesInWords(needed)} there with the steps that are still to come; choose another folder.`;
    throw new DeltascopeError('disk-full', 'worker', message);
  }
  const folder = join(into, freeName(basename(from), taken));
  await copyRun(from, folder, {
    signal,
    onBytes: (bytesCopied, bytes) => onProgress({ kind: 'move', bytesCopied, bytes }),
  });
  return { folder };
}

/** What the run takes now, and what the steps that are still to be recorded will, if they are alike. */
async function bytesNeeded(folder: string): Promise<number> {
  const reader = await TraceReader.open(folder);
  try {
    const { count } = reader.steps;
    const left = Math.max(0, reader.description.stepsPlanned - count);
    return reader.bytes + (count > 0 ? (reader.shardBytes / count) * left : 0);
  } finally {
    reader.close();
  }
}

async function roomIn(folder: string): Promise<{ taken: ReadonlySet<string>; free: number }> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return { taken: new Set(await readdir(folder)), free: bavail * bsize };
  } catch (error) {
    throw readingError(error, folder);
  }
}
