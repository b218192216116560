import type { Database } from 'better-sqlite3';
import { DeltascopeError } from '../../src-shared/errors';
import type { NamedArray } from '../engine/records';
import type { HashBlock } from './block-hash';
import { readCheckpoint, samplerOf } from './checkpoints';
import { damaged, fileOfRun, isMissing, writingError } from './failures';
import { checkFile, checkLength } from './file-check';
import type { FileSystem } from './filesystem';
import {
  readCheckpoints,
  readProgress,
  readShards,
  readSteps,
  type StoredCheckpoint,
} from './index-reader';
import { runFiles } from './run-folder';

/** Where an unfinished training goes on: from the checkpoint, through the steps already recorded. */
export interface ResumePoint {
  /** Steps that are recorded; training goes on recording with this one. */
  readonly committedSteps: number;
  /** Losses of the steps from the checkpoint to `committedSteps`, as they were recorded. */
  readonly losses: Float64Array;
  readonly checkpoint: {
    /** Steps done; steps from here to `committedSteps` are trained again without recording. */
    readonly step: number;
    readonly sampler: unknown;
    readonly tensors: readonly NamedArray[];
  };
}

/** Files the writer makes; anything else in a run folder is somebody's own and stays. */
const ownName = /^(\d+|initial|final)\.safetensors(\.tmp)?$/;

/** What a run holds after recovery. */
export interface RecoveredRun {
  readonly resume: ResumePoint;
  readonly finishedAt: string | null;
  readonly nextShard: number;
  /** Bytes of all shards and checkpoints. */
  readonly bytes: number;
  readonly checkpoints: readonly StoredCheckpoint[];
  /** Checkpoints that can't be used; their rows are to be dropped. */
  readonly unusable: readonly string[];
}

/**
 * Brings a run back to its last commit: removes what no commit knows, checks that every committed
 * file is there and that the newest one is whole. Needs the run's lock.
 *
 * @throws DeltascopeError `trace-damaged` naming the file, `no-permission` or `write-failed`.
 */
export async function recoverRun(
  fileSystem: FileSystem,
  folder: string,
  database: Database,
  hash: HashBlock,
): Promise<RecoveredRun> {
  const place = fileOfRun(folder, runFiles.index);
  const { steps, finishedAt } = readProgress(database);
  const shards = readShards(database, place);
  const checkpoints = readCheckpoints(database, place);
  await removeStrays(fileSystem, folder, runFiles.shards, new Set(shards.map((s) => s.file)));
  const named = new Set(checkpoints.map(({ file }) => file));
  await removeStrays(fileSystem, folder, runFiles.checkpoints, named);
  for (const shard of shards) await checkLength(fileSystem, folder, shard);
  const newest = shards.at(-1);
  if (newest) await checkFile(fileSystem, folder, newest, hash);
  const { table } = readSteps(database, steps, place);
  const usable = checkpoints.filter(({ step }) => step <= steps);
  const found = await newestCheckpoint(fileSystem, folder, usable, hash);
  const bytes = [...shards, ...checkpoints].reduce((sum, file) => sum + file.bytes, 0);
  return {
    resume: {
      committedSteps: steps,
      losses: table.loss.slice(found.checkpoint.step),
      checkpoint: found.checkpoint,
    },
    finishedAt,
    nextShard: (newest?.shard ?? -1) + 1,
    bytes,
    checkpoints: checkpoints.filter(({ file }) => !found.unusable.includes(file)),
    unusable: found.unusable,
  };
}

async function newestCheckpoint(
  fileSystem: FileSystem,
  folder: string,
  checkpoints: readonly StoredCheckpoint[],
  hash: HashBlock,
): Promise<{ checkpoint: ResumePoint['checkpoint']; unusable: string[] }> {
  const unusable: string[] = [];
  for (const stored of checkpoints) {
    try {
      const tensors = await readCheckpoint(fileSystem, folder, stored, hash);
      const sampler = samplerOf(stored, folder);
      return { checkpoint: { step: stored.step, sampler, tensors }, unusable };
    } catch (error) {
      const isDamage = error instanceof DeltascopeError && error.code === 'trace-damaged';
      // An older checkpoint leads to the same bits, only later; the first and last are results.
      const isResult = stored.file === runFiles.initial || stored.file === runFiles.final;
      if (!isDamage || isResult) throw error;
      unusable.push(stored.file);
    }
  }
  throw damaged(fileOfRun(folder, runFiles.index), 'it has no checkpoint to go on from');
}

/** Removes the files of a subfolder that no commit knows. */
async function removeStrays(
  fileSystem: FileSystem,
  folder: string,
  subfolder: string,
  known: ReadonlySet<string>,
): Promise<void> {
  try {
    const strays = (await listed(fileSystem, `${folder}/${subfolder}`)).filter(
      (name) => ownName.test(name) && !known.has(`${subfolder}/${name}`),
    );
    for (const name of strays) await fileSystem.remove(`${folder}/${subfolder}/${name}`);
  } catch (error) {
    throw writingError(error, fileOfRun(folder, subfolder));
  }
}

async function listed(fileSystem: FileSystem, path: string): Promise<string[]> {
  try {
    return await fileSystem.list(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
    await fileSystem.makeFolder(path);
    return [];
  }
}
