import type { ImportKind } from '../../../src-shared/contract/imports';
import { cifarImporter } from './cifar-importer';
import { csvImporter } from './csv-importer';
import { idxImporter } from './idx-importer';
import { imagesImporter } from './images-importer';
import type { Importer } from './importer';
import { npzImporter } from './npz-importer';
import { ogbImporter } from './ogb-importer';
import { smilesImporter } from './smiles-importer';
import { tuImporter } from './tu-importer';

/** Every format that data sets are imported from, in the order in which they are offered. */
export const importers: readonly Importer[] = [
  idxImporter,
  cifarImporter,
  imagesImporter,
  npzImporter,
  csvImporter,
  smilesImporter,
  ogbImporter,
  tuImporter,
];

/** The formats without their readers. */
export function importKinds(): readonly ImportKind[] {
  return importers.map(({ kind, title, description, takes, options }) => ({
    ...{ kind, title, description, takes, options },
  }));
}
