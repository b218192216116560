import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import type { ImportOptions } from '../../../src-shared/contract/imports';
import type { JobContext } from '../../../src-shared/contract/progress';
import { DeltascopeError } from '../../../src-shared/errors';
import type { RawExamples } from '../data-set';
import { bytesInWords, corrupt, missing } from '../failures';
import type { OriginOf } from '../origins';
import { findImageTree, type ImageTree, type TreePicture } from './image-tree';
import type { Importer } from './importer';
import { type PictureHeader, pictureHeader, picturePixels, readPicture } from './picture';
import { ReadingProgress } from './reading-progress';
import { dividedByClass, divisionNote, usualTestFraction } from './test-split';

/** Bytes of a split; it has to fit into memory beside the training. */
const largestSplit = 4 * 2 ** 30;

/** Folders of pictures by class. */
export const imagesImporter: Importer = {
  kind: 'images',
  title: 'Folders of pictures',
  description:
    'A folder with train/CLASS/* and test/CLASS/*, or with CLASS/* alone; PNG, JPEG and WebP pictures.',
  takes: 'folder',
  options: ['testFraction', 'size'],
  async read(root, options, context) {
    const found = await findImageTree(root, new ReadingProgress(context, 'pictures', null));
    const { train, test, notes } = divided(found, options, basename(root));
    const headers = await readHeaders([...train, ...test], context);
    const shape = exampleShape(headers, options);
    const progress = new ReadingProgress(context, 'pictures', train.length + test.length);
    return {
      classNames: found.classNames,
      train: await readPixels(train, shape, progress),
      test: await readPixels(test, shape, progress),
      columns: null,
      origins: { train: filesOf(train), test: filesOf(test) },
      notes: [...notes, ...found.notes, ...pictureNotes(headers, shape)],
    };
  },
};

function filesOf(pictures: readonly TreePicture[]): OriginOf {
  return (at) => (pictures[at] as TreePicture).file;
}

type Shape = readonly [height: number, width: number, channels: 1 | 3];

/** The tree's own splits, or those made from its only one. */
function divided({ train, test, classNames }: ImageTree, options: ImportOptions, root: string) {
  if (test !== null) {
    if (options.testFraction !== null) {
      const message = `${root} has a test split of its own: leave the test fraction out.`;
      throw new DeltascopeError('request-invalid', 'data', message);
    }
    if (test.length === 0) throw missing(`${root} has no pictures to test on.`);
    return { train, test, notes: [] };
  }
  const fraction = options.testFraction ?? usualTestFraction;
  const labels = Int32Array.from(train, ({ label }) => label);
  const places = dividedByClass(labels, classNames.length, fraction);
  const chosen = (indices: Int32Array) => Array.from(indices, (i) => train[i] as TreePicture);
  return {
    train: chosen(places.train),
    test: chosen(places.test),
    notes: [divisionNote(fraction)],
  };
}

/** A header with the name of its file. */
interface NamedHeader extends PictureHeader {
  readonly file: string;
}

async function readHeaders(
  pictures: readonly TreePicture[],
  context: JobContext,
): Promise<NamedHeader[]> {
  const headers = new Array<NamedHeader>(pictures.length);
  const progress = new ReadingProgress(context, 'headers', pictures.length);
  await inParallel(pictures, async ({ path, file }, place) => {
    headers[place] = { file, ...(await pictureHeader(await readPicture(path, file))) };
    progress.count(1);
  });
  return headers;
}

/**
 * [height, width, channels] that all examples get: the wanted size or the one that they share, with
 * colours where any has.
 *
 * @throws `data-corrupt` where sizes differ and none is wanted
 */
function exampleShape(headers: readonly NamedHeader[], { size }: ImportOptions): Shape {
  const [first] = headers as [NamedHeader, ...NamedHeader[]];
  const channels = headers.some(({ colour }) => colour) ? 3 : 1;
  if (size !== null) return [size[0], size[1], channels];
  const { height, width } = first;
  const other = headers.find((header) => header.height !== height || header.width !== width);
  if (other === undefined) return [height, width, channels];
  throw corrupt(
    { file: other.file, offset: 0 },
    `the picture is ${other.height} × ${other.width}, but ${first.file} is ${height} × ${width}; give a size (height × width) that all are stretched to.`,
  );
}

async function readPixels(
  pictures: readonly TreePicture[],
  shape: Shape,
  progress: ReadingProgress,
): Promise<RawExamples> {
  const size = shape[0] * shape[1] * shape[2];
  const bytes = pictures.length * size;
  if (bytes > largestSplit) {
    throw missing(
      `${pictures.length} pictures of ${shape.join(' × ')} would take ${bytesInWords(bytes)}; at most ${bytesInWords(largestSplit)} are supported: give a smaller size.`,
    );
  }
  const values = new Uint8Array(bytes);
  await inParallel(pictures, async ({ path, file }, place) => {
    const pixels = await picturePixels(await readPicture(path, file), ...shape);
    values.set(pixels, place * size);
    progress.count(1);
  });
  return { shape, labels: Int32Array.from(pictures, ({ label }) => label), values };
}

/** Works on several items at a time, in their order; the first failure ends all. */
async function inParallel<T>(
  items: readonly T[],
  work: (item: T, place: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const place = next++;
      try {
        await work(items[place] as T, place);
      } catch (error) {
        next = items.length;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}

/** What was done to the pixels. */
function pictureNotes(
  headers: readonly PictureHeader[],
  [height, width, channels]: Shape,
): string[] {
  const count = (which: (header: PictureHeader) => boolean) => headers.filter(which).length;
  const resized = count((header) => header.height !== height || header.width !== width);
  const grey = channels === 3 ? count(({ colour }) => !colour) : 0;
  const notes: [number, string][] = [
    [resized, `stretched to ${height} × ${width}`],
    [grey, 'without colours, given three equal channels'],
    [count(({ alpha }) => alpha), 'with an alpha channel, shown on white'],
    [count(({ deep }) => deep), 'of 16 bits a channel, of which the upper 8 are kept'],
    [count(({ turned }) => turned), 'turned upright as their EXIF data say'],
    [count(({ frames }) => frames > 1), 'animated, of which the first frame is taken'],
  ];
  return [
    'Pixels 0…255 are scaled to 0…1.',
    ...notes
      .filter(([pictures]) => pictures > 0)
      .map(([pictures, text]) => `${pictures} of ${headers.length} pictures: ${text}.`),
  ];
}
