import type { ArchitectureAnalysis } from '../../../src-shared/architecture/architecture';
import type { OutputKind, ReleaseOutput } from '../../../src-shared/privacy/release';
import type { ReleaseSettings } from '../../../src-shared/privacy/review';
import type { InfluenceTally } from '../influence-tally';
import { Publisher } from '../publisher';
import type { SecretRandom } from '../secret-random';
import { checkedOutput, type Published } from './checked';
import {
  certificateOutput,
  classShareOutput,
  cosHistogramOutput,
  timelineOutput,
} from './influence';
import { accuracyOutput, type ConfusionCounts, confusionOutput } from './predictions';
import { specificityOutput } from './specificity';

/** What the outputs are made from; it stays where it is. */
export interface Material {
  readonly split: 'train' | 'test';
  readonly confusion: ConfusionCounts;
  readonly tally: InfluenceTally;
  /** Null where no class has enough examples to be explained. */
  readonly analysis: ArchitectureAnalysis | null;
}

/** Works out every output and checks it. */
export function allOutputs(
  { split, confusion, tally, analysis }: Material,
  { atLeast, epsilon }: Pick<ReleaseSettings, 'atLeast' | 'epsilon'>,
  random: SecretRandom,
): ReleaseOutput[] {
  const unit = analysis?.unit ?? 'update';
  const shares = new Publisher({ atLeast }, epsilon, random);
  const publishedShares = classShareOutput(tally, unit, shares);
  const made = <Kind extends OutputKind>(
    kind: Kind,
    make: (publisher: Publisher) => Published<Kind>,
  ) => {
    const publisher = new Publisher({ atLeast }, epsilon, random);
    return checkedOutput(kind, make(publisher), publisher, split);
  };
  return [
    made('accuracy', (publisher) => accuracyOutput(confusion, publisher)),
    made('confusion', (publisher) => confusionOutput(confusion, publisher)),
    checkedOutput('class-shares', publishedShares, shares, split),
    made('specificity', (publisher) => specificityOutput(analysis, tally, publisher)),
    made('cos-histograms', (publisher) => cosHistogramOutput(tally, unit, publisher)),
    made('timeline', (publisher) => timelineOutput(tally, unit, publishedShares, publisher)),
    made('certificate', (publisher) => certificateOutput(tally, publisher)),
  ];
}

/**
 * How many numbers of the outputs one example asked is behind, at most: what its ε adds up over. The
 * certificate has no noise.
 */
export function numbersOfOneExample(
  { tally, analysis }: Pick<Material, 'tally' | 'analysis'>,
  classes: number,
): number {
  const bins = Math.max(
    0,
    ...tally.layers.flatMap(({ cells }) => [...cells.values()].map((cell) => cell.bins)),
  );
  const epochs = Math.max(
    0,
    ...tally.layers.flatMap(({ cells }) =>
      [...cells.values()].map(({ examples }) => examples[0]?.reached.length ?? 0),
    ),
  );
  const shares = classes + 2;
  const specificities = analysis === null ? 0 : 2;
  // Accuracy of the class and of all, the class's count, and a count of the confusion.
  return 4 + tally.layers.length * (shares + specificities + 2 * bins + 1 + epochs);
}
