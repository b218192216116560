import type { ImportPreview, ImportSample } from '../../../src-shared/contract/imports';
import { ArraySplit } from '../array-split';
import type { SplitName } from '../data-set';
import type { StoredDescription } from '../stored';
import type { ReadExamples } from './importer';

/** Examples shown of each class, and in all. */
const samplesOfClass = 2;
const mostSamples = 24;

/** What is shown of a data set before it is kept. */
export function previewOf(
  id: string,
  suggestedName: string,
  { importedFrom: kind, shape, classNames, fingerprint, notes }: StoredDescription,
  read: ReadExamples,
): ImportPreview {
  const counts = {
    train: countsOf(read.train.labels, classNames.length),
    test: countsOf(read.test.labels, classNames.length),
  };
  const samples = samplesOf('train', read);
  return { id, kind, suggestedName, shape, classNames, counts, fingerprint, notes, samples };
}

function countsOf(labels: Int32Array, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label] = (counts[label] as number) + 1;
  return counts;
}

/** The first examples of each class, by class. */
function samplesOf(split: SplitName, { [split]: raw, columns }: ReadExamples): ImportSample[] {
  const examples = new ArraySplit(split, raw, columns);
  const found = new Map<number, number[]>();
  for (const [index, label] of raw.labels.entries()) {
    const places = found.get(label) ?? [];
    if (places.length < samplesOfClass) places.push(index);
    found.set(label, places);
  }
  return [...found]
    .sort(([a], [b]) => a - b)
    .flatMap(([label, places]) => places.map((index) => ({ label, index })))
    .slice(0, mostSamples)
    .map(({ label, index }) => ({
      ...{ split, index, label },
      picture: examples.thumbnail(index),
      cells: examples.cells(index),
    }));
}
