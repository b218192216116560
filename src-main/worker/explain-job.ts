import type { CallContext } from '../../src-shared/contract/rpc';
import type {
  ExampleFilter,
  ExamplePage,
  ExplainRequest,
  ExplanationView,
  Thumbnail,
} from '../../src-shared/contract/views';
import { DeltascopeError } from '../../src-shared/errors';
import { ridgePlot } from '../../src-shared/explanation/ridge';
import { type ExplainOptions, explain } from '../engine/explanation/explain';
import type { OpenRun } from './open-run';

/** Milliseconds between two progress messages. */
const interval = 100;

/** Explains one example for the window, with its ridge plots. */
export async function explainExample(
  run: OpenRun,
  request: ExplainRequest,
  { signal, onProgress }: CallContext,
): Promise<ExplanationView> {
  let lastSent = 0;
  const options: ExplainOptions = {
    ...request,
    examples: [{ split: request.split, index: request.index }],
    signal,
    onProgress(stepsRead, steps) {
      if (performance.now() - lastSent < interval) return;
      lastSent = performance.now();
      onProgress({ kind: 'explain', stepsRead, steps });
    },
  };
  const [explanation] = await explain(run.explainable, options);
  if (!explanation) throw new Error('no explanation');
  const { probabilities } = explanation.example;
  const ridges = explanation.layers.map(({ name, steps }) => ridgePlot(name, steps, probabilities));
  return { ...explanation, ridges };
}

/** One page of a split's examples with what the final network says of them. */
export async function examplesPage(
  run: OpenRun,
  query: {
    readonly split: 'train' | 'test';
    readonly filter: ExampleFilter;
    readonly offset: number;
    readonly count: number;
  },
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
export function exampleThumbnail(run: OpenRun, split: 'train' | 'test', index: number): Thumbnail {
  const picture = run.data[split].thumbnail(index);
  if (picture) return picture;
  throw new DeltascopeError(
    'example-missing',
    'worker',
    `The examples of '${run.data.name}' are not pictures.`,
  );
}
