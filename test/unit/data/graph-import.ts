import { realpathSync } from 'node:fs';
import { areGraphs, type RawGraphs } from '../../../src-main/data/data-set';
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

/** Narrows what an import gives. */
export function graphsOf(raw: unknown): RawGraphs {
  if (typeof raw === 'object' && raw && areGraphs(raw as RawGraphs)) return raw as RawGraphs;
  throw new Error('no graphs');
}
