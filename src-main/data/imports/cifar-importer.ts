import { basename } from 'node:path';
import type { JobContext } from '../../../src-shared/contract/progress';
import { ByteSource, wholeFile } from '../byte-source';
import type { RawExamples } from '../data-set';
import { corrupt, missing } from '../failures';
import type { OriginOf } from '../origins';
import { numberedClasses } from './class-names';
import { fileBelow, readWhole } from './confined';
import type { Importer, ReadExamples } from './importer';
import { ReadingProgress } from './reading-progress';

/** Side and bytes of a picture: 32 × 32 red values, then the green and the blue ones. */
const side = 32;
const plane = side * side;
const pictureBytes = 3 * plane;
const largestNames = 65_536;

/** How a member of the family is laid out. */
interface Layout {
  readonly train: readonly string[];
  readonly test: string;
  readonly names: string;
  /** Label bytes before each picture; the last is the class. */
  readonly labelBytes: number;
  readonly classes: number;
}

const cifar10: Layout = {
  train: [1, 2, 3, 4, 5].map((batch) => `data_batch_${batch}.bin`),
  test: 'test_batch.bin',
  names: 'batches.meta.txt',
  labelBytes: 1,
  classes: 10,
};

const cifar100: Layout = {
  train: ['train.bin'],
  test: 'test.bin',
  names: 'fine_label_names.txt',
  labelBytes: 2,
  classes: 100,
};

/** What the Python versions of both hold; they are pickles, which can run code. */
const pickles = ['data_batch_1', 'test_batch', 'batches.meta', 'train', 'test', 'meta'];

/** CIFAR-10 and CIFAR-100 in their binary versions. */
export const cifarImporter: Importer = {
  kind: 'cifar10',
  title: 'CIFAR binary batches',
  description:
    'The folder of CIFAR-10’s binary version (data_batch_1.bin … test_batch.bin, batches.meta.txt), or of CIFAR-100’s (train.bin, test.bin, fine_label_names.txt).',
  takes: 'folder',
  options: [],
  async read(root, _options, context) {
    const layout = await layoutIn(root);
    const present: string[] = [];
    for (const name of layout.train) if (await fileBelow(root, name)) present.push(name);
    const batches = await readFiles(root, present, layout, context);
    const train = joined(batches);
    const test = joined(await readFiles(root, [layout.test], layout, context));
    const origins = {
      train: recordsOf(present, batches),
      test: recordsOf([layout.test], [test]),
    };
    const names = await classNamesIn(root, layout);
    const notes = ['Pixels 0…255 are scaled to 0…1.'];
    if (present.length < layout.train.length) {
      notes.push(
        `Of ${layout.train.length} training files only these are here: ${present.join(', ')}.`,
      );
    }
    if (names === null)
      notes.push(`There is no ${layout.names}: classes are named by their numbers.`);
    if (layout.labelBytes === 2) notes.push('The classes are the 100 fine ones.');
    const classNames = checkedNames(names, [train, test], layout);
    return { classNames, train, test, columns: null, origins, notes } satisfies ReadExamples;
  },
};

async function layoutIn(root: string): Promise<Layout> {
  for (const layout of [cifar10, cifar100]) {
    for (const name of layout.train) if (await fileBelow(root, name)) return layout;
  }
  for (const name of pickles) {
    if (!(await fileBelow(root, name))) continue;
    throw missing(
      `${basename(root)} holds Python pickles, which can run code and are not read; get the binary version (cifar-10-binary.tar.gz or cifar-100-binary.tar.gz) and unpack it.`,
    );
  }
  throw missing(
    `${basename(root)} has no file 'data_batch_1.bin' (CIFAR-10) or 'train.bin' (CIFAR-100); give the folder of the unpacked binary version.`,
  );
}

async function readFiles(
  root: string,
  names: readonly string[],
  layout: Layout,
  context: JobContext,
): Promise<RawExamples[]> {
  const parts: RawExamples[] = [];
  for (const name of names) parts.push(await readBatch(root, name, layout, context));
  return parts;
}

