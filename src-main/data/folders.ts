import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';

/** The folder a variable of the XDG base directories names, or its usual place. */
function baseFolder(variable: 'XDG_CACHE_HOME' | 'XDG_DATA_HOME', usual: string): string {
  const given = process.env[variable];
  return given && isAbsolute(given) ? given : join(homedir(), usual);
}

/** Where set-up keeps what it fetched; `scripts/provision/cache.mjs` names the same folder. */
export function cacheFolder(): string {
  return join(baseFolder('XDG_CACHE_HOME', '.cache'), 'deltascope');
}

/** Where data sets lie that this user has imported, one folder each. */
export function importedDataFolder(): string {
  return join(baseFolder('XDG_DATA_HOME', '.local/share'), 'deltascope', 'data');
}

/**
 * The folder of an installed package, looked for from this module (a checkout, the built command
 * line and the packaged application all lie beside or below their `node_modules`) and then from the
 * folder the program was started in; null where it is not installed.
 */
export function packageFolder(name: string): string | null {
  for (const from of [import.meta.url, join(process.cwd(), 'package.json')]) {
    try {
      return dirname(createRequire(from).resolve(`${name}/package.json`));
    } catch {
      // Not reachable from there; the next place may have it.
    }
  }
  return null;
}

/**
 * The first of `folders` that holds every one of `files`, as they are or packed (`.gz`).
 */
export function folderWith(
  folders: readonly (string | null)[],
  files: readonly string[],
): string | null {
  const has = (folder: string) => files.every((file) => presentFile(folder, file) !== null);
  return folders.find((folder) => folder !== null && has(folder)) ?? null;
}

/** `file` in `folder`, or its packed form; null where neither is there. */
export function presentFile(folder: string, file: string): string | null {
  const paths = [join(folder, file), join(folder, `${file}.gz`)];
  return paths.find((path) => existsSync(path)) ?? null;
}
