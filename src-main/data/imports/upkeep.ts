import { randomBytes } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DeltascopeError } from '../../../src-shared/errors';
import { nearest } from '../../../src-shared/text';
import { missing, writingFailure } from '../failures';
import { importedDataFolder } from '../folders';
import { importedFolder, listImported } from '../imported';
import { isKnown } from '../known';
import { syncFolder } from '../write-stored';
import { checkFreeName } from './staged-import';

/**
 * Gives an imported data set another name. Runs made from it still find it, by its fingerprint.
 *
 * @throws `data-missing` where none has the name; `request-invalid` where the new one can't be one,
 *   `data-exists` where it is taken; what writing throws
 */
export async function renameImported(name: string, to: string): Promise<void> {
  const from = folderOf(name);
  const all = importedDataFolder();
  // A name that differs in its case alone is its own.
  if (importedFolder(to) !== from) checkFreeName(to);
  await moved(from, join(all, to));
}

/**
 * Removes an imported data set for good: at once by its name, then its files.
 *
 * @throws `data-missing` where none has the name, what writing throws
 */
export async function removeImported(name: string): Promise<void> {
  const from = folderOf(name);
  // What an import cleans up after a process that ended on the way.
  const id = randomBytes(8).toString('hex');
  const leaving = join(importedDataFolder(), `.staged-${process.pid}-${id}`);
  await moved(from, leaving);
  try {
    await rm(leaving, { recursive: true, force: true });
  } catch (error) {
    throw writingFailure(error, importedDataFolder());
  }
}

async function moved(from: string, to: string): Promise<void> {
  const all = importedDataFolder();
  try {
    await rename(from, to);
    await syncFolder(all);
  } catch (error) {
    throw writingFailure(error, all);
  }
}

function folderOf(name: string): string {
  const folder = importedFolder(name);
  if (folder !== null) return folder;
  if (isKnown(name.toLowerCase())) {
    throw new DeltascopeError(
      'request-invalid',
      'data',
      `'${name}' comes with Deltascope; only imported data sets can be renamed or removed.`,
    );
  }
  const names = listImported().map((set) => set.name);
  const guess = nearest(name, names);
  const known = names.length > 0 ? `Imported data sets: ${names.join(', ')}.` : 'There is none.';
  throw missing(
    `No data set was imported as '${name.slice(0, 80)}'${guess ? `; did you mean '${guess}'?` : '.'} ${known}`,
  );
}
