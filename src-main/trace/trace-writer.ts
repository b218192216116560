import type { Database } from 'better-sqlite3';
import { DeltascopeError } from '../../src-shared/errors';
import type { RecordSink, StepRecord, TrainingState } from '../engine/records';
import { BlockPool } from './block-file';
import { blockBytes, blockHasher, type HashBlock } from './block-hash';
import {
  bytesPerCheckpoint,
  checkpointFile,
  supersededBy,
  type TakenState,
  takeState,
  writeCheckpoint,
} from './checkpoints';
import { checkNewFolder, prepareFolder } from './create-run';
import { type FileSystem, nodeFileSystem } from './filesystem';
import { openIndexForWriting } from './index-database';
import { type CheckpointRow, IndexWriter, type Metric, type StepRow } from './index-writer';
import { encodeStep } from './layout';
import { type ResumePoint, recoverRun } from './recovery';
import {
  type RunDescription,
  readRunDescription,
  runFiles,
  writeRunDescription,
} from './run-folder';
import { lockRun, type RunLock } from './run-lock';
import { reserveFor, type ShardRecord, ShardWriter } from './shard-writer';
import { recordingError } from './writer-failure';

export interface TraceWriterOptions {
  readonly fileSystem?: FileSystem;
  /** Bytes after which a shard is committed. */
  readonly shardBytes?: number;
  /** Seconds after which steps are committed, however few. */
  readonly commitSeconds?: number;
  /** Bytes written and hashed at a time. */
  readonly blockBytes?: number;
  /** Blocks that may wait for the disk. */
  readonly blocks?: number;
  /** A clock that never goes back, milliseconds. */
  readonly now?: () => number;
}

const defaults = {
  fileSystem: nodeFileSystem,
  shardBytes: 64 * 1024 * 1024,
  commitSeconds: 10,
  blockBytes,
  blocks: 12,
  now: (): number => performance.now(),
} satisfies Required<TraceWriterOptions>;

/** Commits that may wait for the disk before the next step has to. */
const mostPendingCommits = 2;

/** What one commit makes durable, taken from the writer at the moment of `commit`. */
interface CommitJob {
  readonly steps: number;
  readonly shards: readonly Promise<ShardRecord>[];
  readonly rows: readonly StepRow[];
  readonly metrics: readonly Metric[];
  readonly results: Readonly<Record<string, unknown>>;
  readonly checkpoint: { readonly file: string; readonly state: TakenState } | null;
  readonly finishedAt?: string;
}

/** What `create` and `open` hand to the constructor. */
interface OpenedRun {
  readonly folder: string;
  readonly description: RunDescription;
  readonly database: Database;
  readonly lock: RunLock;
  readonly hash: HashBlock;
  readonly options: Required<TraceWriterOptions>;
  readonly pool: BlockPool;
  readonly resume: ResumePoint;
  readonly finishedAt: string | null;
  readonly nextShard: number;
  readonly bytes: number;
  readonly checkpoints: readonly { file: string; step: number; bytes: number }[];
}

/**
 * The one writer of a run. Steps stream into a shard; a commit makes all of them durable while the
 * next steps already stream into the next shard. After an error nothing more is written and every
 * call rejects with that error: what was acknowledged is on the disk, and `open` goes on from there.
 */
export class TraceWriter implements RecordSink {
  readonly description: RunDescription;
  /** Where training goes on. */
  readonly resume: ResumePoint;
  /** When the run was finished (ISO 8601); null while it is not. */
  readonly finishedAt: string | null;
  readonly #run: OpenedRun;
  readonly #index: IndexWriter;
  #checkpoints: readonly { file: string; step: number; bytes: number }[];
  #shard: ShardWriter | null = null;
  #finished: Promise<ShardRecord>[] = [];
  #rows: StepRow[] = [];
  #metrics: Metric[] = [];
  #nextShard: number;
  #nextStep: number;
  #committedSteps: number;
  #bytes: number;
  #bytesSinceCheckpoint: number;
  #lastCommit: number;
  #pending: Promise<void>[] = [];
  #appending = false;
  #failure: DeltascopeError | null = null;
  #closed = false;

