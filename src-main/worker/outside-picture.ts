import { basename } from 'node:path';
import type { Thumbnail } from '../../src-shared/contract/views';
import { DeltascopeError } from '../../src-shared/errors';
import { ArraySplit } from '../data/array-split';
import type { Split } from '../data/data-set';
import { pictureHeader, picturePixels, readPicture } from '../data/imports/picture';
import { normalized } from '../data/normalized';
import type { OpenRun } from './open-run';

/** A picture that is no example of the data set, made into one. */
export interface OutsidePicture {
  /** A split that has it as its only example; its label is −1, for none. */
  readonly split: Split;
  /** What the network sees, before any normalisation. */
  readonly picture: Thumbnail;
}

/**
 * Reads a PNG, JPEG or WebP file as an example of a run's data: upright, stretched to their size, in
 * their channels, scaled to 0…1 and normalised as they are.
 *
 * @throws `request-invalid` where the run's examples are no pictures, `data-corrupt` where the file is
 *   none that can be read
 */
export async function readOutsidePicture(run: OpenRun, path: string): Promise<OutsidePicture> {
  const { data } = run;
  const [height, width, channels] = data.shape;
  if (!data.test.holdsPixels || !height || !width || (channels !== 1 && channels !== 3)) {
    throw new DeltascopeError(
      'request-invalid',
      'worker',
      `${basename(path)} can't be explained by this run: the examples of '${data.title}' are no pictures of 8 bits a channel, and a picture can't be made into one of them. Choose an example of the data set.`,
    );
  }
  const file = await readPicture(path, basename(path));
  await pictureHeader(file);
  const pixels = Uint8Array.from(await picturePixels(file, height, width, channels));
  const labels = Int32Array.of(-1);
  const alone = new ArraySplit('test', { shape: data.shape, labels, values: pixels });
  const { normalize } = run.reader.description.recipe;
  const { test } = normalized({ ...data, test: alone }, normalize);
  return { split: test, picture: { width, height, channels, pixels } };
}
