import type { ArchitectureAnalysis } from '../architecture/architecture';
import type { OutputCheck, OutputKind } from '../privacy/release';
import type { ExplanationSummary } from './views';

/** Progress of long work, as it streams to the window or the terminal. */

/** Where a recording stands. */
export interface RecordProgress {
  readonly kind: 'record';
  readonly state: 'preparing' | 'training' | 'paused' | 'evaluating' | 'finished';
  readonly step: number;
  readonly steps: number;
  readonly epoch: number;
  /** Seconds still to go; null until enough steps have been timed. */
  readonly secondsLeft: number | null;
  readonly bytesWritten: number;
  /** Bytes the finished trace is expected to take. */
  readonly bytesExpected: number;
  /** Steps that are safe on disk. */
  readonly committedSteps: number;
  readonly metrics: readonly MetricPoint[];
  /** What a stop leaves: one sentence; a pause has none. */
  readonly reason?: string;
  /** New entries of the event list; added by the main process. */
  readonly events?: readonly RecordEvent[];
}

/** An entry of a recording's event list. */
export interface RecordEvent {
  /** ISO 8601. */
  readonly at: string;
  readonly step: number;
  readonly kind: 'state' | 'epoch' | 'problem';
  readonly text: string;
  /** The state that began with it. */
  readonly state?: RecordProgress['state'];
}

/** New values of the training's curves since the last progress. */
export interface MetricPoint {
  readonly step: number;
  readonly loss: number;
  /** Share of the batch predicted rightly, ghosts left out. */
  readonly accuracy: number;
}

/** Where a streaming explanation stands. */
export interface ExplainProgress {
  readonly kind: 'explain';
  readonly stepsRead: number;
  readonly steps: number;
  /** What the steps read so far say, now and then; its residuals are NaN until all are read. */
  readonly partial?: ExplanationSummary;
}

/** Where the layers of a run stand that are looked at one after the other. */
export interface LayersProgress {
  readonly kind: 'layers';
  readonly stepsRead: number;
  readonly steps: number;
  /** The layer that is being read. */
  readonly layer: string;
  /** At the beginning, and when a layer is done: those that are, their bands NaN until all are. */
  readonly sofar?: ArchitectureAnalysis;
}

/** Where the check of a release's outputs stands. */
export interface CheckProgress {
  readonly kind: 'check';
  /** 0 of 0 until the trace is read. */
  readonly stepsRead: number;
  readonly steps: number;
  /** Outputs that are checked already. */
  readonly checked: readonly CheckedKind[];
}

export interface CheckedKind {
  readonly output: OutputKind;
  readonly state: OutputCheck['state'];
}

export interface VerifyProgress {
  readonly kind: 'verify';
  readonly bytesChecked: number;
  readonly bytes: number;
}

/** Where the copy of a run stands that is being moved. */
export interface MoveProgress {
  readonly kind: 'move';
  readonly bytesCopied: number;
  readonly bytes: number;
}

export interface PrepareProgress {
  readonly kind: 'prepare';
  readonly message: string;
}

/** Where an import stands. */
export interface ImportProgress {
  readonly kind: 'import';
  readonly state: 'reading' | 'writing';
  /** What is counted: bytes, rows, pictures … */
  readonly unit: string;
  readonly done: number;
  /** How many there are; null while that is not known. */
  readonly total: number | null;
}

/** Where a series of recordings stands that repeat two runs with further seeds. */
export interface SeedsProgress {
  readonly kind: 'seeds';
  /** Recordings that are there, of how many. */
  readonly done: number;
  readonly total: number;
  /** Where the present one stands; null between two. */
  readonly current: RecordProgress | null;
}

export type Progress =
  | RecordProgress
  | ExplainProgress
  | LayersProgress
  | CheckProgress
  | VerifyProgress
  | MoveProgress
  | PrepareProgress
  | SeedsProgress
  | ImportProgress;

/** What every job takes beside its parameters. */
export interface JobContext {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}
