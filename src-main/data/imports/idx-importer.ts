import { basename } from 'node:path';
import { presentFile } from '../folders';
import { idxFileNames, readIdxFolder } from '../idx-data-set';
import { numberedClasses } from './class-names';
import { fileBelow } from './confined';
import type { Importer } from './importer';
import { ReadingProgress } from './reading-progress';

/** Labels are bytes. */
const mostClasses = 256;

/** MNIST's four files of grey pictures, packed by gzip or not. */
export const idxImporter: Importer = {
  kind: 'idx',
  title: 'IDX files',
  description:
    'A folder with the files of MNIST: train-images-idx3-ubyte, train-labels-idx1-ubyte and the two of t10k, as they are or as .gz.',
  takes: 'folder',
  options: [],
  async read(path, _options, context) {
    for (const name of idxFileNames) {
      const present = presentFile(path, name);
      if (present !== null) await fileBelow(path, basename(present));
    }
    const progress = new ReadingProgress(context, 'bytes', null);
    const watch = (bytes: Uint8Array) => progress.count(bytes.length);
    const { train, test } = await readIdxFolder(path, mostClasses, watch);
    return {
      classNames: numberedClasses([train, test]),
      train,
      test,
      columns: null,
      origins: null,
      notes: [
        'Pixels 0…255 are scaled to 0…1.',
        'The files name no classes: labels are the numbers in them.',
      ],
    };
  },
};
