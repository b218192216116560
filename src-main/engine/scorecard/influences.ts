import type {
  ExampleReference,
  ExplanationTarget,
  LayerExplanation,
} from '../../../src-shared/explanation/explanation';
import { explain } from '../explanation/explain';
import { bestBut, type LabelledExamples, logitsOf, type SmallRun } from './small-run';

/** How an example is asked about: z, or why its own class rather than the next best. */
export type Question = 'representation' | 'margin';

/**
 * γ of every training example at the output layer, for each of some examples.
 *
 * @returns one array an example, one number a training example: shares of ‖z‖², or γ of the margin
 */
export async function influences(
  run: SmallRun,
  examples: readonly ExampleReference[],
  question: Question,
  signal: AbortSignal,
): Promise<Float64Array[]> {
  const output = run.network.model.nodes.at(-1)?.spec.name as string;
  const found: Float64Array[] = [];
  for (const { target, places } of asked(run, examples, question)) {
    const explanations = await explain(run, {
      ...{ layers: [output], target, unit: 'credit', exampleSplit: 'exact', norms: false, signal },
      examples: places.map((place) => examples[place] as ExampleReference),
      top: run.splits.train.count,
    });
    for (const [k, { layers }] of explanations.entries()) {
      const [layer] = layers as [LayerExplanation];
      const unit = question === 'margin' ? 1 : layer.normSquared;
      const row = new Float64Array(run.splits.train.count);
      for (const { index, gamma } of layer.examples) row[index] = gamma / unit;
      found[places[k] as number] = row;
    }
  }
  return found;
}

/** The targets, each with the places of the examples that it is for: one pass over the trace each. */
function asked(
  run: SmallRun,
  examples: readonly ExampleReference[],
  question: Question,
): { target: ExplanationTarget; places: number[] }[] {
  if (question === 'representation') {
    return [{ target: { kind: 'representation' }, places: [...examples.keys()] }];
  }
  const byPair = new Map<string, { target: ExplanationTarget; places: number[] }>();
  for (const [place, { split, index }] of examples.entries()) {
    const data = run.splits[split] as LabelledExamples;
    const label = data.labels[index] as number;
    const [logits] = logitsOf(run.network, data, [index]) as [Float32Array];
    const over = [label, bestBut(logits, label)] as const;
    const pair = byPair.get(over.join()) ?? { target: { kind: 'margin', over }, places: [] };
    byPair.set(over.join(), pair);
    pair.places.push(place);
  }
  return [...byPair.values()];
}
