import type { ArchitectureAnalysis } from '../../../src-shared/architecture/architecture';
import type { OutputKind, OutputOf, ReleaseOutput } from '../../../src-shared/privacy/release';
import type { ReleaseSettings } from '../../../src-shared/privacy/review';
import type { InfluenceTally } from '../influence-tally';
import { Publisher } from '../publisher';
import type { SecretRandom } from '../secret-random';
import { checkedOutput, type Published, uncheckedOutput } from './checked';
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

/** How outputs are checked. */
export interface CheckOptions extends Pick<ReleaseSettings, 'atLeast' | 'epsilon'> {
  readonly random: SecretRandom;
  /** Is told of each output once it is checked. */
  readonly onChecked?: (output: ReleaseOutput) => void;
}

/** Works out every output and checks it. */
export function allOutputs(material: Material, options: CheckOptions): ReleaseOutput[] {
  return [...predictionOutputs(material, options), ...influenceOutputs(material, options)];
}

/** The outputs that need no trace. */
export function predictionOutputs(
  { split, confusion }: Pick<Material, 'split' | 'confusion'>,
  options: CheckOptions,
): ReleaseOutput[] {
  return [
    made('accuracy', split, options, (publisher) => accuracyOutput(confusion, publisher)),
    made('confusion', split, options, (publisher) => confusionOutput(confusion, publisher)),
  ];
}

/** The outputs that tell of what the updates put there. */
export function influenceOutputs(
  { split, tally, analysis }: Omit<Material, 'confusion'>,
  options: CheckOptions,
): ReleaseOutput[] {
  const unit = analysis?.unit ?? 'update';
  let shares: Published<'class-shares'> | null = null;
  return [
    made('class-shares', split, options, (publisher) => {
      shares = classShareOutput(tally, unit, publisher);
      return shares;
    }),
    made('specificity', split, options, (publisher) =>
      specificityOutput(analysis, tally, publisher),
    ),
    made('cos-histograms', split, options, (publisher) =>
      cosHistogramOutput(tally, unit, publisher),
    ),
    made('timeline', split, options, (publisher) => timelineOutput(tally, unit, shares, publisher)),
    made('certificate', split, options, (publisher) => certificateOutput(tally, publisher)),
  ];
}

/** One output, checked; it fails where it or a rule could not be worked out. */
function made<Kind extends OutputKind>(
  kind: Kind,
  split: Material['split'],
  { atLeast, epsilon, random, onChecked }: CheckOptions,
  make: (publisher: Publisher) => Published<Kind>,
): ReleaseOutput {
  const publisher = new Publisher({ atLeast }, epsilon, random);
  let output: OutputOf<Kind>;
  try {
    output = checkedOutput(kind, make(publisher), publisher, split);
  } catch {
    output = uncheckedOutput(kind);
  }
  // A union of outputs by kind, which the compiler does not see in one of any kind.
  onChecked?.(output as ReleaseOutput);
  return output as ReleaseOutput;
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
