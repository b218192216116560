import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { wholeFile } from './byte-source';
import type { SplitName } from './data-set';
import { corrupt, readingFailure } from './failures';

/** Where the example at a place of a split stood in what was imported, in words. */
export type OriginOf = (at: number) => string;

/** Where the examples of a split stood in what was imported: a line each in `origins_SPLIT.txt`. */
export function originsFile(folder: string, split: SplitName): string {
  return join(folder, `origins_${split}.txt`);
}

/** Bytes of such a file: names of files of ten million examples. */
const largestOrigins = 2 ** 29;
const longestOrigin = 300;
const lineFeed = 10;
/** Lines that are written at once. */
const portion = 65_536;

/** The file, part by part; what would break a line or be none is replaced. */
export function* writtenOrigins(count: number, originOf: OriginOf): Iterable<Buffer> {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: names of files may hold any.
  const line = (origin: string): string => origin.replace(/[\u0000-\u001f\u007f]/g, '\ufffd');
  for (let from = 0; from < count; from += portion) {
    const length = Math.min(portion, count - from);
    const lines = Array.from(
      { length },
      (_, i) => `${line(originOf(from + i)).slice(0, longestOrigin)}\n`,
    );
    yield Buffer.from(lines.join(''));
  }
}

/**
 * The origins of a split's examples; null where the import kept none. They are kept as the bytes that
 * they are in the file: of a large table there are millions, of which a few are ever asked for.
 *
 * @throws `data-corrupt` where there are others than `count`
 */
export async function readOrigins(
  folder: string,
  split: SplitName,
  count: number,
): Promise<OriginOf | null> {
  const file = originsFile(folder, split);
  const found = await wholeFile(file, file).catch((error: unknown) => {
    const failure = readingFailure(error, file);
    if (failure.code === 'data-missing') return null;
    throw failure;
  });
  if (found === null) return null;
  const place = { file, offset: 0 };
  if (found.length > largestOrigins) throw corrupt(place, 'the list of origins is too long.');
  const bytes = await readFile(file);
  const ends = new Uint32Array(count);
  let lines = 0;
  for (let at = bytes.indexOf(lineFeed); at >= 0; at = bytes.indexOf(lineFeed, at + 1)) {
    if (lines < count) ends[lines] = at;
    lines++;
  }
  if (lines !== count || (ends.at(-1) ?? -1) !== bytes.length - 1) {
    throw corrupt(place, `it has ${lines} lines, but the split ${count} examples.`);
  }
  return (at) => bytes.toString('utf8', at === 0 ? 0 : (ends[at - 1] as number) + 1, ends[at]);
}
