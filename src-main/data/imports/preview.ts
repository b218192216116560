import type { ImportPreview, ImportSample } from '../../../src-shared/contract/imports';
import type { SplitName } from '../data-set';
import { splitOf } from '../split-of';
import type { StoredDescription } from '../stored';
import type { ReadExamples } from './importer';

/** Examples shown of each class, and in all. */
const samplesOfClass = 2;
const mostSamples = 24;

/** What is shown of a data set before it is kept. */
export async function previewOf(
  id: string,
  suggestedName: string,
  { importedFrom: kind, shape, classNames, fingerprint, notes }: StoredDescription,
  read: ReadExamples,
): Promise<ImportPreview> {
  const counts = {
    train: countsOf(read.train.labels, classNames.length),
    test: countsOf(read.test.labels, classNames.length),
  };
  const samples = await samplesOf('train', read);
  return { id, kind, suggestedName, shape, classNames, counts, fingerprint, notes, samples };
}

function countsOf(labels: Int32Array, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label] = (counts[label] as number) + 1;
  return counts;
}

/** The first examples of each class, by class. */
async function samplesOf(
  split: SplitName,
  { [split]: raw, columns }: ReadExamples,
): Promise<ImportSample[]> {
  const examples = splitOf(split, raw, columns);
  const found = new Map<number, number[]>();
  for (const [index, label] of raw.labels.entries()) {
    const places = found.get(label) ?? [];
    if (places.length < samplesOfClass) places.push(index);
    found.set(label, places);
  }
  const shown = [...found]
    .sort(([a], [b]) => a - b)
    .flatMap(([label, places]) => places.map((index) => ({ label, index })))
    .slice(0, mostSamples);
  const samples: ImportSample[] = [];
  for (const { label, index } of shown) {
    const picture = await examples.thumbnail(index);
    samples.push({ split, index, label, picture, cells: examples.cells(index) });
  }
  return samples;
}
