import { DeltascopeError } from '../../src-shared/errors';
import { graphShapeOf } from '../../src-shared/model/graph-shape';
import { sizeOf } from '../../src-shared/model/resolved';
import type { DataSet, Split } from './data-set';

/** Mean and standard deviation of each channel (or of all, where there is one), after 0…1. */
export interface Normalization {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/**
 * The data set with (x − mean) / std in place of x, as a recipe's `normalize` asks for; null: the data
 * set as it is. Thumbnails and the fingerprint stay those of the examples themselves.
 *
 * @throws `recipe-invalid` where the numbers don't fit the data's channels
 */
export function normalized(dataSet: DataSet, normalization: Normalization | null): DataSet {
  if (normalization === null) return dataSet;
  if (graphShapeOf(dataSet.shape)) {
    throw new DeltascopeError(
      'recipe-invalid',
      'recipe',
      `normalize is for pictures and tables, but the examples of '${dataSet.name}' are graphs; leave it out.`,
    );
  }
  const channels = dataSet.shape.at(-1) ?? 1;
  for (const field of ['mean', 'std'] as const) {
    const { length } = normalization[field];
    if (length === 1 || length === channels) continue;
    throw new DeltascopeError(
      'recipe-invalid',
      'recipe',
      `normalize.${field} has ${length} numbers, but the examples of '${dataSet.name}' have ` +
        `${channels} channels; give one number, or one for each channel.`,
    );
  }
  return {
    ...dataSet,
    train: normalizedSplit(dataSet.train, normalization, channels),
    test: normalizedSplit(dataSet.test, normalization, channels),
  };
}

function normalizedSplit(split: Split, { mean, std }: Normalization, channels: number): Split {
  const perChannel = (values: readonly number[]) =>
    Float32Array.from({ length: channels }, (_, c) => values[c % values.length] as number);
  const means = perChannel(mean);
  const deviations = perChannel(std);
  const size = sizeOf(split.shape);
  return {
    count: split.count,
    shape: split.shape,
    labels: split.labels,
    holdsPixels: split.holdsPixels,
    gather(indices, into) {
      split.gather(indices, into);
      const end = indices.length * size;
      for (let i = 0; i < end; i++) {
        const c = i % channels;
        // Rounded after each operation, as fp32 arithmetic elsewhere does.
        const centred = Math.fround((into[i] as number) - (means[c] as number));
        into[i] = centred / (deviations[c] as number);
      }
    },
    thumbnail: (index) => split.thumbnail(index),
    cells: (index) => split.cells(index),
    origin: (index) => split.origin(index),
  };
}
