import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { areGraphs, type RawExamples } from '../../../src-main/data/data-set';
import type { ReadExamples } from '../../../src-main/data/imports/importer';
import { importers } from '../../../src-main/data/imports/table';
import { type ImportOptions, noImportOptions } from '../../../src-shared/contract/imports';
import { failureOf, newFolder } from './files';

/** Imports of what lies under `test/fixtures/imports`. */

export const fixtures = join(import.meta.dirname, '../../fixtures/imports');
// Values as NumPy, Pillow and pandas have them: see make.py beside it.
export const expected = JSON.parse(readFileSync(join(fixtures, 'expected.json'), 'utf8'));

/** What an importer reads. */
export async function read(
  kind: string,
  path: string,
  options: Partial<ImportOptions> = {},
): Promise<ReadExamples<RawExamples>> {
  const importer = importers.find((candidate) => candidate.kind === kind);
  if (!importer) throw new Error(kind);
  const context = { signal: new AbortController().signal, onProgress: () => undefined };
  const found = await importer.read(path, { ...noImportOptions, ...options }, context);
  const { train, test } = found;
  if (areGraphs(train) || areGraphs(test)) throw new Error('graphs');
  return { ...found, train, test };
}

/** What an importer says of what it refuses. */
export const refusal = async (kind: string, path: string, options: Partial<ImportOptions> = {}) =>
  (await failureOf(() => read(kind, path, options))).message;

/** A copy of a fixture, to be changed. */
export function copyOf(name: string): string {
  const folder = newFolder();
  cpSync(join(fixtures, name), folder, { recursive: true });
  return folder;
}
