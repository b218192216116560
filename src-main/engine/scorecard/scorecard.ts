import type { Scorecard } from '../../../src-shared/scorecard';
import { completeness } from './completeness';
import { datamodelling } from './datamodelling';
import { findMislabelled } from './mislabelled';
import { randomised } from './randomised';
import { allIndices, type LabelledExamples, type SmallData, subset } from './small-run';

export interface ScorecardOptions {
  readonly seed: number;
  /** Training and test examples of each small training. */
  readonly examples: { readonly train: number; readonly test: number };
  /** Subsets of the linear datamodelling score. */
  readonly subsets: number;
  readonly signal: AbortSignal;
  readonly onProgress: (message: string) => void;
}

/** The scorecard as it is usually run. */
export const usualScorecard = {
  seed: 1,
  examples: { train: 400, test: 40 },
  subsets: 100,
} as const;

/** Measures the method on small trainings out of some data. */
export async function scorecard(
  name: string,
  whole: SmallData,
  { seed, examples, subsets, signal, onProgress }: ScorecardOptions,
): Promise<Scorecard> {
  const began = performance.now();
  const data = {
    ...whole,
    train: first(whole.train, examples.train),
    test: first(whole.test, examples.test),
  };
  onProgress('Completeness');
  const complete = await completeness(data, seed, signal);
  onProgress('Mislabelled examples');
  const mislabelled = await findMislabelled(data, seed, signal);
  onProgress('Randomised labels and networks');
  const random = await randomised(data, seed, signal);
  const modelled = await datamodelling(data, {
    ...{ seed, subsets, signal },
    onSubset: (done) => onProgress(`Linear datamodelling: ${done} of ${subsets} trainings`),
  });
  return {
    ...{ data: name, seed, completeness: complete, mislabelled, datamodelling: modelled },
    randomised: random,
    seconds: (performance.now() - began) / 1000,
  };
}

function first(examples: LabelledExamples, count: number): LabelledExamples {
  return subset(examples, allIndices(examples).slice(0, count));
}
