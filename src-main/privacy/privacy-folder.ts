import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileOfRun, isMissing, readingError, writingError } from '../trace/failures';
import { nodeFileSystem, replaceFile } from '../trace/filesystem';

/** Names inside a run folder of what is kept about its disclosure. */
export const privacyFiles = {
  folder: 'privacy',
  policy: 'privacy/policy.json',
  draft: 'privacy/draft.json',
  release: 'privacy/release.json',
  /** With what the release's commitments can be opened. */
  salt: 'privacy/salt.json',
  log: 'privacy/disclosures.jsonl',
  logHead: 'privacy/disclosures-head.json',
} as const;

/**
 * Reads a file of the privacy folder; null where there is none.
 *
 * @throws DeltascopeError `no-permission`, `trace-damaged`
 */
export async function readPrivacyFile(folder: string, name: string): Promise<string | null> {
  try {
    return await readFile(join(folder, name), 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw readingError(error, fileOfRun(folder, name));
  }
}

/**
 * Writes a file of the privacy folder so that a crash leaves the old one or the new one.
 *
 * @throws DeltascopeError `disk-full`, `no-permission`, `write-failed`
 */
export async function writePrivacyFile(folder: string, name: string, text: string): Promise<void> {
  try {
    await nodeFileSystem.makeFolder(join(folder, privacyFiles.folder));
    await replaceFile(nodeFileSystem, folder, name, [new TextEncoder().encode(text)]);
  } catch (error) {
    throw writingError(error, fileOfRun(folder, name));
  }
}
