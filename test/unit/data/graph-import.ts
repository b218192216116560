import { realpathSync } from 'node:fs';
import type { Importer, ReadExamples } from '../../../src-main/data/imports/importer';
import { type ImportOptions, noImportOptions } from '../../../src-shared/contract/imports';

/** Reads a source as an import does. */
export function graphImportOf(
  importer: Importer,
  path: string,
  options: Partial<ImportOptions> = {},
): Promise<ReadExamples> {
  const context = { signal: new AbortController().signal, onProgress: () => undefined };
  return importer.read(realpathSync(path), { ...noImportOptions, ...options }, context);
}