  private constructor(run: OpenedRun) {
    this.#run = run;
    this.description = run.description;
    this.resume = run.resume;
    this.finishedAt = run.finishedAt;
    this.#index = new IndexWriter(run.database);
    this.#checkpoints = run.checkpoints;
    this.#nextShard = run.nextShard;
    this.#nextStep = run.resume.committedSteps;
    this.#committedSteps = run.resume.committedSteps;
    this.#bytes = run.bytes;
    this.#bytesSinceCheckpoint = 0;
    this.#lastCommit = run.options.now();
  }

  /**
   * Creates a run with the state training starts from.
   *
   * @throws DeltascopeError `request-invalid` where the folder holds something, `run-locked`,
   * `disk-full`, `no-permission` or `write-failed`.
   */
  static async create(
    folder: string,
    description: RunDescription,
    initial: TrainingState,
    given: TraceWriterOptions = {},
  ): Promise<TraceWriter> {
    const options = { ...defaults, ...given };
    const { fileSystem } = options;
    const hash = await blockHasher();
    const pool = new BlockPool(options.blocks, options.blockBytes);
    const state = takeState(initial);
    const steps = state.step;
    let lock: RunLock | undefined;
    let database: Database | undefined;
    try {
      await checkNewFolder(fileSystem, folder);
      await fileSystem.makeFolder(folder);
      lock = lockRun(folder);
      await prepareFolder(fileSystem, folder);
      database = openIndexForWriting(folder);
      const file = runFiles.initial;
      const checkpoint = await writeCheckpoint(fileSystem, folder, file, state, pool, hash);
      new IndexWriter(database).commit({
        committedSteps: steps,
        shards: [],
        steps: [],
        checkpoint,
        dropCheckpoints: [],
        metrics: [],
        results: {},
      });
      await fileSystem.syncFolder(folder);
      await writeRunDescription(folder, description, fileSystem);
      const sampler: unknown = JSON.parse(state.sampler);
      return new TraceWriter({
        folder,
        description,
        database,
        lock,
        hash,
        options,
        pool,
        resume: {
          committedSteps: steps,
          checkpoint: { step: steps, sampler, tensors: state.tensors },
        },
        finishedAt: null,
        nextShard: 0,
        bytes: checkpoint.bytes,
        checkpoints: [checkpoint],
      });
    } catch (error) {
      database?.close();
      lock?.release();
      const place = { folder, step: 0, committedSteps: 0, bytesNeeded: options.shardBytes };
      throw recordingError(error, place);
    }
  }

  /**
   * Opens a run to go on recording it, after bringing it back to its last commit.
   *
   * @throws DeltascopeError `run-missing`, `run-not-a-run`, `run-locked`, `run-newer`,
   * `trace-damaged`, `no-permission` or `write-failed`.
   */
  static async open(folder: string, given: TraceWriterOptions = {}): Promise<TraceWriter> {
    const options = { ...defaults, ...given };
    const hash = await blockHasher();
    const description = await readRunDescription(folder, options.fileSystem);
    const lock = lockRun(folder);
    let database: Database | undefined;
    try {
      database = openIndexForWriting(folder);
      const recovered = await recoverRun(options.fileSystem, folder, database, hash);
      const pool = new BlockPool(options.blocks, options.blockBytes);
      const run = { folder, description, database, lock, hash, options, pool, ...recovered };
      const writer = new TraceWriter(run);
      writer.#index.dropCheckpoints(recovered.unusable);
      return writer;
    } catch (error) {
      database?.close();
      lock.release();
      throw error;
    }
  }

  get committedSteps(): number {
    return this.#committedSteps;
  }

  get bytesWritten(): number {
    return this.#bytes;
  }