/** The records of one file: label bytes, then the three planes of a picture. */
async function readBatch(
  root: string,
  file: string,
  { labelBytes, classes }: Layout,
  context: JobContext,
): Promise<RawExamples> {
  const path = await fileBelow(root, file);
  if (path === null) throw missing(`${basename(root)} has no file '${file}'.`);
  const stretch = await wholeFile(path, file);
  const record = labelBytes + pictureBytes;
  const count = Math.floor(stretch.length / record);
  if (stretch.packing !== 'stored') {
    throw corrupt({ file, offset: 0 }, 'this file is packed by gzip; unpack it first.');
  }
  if (count === 0 || stretch.length % record !== 0) {
    const rule = `a whole number of records of ${record} bytes is needed, but the file ends inside one.`;
    throw corrupt({ file, offset: count * record }, rule);
  }
  const progress = new ReadingProgress(context, 'pictures', count);
  const source = new ByteSource(stretch);
  try {
    const values = source.allocate(count * pictureBytes, 'the pictures');
    const labels = new Int32Array(count);
    const bytes = new Uint8Array(record);
    for (let example = 0; example < count; example++) {
      await source.fill(bytes, `record ${example}`);
      const label = bytes[labelBytes - 1] as number;
      if (label >= classes) {
        const offset = example * record + labelBytes - 1;
        throw corrupt({ file, offset }, `the label is ${label}; there are ${classes} classes.`);
      }
      labels[example] = label;
      interleave(bytes.subarray(labelBytes), values.subarray(example * pictureBytes));
      await progress.advance(1);
    }
    return { shape: [side, side, 3], labels, values };
  } finally {
    await source.close();
  }
}

/** [channel, row, column] to [row, column, channel]. */
function interleave(planes: Uint8Array, into: Uint8Array): void {
  for (let pixel = 0; pixel < plane; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      into[3 * pixel + channel] = planes[channel * plane + pixel] as number;
    }
  }
}

/** The records of files, one after another, as origins; counted from 0 in each, as errors do. */
function recordsOf(files: readonly string[], read: readonly RawExamples[]): OriginOf {
  return (at) => {
    let record = at;
    let file = 0;
    while (record >= (read[file] as RawExamples).labels.length) {
      record -= (read[file++] as RawExamples).labels.length;
    }
    return `${files[file]}, record ${record}`;
  };
}

function joined(parts: readonly RawExamples[]): RawExamples {
  const count = parts.reduce((sum, { labels }) => sum + labels.length, 0);
  const labels = new Int32Array(count);
  const values = new Uint8Array(count * pictureBytes);
  let at = 0;
  for (const part of parts) {
    labels.set(part.labels, at);
    values.set(part.values, at * pictureBytes);
    at += part.labels.length;
  }
  return { shape: [side, side, 3], labels, values };
}

/** The lines of the file of class names; null where there is none. */
async function classNamesIn(root: string, { names }: Layout): Promise<string[] | null> {
  const path = await fileBelow(root, names);
  if (path === null) return null;
  const bytes = await readWhole(path, names, largestNames);
  const lines = decoded(bytes, names).split(/\r?\n/);
  while (lines.at(-1)?.trim() === '') lines.pop();
  return lines.map((line) => line.trim());
}

function decoded(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw corrupt({ file, offset: 0 }, 'this is no text in UTF-8.', error);
  }
}

function checkedNames(
  names: readonly string[] | null,
  splits: readonly RawExamples[],
  { names: file, classes }: Layout,
): readonly string[] {
  if (names === null) return numberedClasses(splits);
  const repeated = names.findIndex((name, row) => name === '' || names.indexOf(name) !== row);
  if (repeated >= 0) {
    const what = names[repeated] === '' ? 'has no name' : 'repeats a name';
    throw corrupt({ file, offset: 0 }, `row ${repeated + 1} ${what}; each class has its own.`);
  }
  if (names.length !== classes) {
    throw corrupt({ file, offset: 0 }, `it names ${names.length} classes; there are ${classes}.`);
  }
  return names;
}
