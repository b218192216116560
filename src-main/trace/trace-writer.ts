import { DeltascopeError } from '../../src-shared/errors';
import type { LayerStorage, RecordSink, StepRecord, TrainingState } from '../engine/records';
import { bytesPerCheckpoint, checkpointFile, type SoundState, takeState } from './checkpoints';
import { type CommitJob, carryOut } from './commit-job';
import { type EncodedStep, StepEncoder } from './encode-step';
import type { Metric } from './index-writer';
import {
  type CreateOptions,
  createRun,
  goneError,
  type KnownCheckpoint,
  type OpenedRun,
  openRun,
  type TraceWriterOptions,
} from './open-run';
import type { ResumePoint } from './recovery';
import { type RunDescription, runFiles } from './run-folder';
import { StepStream } from './step-stream';
import { recordingError } from './writer-failure';

/** Commits that may wait for the disk before the next step has to. */
const mostPendingCommits = 2;

/**
 * The one writer of a run. Steps stream into a shard; a commit makes all of them durable while the
 * next steps already stream into the next shard. After an error nothing more is written and every
 * call rejects with that error: what was acknowledged is on the disk, and `open` goes on from there.
 */
export class TraceWriter implements RecordSink {
  readonly #run: OpenedRun;
  readonly #stream: StepStream;
  readonly #encoder = new StepEncoder();
  #metrics: Metric[] = [];
  #pending: Promise<void>[] = [];
  #checkpoints: readonly KnownCheckpoint[];
  #nextStep: number;
  #committedSteps: number;
  #bytes: number;
  #bytesSinceCheckpoint = 0;
  #lastCommit: number;
  #appending = false;
  #finished: boolean;
  #closed = false;
  #failure: DeltascopeError | null = null;

  private constructor(run: OpenedRun) {
    this.#run = run;
    this.#stream = new StepStream(run, (error) => this.#fail(error));
    this.#checkpoints = run.checkpoints;
    this.#nextStep = run.resume.committedSteps;
    this.#committedSteps = run.resume.committedSteps;
    this.#bytes = run.bytes;
    this.#lastCommit = run.options.now();
    this.#finished = run.finishedAt !== null;
  }

  /** Creates a run with the state training starts from. Errors: see `createRun`. */
  static async create(
    folder: string,
    description: RunDescription,
    initial: SoundState,
    options: CreateOptions = {},
  ): Promise<TraceWriter> {
    return new TraceWriter(await createRun(folder, description, initial, options));
  }

  /** Opens a run to go on with it, after recovery. Errors: see `openRun`. */
  static async open(folder: string, options: TraceWriterOptions = {}): Promise<TraceWriter> {
    return new TraceWriter(await openRun(folder, options));
  }

  get description(): RunDescription {
    return this.#run.description;
  }

  /** How each layer is to be recorded. */
  get storage(): ReadonlyMap<string, LayerStorage> {
    return this.#run.storage;
  }

  /** Where training goes on. */
  get resume(): ResumePoint {
    return this.#run.resume;
  }

  /** When the run had been finished before it was opened (ISO 8601); null where it was not. */
  get finishedAt(): string | null {
    return this.#run.finishedAt;
  }

  get committedSteps(): number {
    return this.#committedSteps;
  }

  get bytesWritten(): number {
    return this.#bytes;
  }