  get commitDue(): boolean {
    if (this.#rows.length === 0 || this.#pending.length >= mostPendingCommits) return false;
    const { shardBytes, commitSeconds, now } = this.#run.options;
    if (this.#finished.length > 0 || (this.#shard?.bytes ?? 0) >= shardBytes) return true;
    return now() - this.#lastCommit >= commitSeconds * 1000;
  }

  /** Takes a step. Its arrays must not change until this resolves. */
  async append(record: StepRecord): Promise<void> {
    this.#checkUsable();
    if (record.step !== this.#nextStep) {
      throw misuse(`step ${record.step} came where step ${this.#nextStep} was due`);
    }
    this.#appending = true;
    try {
      while (this.#pending.length >= mostPendingCommits) await Promise.race(this.#pending);
      const encoded = encodeStep(record);
      const shard = await this.#shardFor(record.step, encoded);
      const position = await shard.add(record.step, encoded);
      const { parts: _parts, sideState: _sideState, ...row } = record;
      const { examples, ghosts } = record;
      // The row is written later: the trainer may use its arrays again by then.
      const own = { ...row, examples: examples.slice(), ghosts: ghosts.slice() };
      this.#rows.push({ record: own, shard: shard.shard, position, layout: encoded.layout });
      this.#nextStep += 1;
      this.#bytes += encoded.layout.bytes;
      this.#bytesSinceCheckpoint += encoded.layout.bytes;
    } catch (error) {
      throw this.#fail(error);
    } finally {
      this.#appending = false;
    }
  }

  /** Keeps a measured value (test accuracy, say); it becomes durable with the next commit. */
  addMetric(name: string, step: number, value: number): void {
    this.#metrics.push({ name, step, value });
  }

  commit(state: TrainingState): Promise<void> {
    return this.#startCommit(state, null, {});
  }

  /**
   * The last commit: writes the final weights and marks the run finished.
   *
   * @param results JSON values kept under their names (test accuracy, certificates …)
   */
  finish(state: TrainingState, results: Readonly<Record<string, unknown>> = {}): Promise<void> {
    return this.#startCommit(state, new Date().toISOString(), results);
  }

  /**
   * Waits for commits under way, drops what was never committed and releases the run. Never throws:
   * what failed has been told by the call that failed.
   */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.allSettled(this.#pending);
    await Promise.allSettled(this.#finished);
    await this.#shard?.abandon();
    const { database, lock } = this.#run;
    const { finished } = { finished: database.open && this.#isFinished };
    this.#index.close(finished);
    lock.release();
  }

  #isFinished = false;

  #startCommit(
    state: TrainingState,
    finishedAt: string | null,
    results: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    let job: CommitJob;
    try {
      this.#checkUsable();
      if (state.step !== this.#nextStep) {
        throw misuse(
          `a commit after ${state.step} steps came where ${this.#nextStep} are recorded`,
        );
      }
      job = this.#takeJob(state, finishedAt, results);
    } catch (error) {
      return Promise.reject(error);
    }
    const before = this.#pending.at(-1) ?? Promise.resolve();
    const done: Promise<void> = before
      .then(() => this.#run_(job))
      .catch((error: unknown) => {
        throw this.#fail(error);
      })
      .finally(() => {
        this.#pending = this.#pending.filter((other) => other !== done);
      });
    this.#pending.push(done);
    // A trainer need not wait for a commit; its error then comes with the next call.
    done.catch(() => undefined);
    return done;
  }

  #takeJob(
    state: TrainingState,
    finishedAt: string | null,
    results: Readonly<Record<string, unknown>>,
  ): CommitJob {
    this.#closeShard();
    this.#lastCommit = this.#run.options.now();
    return {
      steps: this.#nextStep,
      shards: this.#finished.splice(0),
      rows: this.#rows.splice(0),
      metrics: this.#metrics.splice(0),
      results,
      checkpoint: this.#takeCheckpoint(state, finishedAt !== null),
      ...(finishedAt === null ? {} : { finishedAt }),
    };
  }

  #takeCheckpoint(state: TrainingState, last: boolean): CommitJob['checkpoint'] {
    if (last) return { file: runFiles.final, state: takeState(state) };
    const size = this.#checkpoints.at(-1)?.bytes ?? 0;
    if (this.#bytesSinceCheckpoint < bytesPerCheckpoint * size) return null;
    if (this.#bytesSinceCheckpoint === 0) return null;
    this.#bytesSinceCheckpoint = 0;
    return { file: checkpointFile(state.step), state: takeState(state) };
  }

  async #run_(job: CommitJob): Promise<void> {
    if (this.#failure) throw this.#failure;
    const { folder, options, pool, hash } = this.#run;
    const { fileSystem } = options;
    const shards = await Promise.all(job.shards);
    if (shards.length > 0) await fileSystem.syncFolder(`${folder}/${runFiles.shards}`);
    let checkpoint: CheckpointRow | undefined;
    if (job.checkpoint) {
      const { file, state } = job.checkpoint;
      checkpoint = await writeCheckpoint(fileSystem, folder, file, state, pool, hash);
    }
    const existing = checkpoint
      ? [...this.#checkpoints.filter(({ file }) => file !== checkpoint.file), checkpoint]
      : this.#checkpoints;
    const dropCheckpoints = supersededBy(existing);
    this.#index.commit({
      committedSteps: job.steps,
      shards,
      steps: job.rows,
      ...(checkpoint ? { checkpoint } : {}),
      dropCheckpoints,
      metrics: job.metrics,
      results: job.results,
      ...(job.finishedAt === undefined ? {} : { finishedAt: job.finishedAt }),
    });
    this.#committedSteps = job.steps;
    this.#checkpoints = existing.filter(({ file }) => !dropCheckpoints.includes(file));
    this.#bytes += checkpoint?.bytes ?? 0;
    if (job.finishedAt !== undefined) this.#isFinished = true;
    for (const file of dropCheckpoints) {
      // The commit stands; a file that could not be removed is cleared by the next recovery.
      await fileSystem.remove(`${folder}/${file}`).catch(() => undefined);
    }
  }

  async #shardFor(step: number, encoded: ReturnType<typeof encodeStep>): Promise<ShardWriter> {
    const { folder, options, pool, hash } = this.#run;
    if (this.#shard && !this.#shard.fits(step, encoded)) this.#closeShard();
    if (this.#shard) return this.#shard;
    const reserved = reserveFor(encoded, step, options.shardBytes, options.blockBytes);
    const { fileSystem } = options;
    const number = this.#nextShard;
    this.#shard = await ShardWriter.create(fileSystem, folder, number, reserved, pool, hash);
    this.#nextShard += 1;
    if (!this.#shard.fits(step, encoded)) {
      throw misuse('a step has more tensors than the header of a shard can name');
    }
    return this.#shard;
  }

  #closeShard(): void {
    const shard = this.#shard;
    if (!shard) return;
    this.#shard = null;
    const finished = shard.finish();
    finished.catch((error: unknown) => this.#fail(error));
    this.#finished.push(finished);
  }

  #checkUsable(): void {
    if (this.#failure) throw this.#failure;
    if (this.#closed) throw misuse('the run has been closed');
    if (this.finishedAt !== null || this.#isFinished) throw misuse('the run is finished');
    if (this.#appending) throw misuse('a step is still being taken');
  }

  /** Turns the writer to failed; the first error is the one that every later call tells. */
  #fail(error: unknown): DeltascopeError {
    if (this.#failure) return this.#failure;
    const { folder, pool } = this.#run;
    this.#failure = recordingError(error, {
      folder,
      step: this.#nextStep,
      committedSteps: this.#committedSteps,
      bytesNeeded: this.#bytesNeeded(),
    });
    pool.fail(this.#failure);
    return this.#failure;
  }

  #bytesNeeded(): number {
    const recorded = Math.max(this.#nextStep, 1);
    const left = Math.max(this.description.stepsPlanned - this.#committedSteps, 0);
    return Math.max((this.#bytes / recorded) * left, this.#run.options.shardBytes);
  }
}

function misuse(what: string): DeltascopeError {
  return new DeltascopeError('internal', 'trace', `The trace writer was misused: ${what}.`);
}
