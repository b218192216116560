import { basename } from 'node:path';
import type { ByteWatch } from './byte-source';
import type { RawExamples } from './data-set';
import { corrupt, missing } from './failures';
import { presentFile } from './folders';
import { readIdx } from './idx';

/** The four files of a data set in MNIST's form. */
export const idxFiles = {
  train: { images: 'train-images-idx3-ubyte', labels: 'train-labels-idx1-ubyte' },
  test: { images: 't10k-images-idx3-ubyte', labels: 't10k-labels-idx1-ubyte' },
} as const;

/** Their names. */
export const idxFileNames: readonly string[] = Object.values(idxFiles).flatMap((split) =>
  Object.values(split),
);

/**
 * Reads the four files of a folder, packed by gzip or not.
 *
 * @param classes how many classes there are; labels beyond are refused
 * @param watch sees every byte that is read
 * @throws `data-missing`, `data-corrupt`
 */
export async function readIdxFolder(
  folder: string,
  classes: number,
  watch?: ByteWatch,
): Promise<{ readonly train: RawExamples; readonly test: RawExamples }> {
  const train = await readSplit(folder, idxFiles.train, classes, watch);
  const test = await readSplit(folder, idxFiles.test, classes, watch);
  if (train.shape.join() !== test.shape.join()) {
    throw corrupt(
      { file: idxFiles.test.images, offset: 8 },
      `images are ${test.shape.join(' × ')}, but those of ${idxFiles.train.images} ${train.shape.join(' × ')}.`,
    );
  }
  return { train, test };
}

async function readSplit(
  folder: string,
  names: { readonly images: string; readonly labels: string },
  classes: number,
  watch: ByteWatch | undefined,
): Promise<RawExamples> {
  const images = await readIdx(...pathOf(folder, names.images), 3, watch);
  const labels = await readIdx(...pathOf(folder, names.labels), 1, watch);
  const [count = 0, height = 0, width = 0] = images.shape;
  if (labels.bytes.length !== count) {
    throw corrupt(
      { file: names.labels, offset: 4 },
      `there are ${labels.bytes.length} labels, but ${names.images} has ${count} images.`,
    );
  }
  const beyond = labels.bytes.findIndex((label) => label >= classes);
  if (beyond >= 0) {
    throw corrupt(
      { file: names.labels, offset: 8 + beyond },
      `the label is ${labels.bytes[beyond]}, but there are only ${classes} classes.`,
    );
  }
  return { shape: [height, width, 1], labels: Int32Array.from(labels.bytes), values: images.bytes };
}

function pathOf(folder: string, name: string): [path: string, file: string] {
  const path = presentFile(folder, name);
  if (path === null) throw missing(`${folder} has no file '${name}' (or '${name}.gz').`);
  return [path, basename(path)];
}
