import { DeltascopeError } from '../../src-shared/errors';
import type { ReleasedSample } from '../../src-shared/privacy/release';
import type { ReleaseSettings } from '../../src-shared/privacy/review';
import { roundedCount } from '../../src-shared/privacy/rules';
import type { ExplainableRun } from '../engine/explanation/explainable-run';
import { Participants } from '../engine/explanation/participants';
import {
  type AnalysisOptions,
  analyseArchitecture,
  eligibleClasses,
} from '../engine/uniformity/analyse';
import { InfluenceTally } from './influence-tally';
import type { Material } from './outputs/all';
import { ConfusionCounts } from './outputs/predictions';
import { drawSample, smallestSplit } from './sample';
import type { SecretRandom } from './secret-random';

/** Of the permutations behind the null band; the examples are drawn without a seed. */
const seed = 1;

export interface GatherRequest {
  readonly split: 'train' | 'test';
  /** What the final network says of the split's examples. */
  readonly predicted: Int32Array;
  readonly settings: Pick<ReleaseSettings, 'atLeast' | 'examples'>;
  readonly random: SecretRandom;
  readonly permutations?: number;
}

/** The secret sample: what is known of it before the trace is read. */
export interface Drawn extends Pick<Material, 'split' | 'confusion'> {
  /** Places of those that are to be explained. */
  readonly explained: readonly number[];
  /** What a release says of the sample. */
  readonly sample: ReleasedSample;
}

/**
 * Draws the secret sample.
 *
 * @throws `not-disclosable` where the split is too small for any release
 */
export function drawMaterial(
  run: ExplainableRun,
  { split, predicted, settings, random }: GatherRequest,
): Drawn {
  const { classes } = run.network.model;
  const smallest = smallestSplit(settings);
  if (predicted.length < smallest) {
    throw new DeltascopeError(
      'not-disclosable',
      'privacy',
      `The run has fewer than ${smallest} ${split} examples: nothing of it can be released.`,
    );
  }
  const drawn = drawSample(predicted, settings.examples, eligibleClasses(run), settings, random);
  const labels = drawn.predicted.map((index) => Number(run.splits[split].labels[index]));
  const said = drawn.predicted.map((index) => predicted[index] as number);
  return {
    split,
    confusion: new ConfusionCounts(labels, said, classes),
    explained: drawn.explained,
    sample: {
      split,
      predicted: roundedCount(drawn.predicted.length),
      explained: roundedCount(drawn.explained.length),
    },
  };
}

/**
 * Explains the sample, layer by layer.
 *
 * @throws `cancelled`; what reading the trace throws
 */
export async function explainMaterial(
  run: ExplainableRun,
  { explained }: Drawn,
  { split, predicted, permutations }: GatherRequest,
  { signal, onProgress }: Pick<AnalysisOptions, 'signal' | 'onProgress'>,
): Promise<Pick<Material, 'tally' | 'analysis'>> {
  const { source, network, splits } = run;
  const asked = new Map<number, number>();
  for (const index of explained) {
    const label = predicted[index] as number;
    asked.set(label, (asked.get(label) ?? 0) + 1);
  }
  const batches = Array.from(source.allExamples(), ({ examples }) => examples);
  const participants = new Participants(batches, splits.train.labels, network.model.classes);
  const tally = new InfluenceTally({ participants, stepLabels: source.steps.label }, asked);
  if (explained.length === 0) return { tally, analysis: null };
  const analysis = await analyseArchitecture(run, {
    ...{ split, predicted, seed, examples: explained },
    ...(permutations === undefined ? {} : { permutations }),
    ...(signal ? { signal } : {}),
    ...(onProgress ? { onProgress } : {}),
    onExplained: (examples) => tally.take(examples),
  });
  return { tally, analysis };
}
