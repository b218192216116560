import type { Estimate } from './statistics';

export type ScorecardRecording = 'mini-batches' | 'class-batches';

/** How well the method does on small trainings whose answers are known. */
export interface Scorecard {
  /** What the small trainings were made from. */
  readonly data: string;
  /** How the small networks were trained; completeness is of each way that is listed. */
  readonly recording: ScorecardRecording;
  /** Of one seed intervals are over examples, of several over the seeds. */
  readonly seeds: readonly number[];
  readonly seconds: number;
  readonly completeness: readonly Completeness[];
  /** Area under the curve with which each score finds the examples whose label was changed. */
  readonly mislabelled: {
    readonly examples: number;
    readonly changed: number;
    readonly scores: readonly Score[];
  };
  /** Linear datamodelling: rank correlation of predicted and true outputs after retraining. */
  readonly datamodelling: {
    readonly subsets: number;
    readonly share: number;
    readonly examples: number;
    readonly scores: readonly Score[];
  };
  /** Rank correlation of an explanation with that of another run or network. */
  readonly randomised: { readonly examples: number; readonly scores: readonly Score[] };
}

/** The largest residual of a training, over its layers and the examples asked about. */
export interface Completeness {
  readonly training: string;
  readonly layers: number;
  readonly examples: number;
  readonly residual: number;
}

/** A score with its mean over examples, or over seeds. */
export interface Score {
  readonly name: string;
  readonly estimate: Estimate;
}
