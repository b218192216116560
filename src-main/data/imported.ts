import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { importNameProblem } from '../../src-shared/contract/imports';
import type { DataSetInfo } from '../../src-shared/contract/views';
import { importedDataFolder } from './folders';
import { storedDescription } from './stored';

/** The data sets that this user has imported, by name. Reads no example. */
export function listImported(): DataSetInfo[] {
  return importedNames().flatMap((name) => {
    const stored = storedDescription(join(importedDataFolder(), name));
    if (stored === null) return [];
    const { examples, shape, classNames, fingerprint, importedFrom } = stored;
    return {
      ...{ name, title: name, examples, shape, classNames, fingerprint, importedFrom },
      available: true,
      licence: 'not stated',
    };
  });
}

/** The folder of the data set imported under that name, whatever its case; null where none was. */
export function importedFolder(name: string): string | null {
  const wanted = name.toLowerCase();
  const found = importedNames().find((candidate) => candidate.toLowerCase() === wanted);
  return found === undefined ? null : join(importedDataFolder(), found);
}

function importedNames(): string[] {
  try {
    return readdirSync(importedDataFolder())
      .filter((name) => importNameProblem(name) === null)
      .sort();
  } catch {
    return [];
  }
}