  get commitDue(): boolean {
    if (this.#stream.steps === 0 || this.#pending.length >= mostPendingCommits) return false;
    const { commitSeconds, now } = this.#run.options;
    return this.#stream.isFull || now() - this.#lastCommit >= commitSeconds * 1000;
  }

  /** Bytes of steps that are still to come before a commit makes a checkpoint. */
  get bytesToCheckpoint(): number {
    const size = this.#checkpoints.at(-1)?.bytes ?? 0;
    return Math.max(bytesPerCheckpoint * size - this.#bytesSinceCheckpoint, 0);
  }

  /** The error that nothing more is written after; null while there is none. */
  get failure(): DeltascopeError | null {
    return this.#failure;
  }

  /** Takes a step. Its arrays must not change until this resolves. */
  async append(record: StepRecord): Promise<void> {
    this.#checkUsable();
    return this.appendEncoded(this.#encoder.encode(record));
  }

  /** The same of a step that has been encoded. */
  async appendEncoded(encoded: EncodedStep): Promise<void> {
    this.#checkUsable();
    const { step } = encoded.note;
    if (step !== this.#nextStep) {
      throw misuse(`step ${step} came where step ${this.#nextStep} was due`);
    }
    this.#appending = true;
    try {
      while (this.#pending.length >= mostPendingCommits) await Promise.race(this.#pending);
      const bytes = await this.#stream.append(encoded);
      this.#nextStep += 1;
      this.#bytes += bytes;
      this.#bytesSinceCheckpoint += bytes;
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
    // A clock that was set back meanwhile must not let a run end before it began.
    const began = Date.parse(this.description.createdAt);
    const now = Math.max(Date.now(), Number.isFinite(began) ? began : 0);
    return this.#startCommit(state, new Date(now).toISOString(), results);
  }

  /**
   * Waits for commits under way, drops what was never committed and releases the run. Never throws:
   * what failed has been told by the call that failed.
   */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.allSettled(this.#pending);
    await this.#stream.close();
    this.#run.index.close(this.#finished);
    this.#run.lock.release();
  }

  #startCommit(
    state: TrainingState,
    finishedAt: string | null,
    results: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const last = this.#pending.at(-1) ?? Promise.resolve();
    let job: CommitJob;
    try {
      this.#checkUsable();
      // A training that is stopped while it repeats committed steps has nothing new to save.
      const isRepeating = state.step < this.#nextStep && this.#stream.steps === 0;
      if (isRepeating && finishedAt === null) return last;
      if (state.step !== this.#nextStep) {
        throw misuse(`a commit after ${state.step} steps came where ${this.#nextStep} were taken`);
      }
      job = this.#takeJob(state, finishedAt, results);
    } catch (error) {
      return Promise.reject(error);
    }
    const done: Promise<void> = last
      .then(() => this.#carryOut(job))
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
    this.#lastCommit = this.#run.options.now();
    return {
      ...this.#stream.cut(),
      steps: this.#nextStep,
      metrics: this.#metrics.splice(0),
      results,
      checkpoint: this.#takeCheckpoint(state, finishedAt !== null),
      finishedAt,
    };
  }

  #takeCheckpoint(state: TrainingState, isLast: boolean): CommitJob['checkpoint'] {
    if (!isSound(state)) {
      if (isLast) throw misuse('a run ended without weights');
      return null;
    }
    if (isLast) return { file: runFiles.final, state: takeState(state, true) };
    if (this.#bytesSinceCheckpoint === 0 || this.bytesToCheckpoint > 0) return null;
    this.#bytesSinceCheckpoint = 0;
    return { file: checkpointFile(state.step), state: takeState(state, false) };
  }

  async #carryOut(job: CommitJob): Promise<void> {
    if (this.#failure) throw this.#failure;
    const outcome = await carryOut(job, this.#run, this.#checkpoints);
    this.#committedSteps = job.steps;
    this.#checkpoints = outcome.checkpoints;
    this.#bytes += outcome.checkpointBytes;
    if (job.finishedAt !== null) this.#finished = true;
  }

  #checkUsable(): void {
    if (this.#failure) throw this.#failure;
    if (this.#closed) throw misuse('the run has been closed');
    if (this.#finished) throw misuse('the run is finished');
    if (this.#appending) throw misuse('a step is still being taken');
  }

  /** Turns the writer to failed; the first error is the one that every later call tells. */
  #fail(error: unknown): DeltascopeError {
    if (this.#failure) return this.#failure;
    const { folder, pool, description, options } = this.#run;
    const perStep = this.#bytes / Math.max(this.#nextStep, 1);
    const stepsLeft = Math.max(description.stepsPlanned - this.#committedSteps, 0);
    this.#failure = recordingError(goneError(this.#run) ?? error, {
      folder,
      step: this.#nextStep,
      committedSteps: this.#committedSteps,
      bytesNeeded: Math.max(perStep * stepsLeft, options.shardBytes),
    });
    pool.fail(this.#failure);
    return this.#failure;
  }
}

function isSound(state: TrainingState): state is SoundState {
  return state.tensors !== null;
}

function misuse(what: string): DeltascopeError {
  return new DeltascopeError('internal', 'trace', `The trace writer was misused: ${what}.`);
}
