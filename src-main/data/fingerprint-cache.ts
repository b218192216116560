import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder } from './folders';

/**
 * Fingerprints by the identity of the files they were made from, so that a list of data sets can
 * show them without reading any. It is only ever shown: a recording and an explanation work with
 * the fingerprint of the examples they have just read.
 */
function cacheFile(): string {
  return join(cacheFolder(), 'fingerprints.json');
}

/** Path, size and times of the files: what changes when they do. Null where one is not there. */
export function identityOf(files: readonly string[]): string | null {
  try {
    return files
      .map((file) => {
        const { size, mtimeMs, ino } = statSync(file);
        return `${file} ${size} ${mtimeMs} ${ino}`;
      })
      .join('\n');
  } catch {
    return null;
  }
}

/** The fingerprint made from files of that identity; null where none was. */
export function rememberedFingerprint(identity: string | null): string | null {
  const known = identity === null ? undefined : readAll()[identity];
  return known !== undefined && /^[0-9a-f]{64}$/.test(known) ? known : null;
}

/** Remembers a fingerprint; a cache that can't be written is none. */
export function rememberFingerprint(identity: string | null, fingerprint: string): void {
  if (identity === null || rememberedFingerprint(identity) === fingerprint) return;
  const file = cacheFile();
  const written = `${file}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    // The newest last, and not without end.
    const entries = Object.entries(readAll()).slice(-99);
    writeFileSync(
      written,
      JSON.stringify(Object.fromEntries([...entries, [identity, fingerprint]])),
    );
    renameSync(written, file);
  } catch {
    rmSync(written, { force: true });
  }
}

function readAll(): Readonly<Record<string, string>> {
  try {
    const known: unknown = JSON.parse(readFileSync(cacheFile(), 'utf8'));
    if (typeof known !== 'object' || known === null) return {};
    return Object.fromEntries(
      Object.entries(known).filter(
        (entry): entry is [string, string] => typeof entry[1] === 'string',
      ),
    );
  } catch {
    return {};
  }
}
