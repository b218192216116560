import { supersededBy, type TakenState, writeCheckpoint } from './checkpoints';
import type { CheckpointRow, Metric, StepRow } from './index-writer';
import { type KnownCheckpoint, type OpenedRun, requirePlace } from './open-run';
import { runFiles } from './run-folder';
import type { ShardRecord } from './shard-writer';

/** What one commit makes durable, taken from the writer before training goes on. */
export interface CommitJob {
  /** Steps that are durable after it. */
  readonly steps: number;
  /** Shards on their way to the disk; all steps' tensors are in them. */
  readonly shards: readonly Promise<ShardRecord>[];
  readonly rows: readonly StepRow[];
  readonly metrics: readonly Metric[];
  readonly results: Readonly<Record<string, unknown>>;
  readonly checkpoint: { readonly file: string; readonly state: TakenState } | null;
  /** ISO 8601, where this is the run's last commit; else null. */
  readonly finishedAt: string | null;
}

export interface CommitOutcome {
  readonly checkpoints: readonly KnownCheckpoint[];
  /** Bytes of the checkpoint, 0 where none was due. */
  readonly checkpointBytes: number;
}

/**
 * Carries out a commit: files first, each under its own name only when the disk has it whole, then
 * one transaction of the index. Whatever fails before the transaction leaves files that no row
 * names, which recovery removes.
 *
 * @param before checkpoints that stand before this commit
 */
export async function carryOut(
  job: CommitJob,
  run: OpenedRun,
  before: readonly KnownCheckpoint[],
): Promise<CommitOutcome> {
  const { folder, options, pool, hash, index } = run;
  const { fileSystem } = options;
  const shards = await Promise.all(job.shards);
  if (shards.length > 0) await fileSystem.syncFolder(`${folder}/${runFiles.shards}`);
  let checkpoint: CheckpointRow | undefined;
  if (job.checkpoint) {
    const { file, state } = job.checkpoint;
    checkpoint = await writeCheckpoint(fileSystem, folder, file, state, pool, hash);
  }
  const standing = checkpoint
    ? [...before.filter(({ file }) => file !== checkpoint.file), checkpoint]
    : before;
  const dropCheckpoints = supersededBy(standing);
  // The index goes where the folder went, while files were put where it had been.
  requirePlace(run);
  index.commit({
    committedSteps: job.steps,
    shards,
    steps: job.rows,
    ...(checkpoint ? { checkpoint } : {}),
    dropCheckpoints,
    metrics: job.metrics,
    results: job.results,
    ...(job.finishedAt === null ? {} : { finishedAt: job.finishedAt }),
  });
  for (const file of dropCheckpoints) {
    // The commit stands; a file that could not be removed is cleared by the next recovery.
    await fileSystem.remove(`${folder}/${file}`).catch(() => undefined);
  }
  return {
    checkpoints: standing.filter(({ file }) => !dropCheckpoints.includes(file)),
    checkpointBytes: checkpoint?.bytes ?? 0,
  };
}
