import type { RequestMessage, ResponseMessage } from '../../src-shared/contract/rpc';
import type { ErrorReport } from '../../src-shared/errors';
import type { LayerStorage, NamedArray } from '../engine/records';
import type { Metric } from './index-writer';
import type { StepLayout } from './layout';
import type { TraceWriterOptions } from './open-run';
import type { PackedSteps } from './packed-steps';
import type { ResumePoint } from './recovery';
import type { RunDescription } from './run-folder';

/** Options that can be sent to another thread. */
export type SentOptions = Omit<TraceWriterOptions, 'fileSystem' | 'now'> & {
  readonly storage?: ReadonlyMap<string, LayerStorage>;
};

/** A training's state as it is sent; without tensors where no checkpoint is due. */
export interface SentState {
  readonly step: number;
  readonly sampler: unknown;
  readonly tensors: readonly NamedArray[] | null;
  readonly carried: readonly NamedArray[];
}

/** Where the writer stands. */
export interface WriterStatus {
  readonly committedSteps: number;
  readonly bytesWritten: number;
  readonly commitDue: boolean;
  /** Bytes of steps that are still to come before a commit makes a checkpoint. */
  readonly bytesToCheckpoint: number;
  /** Commits begun so far: what is due was asked before the next one. */
  readonly commits: number;
  /** The step's place in the ring that was taken out last. */
  readonly taken: number;
  /** The error that nothing more is written after. */
  readonly failure: ErrorReport | null;
}

/** What the writer tells of a run that it has created or opened. */
export interface OpenedTrace {
  readonly description: RunDescription;
  readonly storage: ReadonlyMap<string, LayerStorage>;
  readonly resume: ResumePoint;
  readonly finishedAt: string | null;
  readonly status: WriterStatus;
}

export type WriterMethods = {
  readonly create: {
    readonly params: {
      readonly folder: string;
      readonly description: RunDescription;
      readonly initial: SentState;
      readonly options: SentOptions;
    };
    readonly result: OpenedTrace;
  };
  readonly open: {
    readonly params: { readonly folder: string; readonly options: SentOptions };
    readonly result: OpenedTrace;
  };
  readonly commit: { readonly params: SentState; readonly result: null };
  readonly finish: {
    readonly params: {
      readonly state: SentState;
      readonly results: Readonly<Record<string, unknown>>;
    };
    readonly result: null;
  };
  readonly close: { readonly params: null; readonly result: null };
};

/** Some steps in their order. */
export interface SentSteps {
  readonly type: 'steps';
  readonly memory: SharedArrayBuffer;
  /** Layouts that were not sent before. */
  readonly layouts: readonly StepLayout[];
  readonly steps: PackedSteps;
  /** The bytes of the last step's arrays, where some of them lie outside the memory; else none. */
  readonly outside: readonly Uint8Array[];
}

/** To the writer's thread: a call, some steps, or what was measured after them. */
export type ToWriter =
  | RequestMessage
  | { readonly type: 'metric'; readonly metric: Metric }
  | SentSteps;

export type FromWriter =
  | ResponseMessage
  | { readonly type: 'status'; readonly status: WriterStatus };

/** An end of the line between the two threads. */
export interface WriterPort<Sent, Received> {
  postMessage(message: Sent): void;
  on(event: 'message', listener: (message: Received) => void): unknown;
}
