import { readNpz } from '../npz';
import { numberedClasses } from './class-names';
import type { Importer } from './importer';
import { ReadingProgress } from './reading-progress';

/** NumPy's archive of four arrays. */
export const npzImporter: Importer = {
  kind: 'npz',
  title: 'NumPy archive',
  description:
    'An .npz file with x_train, y_train, x_test and y_test: pictures as uint8 [n, h, w(, c)], or floats.',
  takes: 'file',
  options: [],
  async read(path, _options, context) {
    const progress = new ReadingProgress(context, 'bytes', null);
    const { train, test } = await readNpz(path, (bytes) => progress.count(bytes.length));
    return {
      classNames: numberedClasses([train, test]),
      train,
      test,
      columns: null,
      origins: null,
      notes: [
        train.values instanceof Uint8Array
          ? 'Pixels 0…255 are scaled to 0…1.'
          : 'Numbers are taken as they are.',
        'The file names no classes: labels are the numbers in it.',
      ],
    };
  },
};
