import { RpcClient } from '../../src-shared/contract/rpc-client';
import { type DeltascopeError, errorFrom } from '../../src-shared/errors';
import type { LayerStorage, RecordSink, StepRecord, TrainingState } from '../engine/records';
import type { SoundState } from './checkpoints';
import type { ResumePoint } from './recovery';
import type { RunDescription } from './run-folder';
import { StepRing } from './step-ring';
import { UnsentSteps } from './unsent-steps';
import { recordingError } from './writer-failure';
import type {
  FromWriter,
  OpenedTrace,
  SentOptions,
  SentState,
  ToWriter,
  WriterMethods,
  WriterPort,
  WriterStatus,
} from './writer-protocol';

/** A thread that serves as a run's writer (`serveWriter`). */
export interface WriterThread {
  readonly port: WriterPort<ToWriter, FromWriter>;
  /** Resolves with what ended it, where it ended by itself. */
  readonly lost: Promise<string>;
  end(): Promise<void>;
}

/**
 * The writer of a run as the training thread sees it: steps are put into shared memory, and another
 * thread hashes, writes and syncs them (`TraceWriter`). A step has to wait while the ring is full. As
 * there, every call after an error rejects with that error.
 */
export class ThreadedWriter implements RecordSink {
  readonly memory = new StepRing();
  readonly #thread: WriterThread;
  readonly #client: RpcClient<WriterMethods>;
  readonly #opened: OpenedTrace;
  readonly #folder: string;
  #nextStep: number;
  #status: WriterStatus;
  #commits = 0;
  #failure: DeltascopeError | null = null;
  #waiting: (() => void)[] = [];
  readonly #unsent = new UnsentSteps(this.memory);

  private constructor(
    thread: WriterThread,
    client: RpcClient<WriterMethods>,
    opened: OpenedTrace,
    folder: string,
  ) {
    this.#folder = folder;
    this.#nextStep = opened.resume.committedSteps;
    this.#thread = thread;
    this.#client = client;
    this.#opened = opened;
    this.#status = opened.status;
    thread.port.on('message', (message) => {
      if (message.type === 'status') this.#take(message.status);
    });
    thread.lost.then((reason) => this.#lose(reason));
  }

  /** Creates a run with the state training starts from. Errors: see `createRun`. */
  static create(
    thread: WriterThread,
    folder: string,
    description: RunDescription,
    initial: SoundState,
    options: SentOptions = {},
  ): Promise<ThreadedWriter> {
    const params = { folder, description, initial: sent(initial, true), options };
    return ThreadedWriter.#begin(thread, folder, (client) => client.call('create', params));
  }

  /** Opens a run to go on with it, after recovery. Errors: see `openRun`. */
  static open(
    thread: WriterThread,
    folder: string,
    options: SentOptions = {},
  ): Promise<ThreadedWriter> {
    return ThreadedWriter.#begin(thread, folder, (client) =>
      client.call('open', { folder, options }),
    );
  }

  static async #begin(
    thread: WriterThread,
    folder: string,
    begin: (client: RpcClient<WriterMethods>) => Promise<OpenedTrace>,
  ): Promise<ThreadedWriter> {
    const client = new RpcClient<WriterMethods>(
      (message) => thread.port.postMessage(message),
      'trace',
    );
    thread.port.on('message', (message) => {
      if (message.type !== 'status') client.receive(message);
    });
    thread.lost.then((reason) => client.disconnect(reason));
    try {
      // Steps and their status come after this answer.
      return new ThreadedWriter(thread, client, await begin(client), folder);
    } catch (error) {
      await thread.end();
      throw error;
    }
  }

  get description(): RunDescription {
    return this.#opened.description;
  }

  /** How each layer is to be recorded. */
  get storage(): ReadonlyMap<string, LayerStorage> {
    return this.#opened.storage;
  }

  /** Where training goes on. */
  get resume(): ResumePoint {
    return this.#opened.resume;
  }

  /** When the run had been finished before it was opened (ISO 8601); null where it was not. */
  get finishedAt(): string | null {
    return this.#opened.finishedAt;
  }

  get committedSteps(): number {
    return this.#status.committedSteps;
  }

  get bytesWritten(): number {
    return this.#status.bytesWritten;
  }

  get commitDue(): boolean {
    return this.#isCurrent && this.#status.commitDue;
  }

  /** Takes a step. Numbers in `memory` stay its own until it has written them; others are copied. */
  async append(record: StepRecord): Promise<void> {
    if (this.#failure) throw this.#failure;
    if (this.#unsent.isElsewhere) this.#send();
    const mustGo = this.#unsent.add(record);
    this.#nextStep = record.step + 1;
    if (mustGo || !this.memory.hasRoom) this.#send();
    while (!this.memory.hasRoom && !this.#failure) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    if (this.#failure) throw this.#failure;
  }

  /** Keeps a measured value; it becomes durable with the next commit. */
  addMetric(name: string, step: number, value: number): void {
    this.#send();
    this.#thread.port.postMessage({ type: 'metric', metric: { name, step, value } });
  }

  commit(state: TrainingState): Promise<void> {
    const params = sent(state, this.#isCurrent && this.#mayNeedCheckpoint);
    return this.#startCommit(() => this.#client.call('commit', params));
  }

  /** The last commit: see `TraceWriter.finish`. */
  finish(state: TrainingState, results: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const params = { state: sent(state, true), results };
    return this.#startCommit(() => this.#client.call('finish', params));
  }

  /** Waits for commits under way, drops what was never committed and releases the run. Never throws. */
  async close(): Promise<void> {
    await this.#client.call('close', null).catch(() => undefined);
    await this.#thread.end();
  }

  /** Whether with the steps that are on their way a checkpoint is due; the writer knows it exactly. */
  get #mayNeedCheckpoint(): boolean {
    return this.memory.kept - this.#status.taken >= this.#status.bytesToCheckpoint;
  }

  /** Whether what the writer has told last was told after its last commit was begun. */
  get #isCurrent(): boolean {
    return this.#status.commits === this.#commits;
  }

  #send(): void {
    const steps = this.#unsent.take();
    if (steps) this.#thread.port.postMessage(steps);
  }

  async #startCommit(call: () => Promise<null>): Promise<void> {
    if (this.#failure) throw this.#failure;
    this.#send();
    this.#commits += 1;
    try {
      await call();
    } catch (error) {
      throw this.#failure ?? error;
    }
  }

  #take(status: WriterStatus): void {
    this.#status = status;
    this.memory.takenUntil(status.taken);
    if (status.failure) this.#failure ??= errorFrom(status.failure);
    for (const goOn of this.#waiting.splice(0)) goOn();
  }

  /** The thread has ended by itself: nothing more is written, and what was acknowledged stands. */
  #lose(reason: string): void {
    const { committedSteps } = this.#status;
    const place = { folder: this.#folder, step: this.#nextStep, committedSteps, bytesNeeded: 0 };
    this.#failure ??= recordingError(new Error(reason), place);
    for (const goOn of this.#waiting.splice(0)) goOn();
  }
}

/** A state with its numbers where a checkpoint may be made of it, else without. */
function sent(state: TrainingState, withTensors: boolean): SentState {
  const { step, sampler } = state;
  if (!withTensors) return { step, sampler, tensors: null, carried: [] };
  return {
    ...{ step, sampler },
    tensors: state.tensors?.() ?? null,
    carried: state.carried?.() ?? [],
  };
}
