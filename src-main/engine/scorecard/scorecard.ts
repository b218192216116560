import type { Score, Scorecard, ScorecardRecording } from '../../../src-shared/scorecard';
import { estimateOverRuns } from '../../../src-shared/statistics';
import { completeness } from './completeness';
import { datamodelling } from './datamodelling';
import { findMislabelled } from './mislabelled';
import { randomised } from './randomised';
import { allIndices, type LabelledExamples, type SmallData, subset } from './small-run';
import { usualTraining } from './task';

export interface ScorecardOptions {
  readonly recording: ScorecardRecording;
  readonly seeds: readonly number[];
  /** Training and test examples of each small training. */
  readonly examples: { readonly train: number; readonly test: number };
  /** Subsets of the linear datamodelling score. */
  readonly subsets: number;
  readonly signal: AbortSignal;
  readonly onProgress: (message: string) => void;
}

/** The scorecard as it is usually run. */
export const usualScorecard = {
  recording: 'mini-batches',
  seeds: [1],
  examples: { train: 400, test: 40 },
  subsets: 100,
} as const;

/**
 * Measures the method on small trainings out of some data. With several seeds everything is done once
 * for each: the choice of labels and halves, the starts and the batches; the data stay the same.
 */
export async function scorecard(
  name: string,
  whole: SmallData,
  options: ScorecardOptions,
): Promise<Scorecard> {
  const began = performance.now();
  const { recording, seeds, examples, onProgress } = options;
  const data = {
    ...whole,
    train: first(whole.train, examples.train),
    test: first(whole.test, examples.test),
  };
  const cards: SeedCard[] = [];
  for (const seed of seeds) {
    const told = (message: string): void =>
      onProgress(
        seeds.length > 1 ? `Seed ${cards.length + 1} of ${seeds.length}: ${message}` : message,
      );
    cards.push(await cardOf(data, seed, { ...options, onProgress: told }));
  }
  const seconds = (performance.now() - began) / 1000;
  return { data: name, recording, seeds, ...overSeeds(cards), seconds };
}

type SeedCard = Pick<Scorecard, 'completeness' | 'mislabelled' | 'datamodelling' | 'randomised'>;

async function cardOf(
  data: SmallData,
  seed: number,
  { recording, subsets, signal, onProgress }: ScorecardOptions,
): Promise<SeedCard> {
  const training = usualTraining(recording);
  onProgress('Completeness');
  const complete = await completeness(data, seed, signal);
  onProgress('Mislabelled examples');
  const mislabelled = await findMislabelled(data, training, seed, signal);
  onProgress('Randomised labels and networks');
  const random = await randomised(data, training, seed, signal);
  const modelled = await datamodelling(data, {
    ...{ training, seed, subsets, signal },
    onSubset: (done) => onProgress(`Linear datamodelling: ${done} of ${subsets} trainings`),
  });
  return { completeness: complete, mislabelled, datamodelling: modelled, randomised: random };
}

/** Means over the seeds with their intervals by Student's t; of one seed its own. Residuals: the largest. */
function overSeeds(cards: readonly SeedCard[]): SeedCard {
  const [one] = cards as [SeedCard, ...SeedCard[]];
  if (cards.length === 1) return one;
  const pooled = (scoresOf: (card: SeedCard) => readonly Score[]): Score[] =>
    scoresOf(one).map(({ name, estimate }, place) => ({
      name,
      estimate:
        estimateOverRuns(cards.map((card) => scoresOf(card)[place]?.estimate.mean ?? Number.NaN)) ??
        estimate,
    }));
  return {
    completeness: one.completeness.map((training, place) => ({
      ...training,
      residual: Math.max(...cards.map((card) => card.completeness[place]?.residual ?? 0)),
    })),
    mislabelled: { ...one.mislabelled, scores: pooled((card) => card.mislabelled.scores) },
    datamodelling: { ...one.datamodelling, scores: pooled((card) => card.datamodelling.scores) },
    randomised: { ...one.randomised, scores: pooled((card) => card.randomised.scores) },
  };
}

function first(examples: LabelledExamples, count: number): LabelledExamples {
  return subset(examples, allIndices(examples).slice(0, count));
}
