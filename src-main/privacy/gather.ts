import type { JobContext } from '../../src-shared/contract/progress';
import { DeltascopeError } from '../../src-shared/errors';
import type { ReleasedSample } from '../../src-shared/privacy/release';
import type { ReleaseSettings } from '../../src-shared/privacy/review';
import { roundedCount } from '../../src-shared/privacy/rules';
import type { ExplainableRun } from '../engine/explanation/explainable-run';
import { Participants } from '../engine/explanation/participants';
import { analyseArchitecture, eligibleClasses } from '../engine/uniformity/analyse';
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

/** What a release is made from, and what it says of the sample. */
export interface Gathered {
  readonly material: Material;
  readonly sample: ReleasedSample;
}

/**
 * Draws the secret sample and explains it in one pass.
 *
 * @throws `not-disclosable` where the split is too small for any release, `cancelled`
 */
export async function gather(
  run: ExplainableRun,
  { split, predicted, settings, random, permutations }: GatherRequest,
  { signal, onProgress }: Partial<JobContext>,
): Promise<Gathered> {
  const { source, network, splits } = run;
  const { classes } = network.model;
  const smallest = smallestSplit(settings);
  if (predicted.length < smallest) {
    throw new DeltascopeError(
      'not-disclosable',
      'privacy',
      `The run has fewer than ${smallest} ${split} examples: nothing of it can be released.`,
    );
  }
  const eligible = eligibleClasses(run);
  const drawn = drawSample(predicted, settings.examples, eligible, settings, random);
  const said = (index: number): number => predicted[index] as number;
  const asked = new Map<number, number>();
  for (const index of drawn.explained) asked.set(said(index), (asked.get(said(index)) ?? 0) + 1);
  const batches = Array.from(source.allExamples(), ({ examples }) => examples);
  const participants = new Participants(batches, splits.train.labels, classes);
  const tally = new InfluenceTally({ participants, stepLabels: source.steps.label }, asked);
  const analysis =
    drawn.explained.length === 0
      ? null
      : await analyseArchitecture(run, {
          ...{ split, predicted, seed },
          ...(permutations === undefined ? {} : { permutations }),
          ...(signal ? { signal } : {}),
          examples: drawn.explained,
          onExplained: (examples) => tally.take(examples),
          onProgress: ({ stepsRead, steps }) => onProgress?.({ kind: 'explain', stepsRead, steps }),
        });
  const labels = drawn.predicted.map((index) => Number(splits[split].labels[index]));
  const confusion = new ConfusionCounts(labels, drawn.predicted.map(said), classes);
  return {
    material: { split, confusion, tally, analysis },
    sample: {
      split,
      predicted: roundedCount(drawn.predicted.length),
      explained: roundedCount(drawn.explained.length),
    },
  };
}
