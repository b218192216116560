import { basename, extname, resolve } from 'node:path';
import type { DataSetInfo } from '../../src-shared/contract/views';
import { nearest } from '../../src-shared/text';
import { ArraySplit } from './array-split';
import type { DataSet, RawExamples } from './data-set';
import { missing } from './failures';
import { fingerprintOf } from './fingerprint';
import { identityOf, rememberedFingerprint, rememberFingerprint } from './fingerprint-cache';
import { presentFile } from './folders';
import { idxFileNames, readIdxFolder } from './idx-data-set';
import { importedFolder, listImported } from './imported';
import { isKnown, type KnownDataSet, knownDataSets, locate, requireFolder } from './known';
import { readNpz } from './npz';
import { readStored } from './stored';

/** The data sets known by name, whether their files are here or not, and those imported. Reads no example. */
export function listDataSets(): DataSetInfo[] {
  return [...listKnown(), ...listImported()];
}

/** The name that an imported data set has by now, known by its fingerprint; null where it has its own. */
export function renamedTo(name: string, fingerprint: string): string | null {
  const isPath = extname(name).toLowerCase() === '.npz';
  if (isPath || isKnown(name) || importedFolder(name) !== null) return null;
  return listImported().find((set) => set.fingerprint === fingerprint)?.name ?? null;
}

function listKnown(): DataSetInfo[] {
  return knownDataSets.map((known) => {
    const folder = locate(known);
    return {
      name: known.name,
      title: known.title,
      examples: known.examples,
      shape: known.shape,
      classNames: known.classNames,
      fingerprint: folder === null ? null : rememberedFingerprint(identityOf(filesIn(folder))),
      available: folder !== null,
      licence: known.licence,
      importedFrom: null,
    };
  });
}

/**
 * Opens a data set by its name, known or imported, or an .npz by its path.
 *
 * @param relativeTo folder that a relative path starts from: where the caller, or the recipe, stands
 * @throws `data-missing`: unknown name, or files that are not here; `data-corrupt`: files that break
 *   their format; `no-permission`
 */
export async function openDataSet(nameOrPath: string, relativeTo: string): Promise<DataSet> {
  const known = knownDataSets.find((candidate) => candidate.name === nameOrPath);
  if (known) return openKnown(known);
  if (extname(nameOrPath).toLowerCase() === '.npz') {
    return openNpz(nameOrPath, resolve(relativeTo, nameOrPath));
  }
  const imported = importedFolder(nameOrPath);
  if (imported !== null) return readStored(imported);
  throw unknownName(nameOrPath);
}

async function openKnown(known: KnownDataSet): Promise<DataSet> {
  const folder = requireFolder(known);
  const { name, title, classNames, licence, source } = known;
  const { train, test } = await readIdxFolder(folder, classNames.length);
  const dataSet = assemble({ name, title, classNames, licence, source }, train, test);
  rememberFingerprint(identityOf(filesIn(folder)), dataSet.fingerprint);
  return dataSet;
}

async function openNpz(name: string, path: string): Promise<DataSet> {
  const { train, test, classes } = await readNpz(path);
  const classNames = Array.from({ length: classes }, (_, label) => String(label));
  const title = basename(path);
  const described = { name, title, classNames, licence: 'not stated', source: `the file ${title}` };
  return assemble(described, train, test);
}

function assemble(
  described: Pick<DataSet, 'name' | 'title' | 'classNames' | 'licence' | 'source'>,
  train: RawExamples,
  test: RawExamples,
): DataSet {
  return {
    ...described,
    shape: train.shape,
    train: new ArraySplit('train', train),
    test: new ArraySplit('test', test),
    fingerprint: fingerprintOf(train, test),
  };
}

function filesIn(folder: string): readonly string[] {
  return idxFileNames.map((name) => presentFile(folder, name) ?? name);
}

function unknownName(name: string): Error {
  const names = listDataSets().map((known) => known.name);
  const guess = nearest(name, names);
  return missing(
    `Unknown data set '${name.slice(0, 80)}'${guess ? `; did you mean '${guess}'?` : '.'} ` +
      `Known data sets: ${names.join(', ')}; or give the path of an .npz file, or import one under that name.`,
  );
}
