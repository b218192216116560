import {
  type ArchitectureAnalysis,
  hasUpdates,
  type Specificity,
} from '../../../src-shared/architecture/architecture';
import type { BandedNumber } from '../../../src-shared/privacy/release';
import { type RuleId, roundedMean } from '../../../src-shared/privacy/rules';
import { type InfluenceTally, trainedByClass } from '../influence-tally';
import type { Publisher } from '../publisher';
import { emptyContents, type Published } from './checked';

/**
 * The class × layer map with its null band. Without a class the mean over the classes is kept back too:
 * it would tell that class's number.
 */
export function specificityOutput(
  analysis: ArchitectureAnalysis | null,
  tally: InfluenceTally,
  publisher: Publisher,
): Published<'specificity'> {
  if (analysis === null || analysis.unavailable !== null) {
    const content = emptyContents.specificity;
    const why = analysis?.unavailable;
    return { content, groups: 0, ...(why ? { unavailable: why } : {}) };
  }
  const trained = trainedByClass(tally.training.participants);
  const all = tally.training.participants.labels.length;
  const cells = new Map(tally.layers.map((layer) => [layer.name, layer.cells]));
  const banded = (found: Specificity, sensitivity: number, rule: RuleId | null): BandedNumber => ({
    value: publisher.mean(found.specificity, sensitivity, rule),
    band: [roundedMean(found.band[0]), roundedMean(found.band[1])],
  });
  const layers = analysis.layers.filter(hasUpdates).map(({ name, whole, classes }) => {
    const rules = classes.map(({ label }): RuleId | null => {
      const examples = cells.get(name)?.get(label)?.examples ?? [];
      const own = trained[label] as number;
      return publisher.broken({
        asked: examples.length,
        trained: Math.min(own, all - own),
        contributions: [examples.map(({ specificity }) => specificity)],
      });
    });
    const complete = whole !== null && rules.every((rule) => rule === null);
    const fewest = Math.min(...classes.map(({ examples }) => examples));
    return {
      layer: name,
      whole: complete ? banded(whole, 1 / (fewest * classes.length), null) : null,
      classes: classes.map((each, at) => ({
        label: each.label,
        ...banded(each, 1 / each.examples, rules[at] ?? null),
      })),
    };
  });
  const { permutations, level } = analysis.null ?? { permutations: 0, level: 0 };
  const shown = layers.flatMap(({ classes }) =>
    classes.filter(({ value }) => typeof value === 'number').map(({ label }) => label),
  );
  return {
    content: { unit: analysis.unit, over: analysis.over ?? 'steps', permutations, level, layers },
    groups: new Set(shown).size,
  };
}
