import type { ArchitectureAnalysis } from './architecture';

/** What a finished run is worth: accuracy, size and time, with what its updates say. */
export interface RunAccount {
  /** Name of the run's folder. */
  readonly run: string;
  readonly steps: number;
  /** On the test examples that take part; null where there are none. */
  readonly accuracy: number | null;
  /** By true class; null where the test examples have none of it. */
  readonly classAccuracy: readonly (number | null)[];
  /** Trainable weights. */
  readonly parameters: number;
  /** Bytes of the final weights, moving statistics included. */
  readonly weightBytes: number;
  /** Bytes of the recorded run. */
  readonly traceBytes: number;
  /** From the start of its recording to the end, pauses included. */
  readonly seconds: number | null;
  readonly analysis: ArchitectureAnalysis;
}
