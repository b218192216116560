import { readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as v from 'valibot';
import { graphShapeOf } from '../../src-shared/model/graph-shape';
import { sizeOf } from '../../src-shared/model/resolved';
import { ByteSource, wholeFile } from './byte-source';
import type { Column, DataSet, RawExamples, RawGraphs, RawSplit, SplitName } from './data-set';
import { corrupt, missing, readingFailure } from './failures';
import { FileNumbers } from './file-numbers';
import { fingerprintOf } from './fingerprint';
import { identityOf, rememberedFingerprint, rememberFingerprint } from './fingerprint-cache';
import { type NpyArray, readNpy, readNpyHeader } from './npy';
import { readOrigins } from './origins';
import { usualWindow } from './scratch';
import { splitOf } from './split-of';
import { graphArrays, graphsOf, type StoredArray } from './stored-arrays';

/**
 * An imported data set as it lies on disk: a folder with `data.json` and, for each split, `x_SPLIT.npy`
 * (uint8 or float32, [n, …shape]) and `y_SPLIT.npy` (int32, [n]), which NumPy reads as they are. Graphs
 * have the arrays of `graphArrays` in place of x: those of all graphs one after another.
 */

/** The file that says what the folder holds. */
export const descriptionFile = 'data.json';
/** Grows with every change that an older version could not read. */
export const storedVersion = 1;
const largestDescription = 64 * 2 ** 20;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const words = v.array(v.string());
const finite = v.pipe(v.number(), v.finite());

const columnSchema = v.variant('kind', [
  v.object({
    kind: v.literal('number'),
    name: v.string(),
    at: count,
    missingAt: v.nullable(count),
    mean: finite,
    deviation: finite,
  }),
  v.object({ kind: v.literal('category'), name: v.string(), at: count, categories: words }),
]);

const descriptionSchema = v.object({
  storedVersion: v.literal(storedVersion),
  importedFrom: v.string(),
  source: v.string(),
  importedAt: v.string(),
  // −1 stands for a size that differs from example to example.
  shape: v.array(v.pipe(v.number(), v.safeInteger(), v.minValue(-1))),
  classNames: words,
  examples: v.object({ train: count, test: count }),
  fingerprint: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  columns: v.nullable(v.array(columnSchema)),
  notes: words,
});

/** What `data.json` says. */
export type StoredDescription = v.InferOutput<typeof descriptionSchema>;

/** The description of an imported data set; null where the folder has none that can be read. */
export function storedDescription(folder: string): StoredDescription | null {
  try {
    const text = readFileSync(join(folder, descriptionFile), 'utf8');
    const parsed = v.safeParse(descriptionSchema, JSON.parse(text));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}

/**
 * Reads an imported data set whole, but for graphs whose nodes and edges are together beyond the
 * window: these stay in their files, and are read graph by graph.
 *
 * @throws `data-missing`; `data-corrupt` also where the examples are not those that were imported
 */
export async function readStored(folder: string, window = usualWindow): Promise<DataSet> {
  const name = basename(folder);
  const described = await readDescription(folder);
  const areGraphs = graphShapeOf(described.shape) !== null;
  const stays = areGraphs && bytesOf(largeFiles(folder)) > window;
  const read = (split: SplitName): Promise<RawSplit> =>
    areGraphs ? readGraphs(folder, split, stays) : readSplit(folder, split);
  const train = await read('train');
  const test = await read('test');
  const fingerprint = checkedFingerprint(folder, train, test, stays);
  if (fingerprint !== described.fingerprint) {
    throw corrupt(
      { file: join(folder, descriptionFile), offset: 0 },
      `the examples of '${name}' are not those that were imported: their fingerprint differs; import them again.`,
    );
  }
  const { shape, classNames, source } = described;
  const columns: readonly Column[] | null = described.columns;
  const originsOf = (split: SplitName) => readOrigins(folder, split, described.examples[split]);
  return {
    ...{ name, title: name, shape, classNames, fingerprint, source, licence: 'not stated' },
    train: splitOf('train', train, columns, await originsOf('train')),
    test: splitOf('test', test, columns, await originsOf('test')),
  };
}

/**
 * The fingerprint of what was read. Of examples that stay in a file it is worked out once for the same
 * file, size and times: reading tens of gigabytes for each explanation would say nothing new.
 */
function checkedFingerprint(
  folder: string,
  train: RawSplit,
  test: RawSplit,
  stays: boolean,
): string {
  if (!stays) return fingerprintOf(train, test);
  const files = ['train', 'test'].flatMap((split) =>
    graphArrays.map((name) => join(folder, `${name}_${split}.npy`)),
  );
  const identity = identityOf(files);
  const known = rememberedFingerprint(identity);
  if (known !== null) return known;
  const found = fingerprintOf(train, test);
  rememberFingerprint(identity, found);
  return found;
}

async function readDescription(folder: string): Promise<StoredDescription> {
  const path = join(folder, descriptionFile);
  const place = { file: path, offset: 0 };
  const { length } = await wholeFile(path, path);
  if (length > largestDescription) throw corrupt(place, 'the description is too long.');
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw readingFailure(error, path);
  });
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch (error) {
    throw corrupt(place, 'this is no JSON.', error);
  }
  const parsed = v.safeParse(descriptionSchema, found);
  if (parsed.success) return parsed.output;
  const where = parsed.issues[0] ? v.getDotPath(parsed.issues[0]) : null;
  throw corrupt(place, `this is no description of a data set (${where ?? 'no object'}).`);
}

