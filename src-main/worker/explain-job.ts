import type { CallContext } from '../../src-shared/contract/rpc';
import type {
  ExamplePage,
  ExamplesQuery,
  ExplainRequest,
  ExplanationView,
  Thumbnail,
} from '../../src-shared/contract/views';
import { DeltascopeError } from '../../src-shared/errors';
import type { Explanation, StepRange } from '../../src-shared/explanation/explanation';
import { ridgePlot } from '../../src-shared/explanation/ridge';
import { type StepCourse, stepsWithin } from '../../src-shared/explanation/timeline';
import { type ExplainOptions, explain } from '../engine/explanation/explain';
import type { OpenRun } from './open-run';

/** Milliseconds between two progress messages. */
const interval = 100;
/** Milliseconds between two partial explanations: each costs a pass over the steps read. */
const partialInterval = 700;

/** Explains one example for the window, with its ridge plots. */
export async function explainExample(
  run: OpenRun,
  request: ExplainRequest,
  { signal, onProgress }: CallContext,
): Promise<ExplanationView> {
  const { epoch, learningRate } = run.reader.steps;
  const range = request.range ?? { from: 0, to: epoch.length };
  checkRange(range, epoch.length);
  const viewOf = viewer({ epoch, learningRate }, range);
  let lastSent = 0;
  let lastPartial = performance.now();
  const options: ExplainOptions = {
    ...request,
    examples: [{ split: request.split, index: request.index }],
    signal,
    onProgress(stepsRead, steps, sofar) {
      const now = performance.now();
      if (now - lastSent < interval) return;
      lastSent = now;
      const due = now - lastPartial >= partialInterval;
      if (due) lastPartial = now;
      const partial = due ? { partial: viewOf(sofar()[0]) } : {};
      onProgress({ kind: 'explain', stepsRead, steps, ...partial });
    },
  };
  return viewOf((await explain(run.explainable, options))[0]);
}

/** Explains several examples at every layer in one pass, with their ridge plots. */
export async function explainedViews(
  run: OpenRun,
  question: Pick<ExplainOptions, 'examples' | 'target' | 'unit' | 'top'>,
  { signal, onProgress }: CallContext,
): Promise<ExplanationView[]> {
  const { epoch, learningRate } = run.reader.steps;
  const explanations = await explain(run.explainable, {
    ...question,
    ...{ layers: null, exampleSplit: null, signal },
    onProgress: (stepsRead, steps) => onProgress({ kind: 'explain', stepsRead, steps }),
  });
  return explanations.map(viewer({ epoch, learningRate }, { from: 0, to: epoch.length }));
}

/** Puts the ridge plots of a range's steps beside the one explanation. */
function viewer(course: StepCourse, range: StepRange) {
  return (explanation: Explanation | undefined): ExplanationView => {
    if (!explanation) throw new Error('no explanation');
    const { probabilities } = explanation.example;
    const ridges = explanation.layers.map(({ name, steps }) =>
      ridgePlot(name, stepsWithin(steps, range), probabilities),
    );
    return { ...explanation, ridges, course };
  };
}

function checkRange({ from, to }: StepRange, steps: number): void {
  if (from < to && to <= steps) return;
  throw new DeltascopeError(
    'request-invalid',
    'worker',
    `Steps ${from} to ${to} are no range of this run, which has ${steps} steps.`,
  );
}

/** One page of a split's examples with what the final network says of them. */
export async function examplesPage(
  run: OpenRun,
  query: ExamplesQuery,
  signal: AbortSignal,
): Promise<ExamplePage> {
  const { predicted, confidence } = await run.predictions(query.split, signal);
  const { labels } = run.data[query.split];
  const chosen = (index: number): boolean =>
    query.filter === 'all' || (predicted[index] === labels[index]) === (query.filter === 'correct');
  const indices = Array.from(predicted.keys()).filter(chosen);
  return {
    total: indices.length,
    offset: query.offset,
    tiles: indices.slice(query.offset, query.offset + query.count).map((index) => ({
      index,
      label: labels[index] as number,
      predicted: predicted[index] as number,
      confidence: confidence[index] as number,
    })),
  };
}

/** @throws `example-missing` where the data has no pictures or no such example */
export async function exampleThumbnail(
  run: OpenRun,
  split: 'train' | 'test',
  index: number,
): Promise<Thumbnail> {
  const picture = await run.data[split].thumbnail(index);
  if (picture) return picture;
  throw new DeltascopeError(
    'example-missing',
    'worker',
    `The examples of '${run.data.name}' are not pictures.`,
  );
}
