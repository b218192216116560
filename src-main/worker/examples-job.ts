import type {
  ExamplePage,
  ExamplesFilter,
  ExamplesQuery,
  Thumbnail,
} from '../../src-shared/contract/views';
import { DeltascopeError } from '../../src-shared/errors';
import type { Predictions } from '../engine/evaluation';
import type { OpenRun } from './open-run';

/** One page of a split's examples with what the final network says of them. */
export async function examplesPage(
  run: OpenRun,
  query: ExamplesQuery,
  signal: AbortSignal,
): Promise<ExamplePage> {
  const predictions = await run.predictions(query.split, signal);
  const { predicted, confidence } = predictions;
  const { labels } = run.data[query.split];
  const indices = chosen(run, query, predictions);
  return {
    total: indices.length,
    offset: query.offset,
    tiles: Array.from(indices.slice(query.offset, query.offset + query.count), (index) => ({
      index,
      label: labels[index] as number,
      predicted: predicted[index] as number,
      confidence: confidence[index] as number,
    })),
  };
}

/** Where an example stands in a filtered list; −1 where it doesn't. */
export async function placeOfExample(
  run: OpenRun,
  filter: ExamplesFilter,
  index: number,
  signal: AbortSignal,
): Promise<number> {
  return chosen(run, filter, await run.predictions(filter.split, signal)).indexOf(index);
}

/** Indices of the examples that pass a filter: ascending, or suspects by how sure the network is. */
function chosen(
  run: OpenRun,
  filter: ExamplesFilter,
  { predicted, confidence }: Predictions,
): Int32Array {
  const { labels } = run.data[filter.split];
  const passes = (index: number): boolean =>
    (filter.filter === 'all' ||
      (predicted[index] === labels[index]) === (filter.filter === 'correct')) &&
    (filter.label === null || labels[index] === filter.label) &&
    (filter.predicted === null || predicted[index] === filter.predicted);
  const indices = Int32Array.from(predicted.keys()).filter(passes);
  if (filter.filter !== 'suspects') return indices;
  return indices.sort((a, b) => (confidence[b] as number) - (confidence[a] as number));
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