/** Arrays of a row for each edge or node. */
const largeArrays = ['source', 'target', 'nodes', 'edges'];

function largeFiles(folder: string): string[] {
  return ['train', 'test'].flatMap((split) =>
    largeArrays.map((name) => join(folder, `${name}_${split}.npy`)),
  );
}

/** What files take; those that are not there are told where they are read. */
function bytesOf(files: readonly string[]): number {
  return files.reduce(
    (sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}

async function readGraphs(folder: string, split: SplitName, stays: boolean): Promise<RawGraphs> {
  const arrays = new Map<string, StoredArray>();
  for (const name of graphArrays) {
    const path = join(folder, `${name}_${split}.npy`);
    if (stays && largeArrays.includes(name)) {
      arrays.set(name, { name, ...(await numbersOf(path)) });
      continue;
    }
    const { values, shape } = await readArray(path);
    const array =
      values instanceof Uint8Array ||
      values instanceof Int32Array ||
      values instanceof Float32Array;
    if (array) arrays.set(name, { name, array: values, shape });
  }
  const graphs = graphsOf(arrays);
  if (graphs === null) throw missing(`${folder} does not hold what was imported; import it again.`);
  return graphs;
}

/** The array of a file, left where it is. */
async function numbersOf(path: string): Promise<Pick<StoredArray, 'array' | 'shape'>> {
  const file = await wholeFile(path, path);
  const source = new ByteSource(file);
  try {
    const { type, shape } = await readNpyHeader(source);
    const { offset } = source.place;
    const length = sizeOf(shape);
    if ((type !== 'f4' && type !== 'i4') || file.length !== offset + 4 * length) {
      throw corrupt({ file: path, offset }, `${shape.join(' × ')} numbers of 4 bytes are needed.`);
    }
    const array =
      type === 'f4'
        ? FileNumbers.open(type, path, offset, length)
        : FileNumbers.open(type, path, offset, length);
    return { array, shape };
  } finally {
    await source.close();
  }
}

async function readSplit(folder: string, split: SplitName): Promise<RawExamples> {
  const labels = await readArray(join(folder, `y_${split}.npy`));
  const { values, shape } = await readArray(join(folder, `x_${split}.npy`));
  const known = values instanceof Uint8Array || values instanceof Float32Array;
  if (!known || !(labels.values instanceof Int32Array) || shape[0] !== labels.values.length) {
    throw missing(`${folder} does not hold what was imported; import it again.`);
  }
  return { shape: shape.slice(1), labels: labels.values, values };
}

async function readArray(path: string): Promise<NpyArray> {
  const source = new ByteSource(await wholeFile(path, path));
  try {
    return await readNpy(source);
  } finally {
    await source.close();
  }
}
