import { randomBytes } from 'node:crypto';
import { mkdir, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  type ImportOptions,
  type ImportPreview,
  type ImportRequest,
  importNameProblem,
} from '../../../src-shared/contract/imports';
import type { JobContext } from '../../../src-shared/contract/progress';
import { DeltascopeError } from '../../../src-shared/errors';
import { nearest } from '../../../src-shared/text';
import { shapeOfSplit } from '../data-set';
import { missing, readingFailure, writingFailure } from '../failures';
import { fingerprintOf } from '../fingerprint';
import { importedDataFolder } from '../folders';
import { importedFolder } from '../imported';
import { isKnown } from '../known';
import { Scratch } from '../scratch';
import { type StoredDescription, storedVersion } from '../stored';
import { syncFolder, writeStored } from '../write-stored';
import type { Importer, ReadExamples } from './importer';
import { previewOf } from './preview';
import { importers } from './table';

const stagedName = /^\.staged-(\d+)-[0-9a-f]+$/;

/**
 * An import in two parts: read, checked and written beside the imported data sets, and then renamed
 * into its place or removed. So what is kept is what was previewed, and nothing half-imported is ever
 * seen.
 */
export class StagedImport {
  private constructor(
    private readonly folder: string,
    readonly preview: ImportPreview,
  ) {}

  /**
   * Reads and writes a data set without a name yet.
   *
   * @throws `request-invalid` for an unknown kind or an option that it doesn't have; what importers
   *   throw; `disk-full`, `write-failed`, `cancelled`, each with nothing left behind
   */
  static async read(request: ImportRequest, context: JobContext): Promise<StagedImport> {
    const importer = importerNamed(request.kind);
    checkOptions(importer, request.options);
    const path = await sourceOf(importer, request.path);
    const all = importedDataFolder();
    const scratch = new Scratch(all);
    try {
      const read = await importer.read(path, request.options, { ...context, scratch });
      return await StagedImport.written(all, importer, path, read, context);
    } finally {
      scratch.dispose();
    }
  }

  private static async written(
    all: string,
    importer: Importer,
    path: string,
    read: ReadExamples,
    context: JobContext,
  ): Promise<StagedImport> {
    const described = describe(importer, path, read);
    const id = randomBytes(8).toString('hex');
    const folder = join(all, `.staged-${process.pid}-${id}`);
    try {
      await mkdir(all, { recursive: true });
      await removeAbandoned(all);
      await mkdir(folder);
      await writeStored(folder, described, read, context);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw writingFailure(error, all);
    }
    const preview = await previewOf(id, suggestedName(path), described, read);
    return new StagedImport(folder, preview);
  }

  /**
   * Puts it in its place.
   *
   * @throws `request-invalid` where the name can't be one, `data-exists` where it is taken; it then
   *   still waits for a name
   */
  async keep(name: string): Promise<void> {
    checkFreeName(name);
    const all = importedDataFolder();
    try {
      // Fails where a folder has that name by now: a folder with files in it is not replaced.
      await rename(this.folder, join(all, name));
      await syncFolder(all);
    } catch (error) {
      checkFreeName(name);
      throw writingFailure(error, all);
    }
  }

  async drop(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** @throws `request-invalid`, `data-exists` */
export function checkFreeName(name: string): void {
  const problem = importNameProblem(name);
  if (problem !== null) throw new DeltascopeError('request-invalid', 'data', problem);
  const taken = importedFolder(name);
  if (taken === null && !isKnown(name.toLowerCase())) return;
  const remedy =
    taken === null
      ? ''
      : `, or remove that one first: 'data remove ${basename(taken)}', or in the window under Settings`;
  throw new DeltascopeError(
    'data-exists',
    'data',
    `There is a data set '${name}' already; choose another name${remedy}.`,
  );
}

/** @throws `request-invalid` */
export function importerNamed(kind: string): Importer {
  const found = importers.find((importer) => importer.kind === kind);
  if (found) return found;
  const kinds = importers.map((importer) => importer.kind);
  const guess = nearest(kind, kinds);
  throw new DeltascopeError(
    'request-invalid',
    'data',
    `'${kind.slice(0, 40)}' is no kind of import${guess ? `; did you mean '${guess}'?` : '.'} Kinds: ${kinds.join(', ')}.`,
  );
}

/** The real path of a source that is of the form which the importer takes. */
async function sourceOf({ kind, takes }: Importer, given: string): Promise<string> {
  try {
    const path = await realpath(given);
    const found = await stat(path);
    const fits = takes === 'folder' ? found.isDirectory() : found.isFile();
    if (fits) return path;
    throw missing(`${given} is no ${takes}; an import of ${kind} takes a ${takes}.`);
  } catch (error) {
    throw readingFailure(error, given);
  }
}

function checkOptions({ kind, options }: Importer, given: ImportOptions): void {
  for (const [name, value] of Object.entries(given)) {
    if (value === null || options.some((option) => option === name)) continue;
    const option = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
    throw new DeltascopeError(
      'request-invalid',
      'data',
      `An import of ${kind} takes no ${option}: leave it out.`,
    );
  }
}

function describe(importer: Importer, path: string, read: ReadExamples): StoredDescription {
  const { train, test, classNames, columns, notes } = read;
  return {
    storedVersion,
    importedFrom: importer.kind,
    // The name alone: who reads a report learns no path of this machine.
    source: `imported from ${basename(path)} (${importer.title})`,
    importedAt: new Date().toISOString(),
    shape: [...shapeOfSplit(train)],
    classNames: [...classNames],
    examples: { train: train.labels.length, test: test.labels.length },
    fingerprint: fingerprintOf(train, test),
    columns: columns === null ? null : columns.map(stored),
    notes: [...notes],
  };
}

function stored(column: NonNullable<ReadExamples['columns']>[number]) {
  return column.kind === 'number' ? column : { ...column, categories: [...column.categories] };
}

function suggestedName(path: string): string {
  const letters = basename(path)
    .replace(/(\.[A-Za-z]{2,4}){1,2}$/, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '')
    .slice(0, 60);
  return importNameProblem(letters) === null ? letters : 'imported';
}

/** Removes what imports left behind whose process has ended. */
async function removeAbandoned(all: string): Promise<void> {
  for (const name of await readdir(all)) {
    const process = stagedName.exec(name)?.[1];
    if (process === undefined || isAlive(Number(process))) continue;
    await rm(join(all, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
