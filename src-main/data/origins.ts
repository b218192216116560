import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { wholeFile } from './byte-source';
import type { SplitName } from './data-set';
import { corrupt, readingFailure } from './failures';

/** Where the examples of a split stood in what was imported: a line each in `origins_SPLIT.txt`. */
export function originsFile(folder: string, split: SplitName): string {
  return join(folder, `origins_${split}.txt`);
}

/** Bytes of such a file: names of files of ten million examples. */
const largestOrigins = 2 ** 29;
const longestOrigin = 300;

/** Lines of the file; what would break a line or be none is replaced. */
export function writtenOrigins(origins: readonly string[]): Buffer {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: names of files may hold any.
  const line = (origin: string): string => origin.replace(/[\u0000-\u001f\u007f]/g, '\ufffd');
  return Buffer.from(origins.map((origin) => `${line(origin).slice(0, longestOrigin)}\n`).join(''));
}

/**
 * The origins of a split's examples; null where the import kept none.
 *
 * @throws `data-corrupt` where there are others than `count`
 */
export async function readOrigins(
  folder: string,
  split: SplitName,
  count: number,
): Promise<readonly string[] | null> {
  const file = originsFile(folder, split);
  const found = await wholeFile(file, file).catch((error: unknown) => {
    const failure = readingFailure(error, file);
    if (failure.code === 'data-missing') return null;
    throw failure;
  });
  if (found === null) return null;
  const place = { file, offset: 0 };
  if (found.length > largestOrigins) throw corrupt(place, 'the list of origins is too long.');
  const lines = (await readFile(file, 'utf8')).split('\n');
  if (lines.length === count + 1 && lines.at(-1) === '') return lines.slice(0, -1);
  throw corrupt(place, `it has ${lines.length - 1} lines, but the split ${count} examples.`);
}
