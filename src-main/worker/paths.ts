import { existsSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';

/**
 * A path of a recipe: relative to where the caller stands, or, where nothing is there, to the
 * recipe's own folder, so that a recipe that travels with its data works from anywhere.
 */
export function recipePath(path: string, bases: readonly string[]): string {
  if (isAbsolute(path)) return path;
  const [first = process.cwd()] = bases;
  const found = bases.map((base) => resolve(base, path)).find((candidate) => existsSync(candidate));
  return found ?? resolve(first, path);
}
