import { createHash, randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { DeltascopeError } from '../../src-shared/errors';
import type { Release } from '../../src-shared/privacy/release';
import type { ReleaseDraft } from '../../src-shared/privacy/review';
import { damaged, fileOfRun } from '../trace/failures';
import { jsonOrNull } from './json-text';
import { privacyFiles, readPrivacyFile, writePrivacyFile } from './privacy-folder';
import { draftSchema, parseRelease } from './release-file';

/** The one release of a run, as bytes. */
export interface FrozenRelease {
  readonly release: Release;
  readonly text: string;
  /** SHA-256 of the text, as hex. */
  readonly sha256: string;
}

/** The frozen release of a run; null where there is none yet. */
export async function readFrozen(folder: string): Promise<FrozenRelease | null> {
  const text = await readPrivacyFile(folder, privacyFiles.release);
  if (text === null) return null;
  const release = parseRelease(text, fileOfRun(folder, privacyFiles.release));
  return { release, text, sha256: sha256(text) };
}

/**
 * Freezes a release: from now on this is what the run gives out.
 *
 * @param told is given the SHA-256 before anything is written
 * @throws DeltascopeError `request-invalid` where there is one
 */
export async function freeze(
  folder: string,
  release: Release,
  told: (sha256: string) => Promise<void>,
): Promise<FrozenRelease> {
  if ((await readPrivacyFile(folder, privacyFiles.release)) !== null) {
    throw new DeltascopeError(
      'request-invalid',
      'privacy',
      'The run has its release already: there is one, and it does not change.',
    );
  }
  const text = `${JSON.stringify(release, null, 1)}\n`;
  await told(sha256(text));
  await writePrivacyFile(folder, privacyFiles.release, text);
  return { release, text, sha256: sha256(text) };
}

/** The checked outputs that wait for decisions; null where there are none. */
export async function readDraft(folder: string): Promise<StoredDraft | null> {
  const text = await readPrivacyFile(folder, privacyFiles.draft);
  if (text === null) return null;
  const parsed = v.safeParse(draftSchema, jsonOrNull(text));
  if (parsed.success) return parsed.output;
  throw damaged(fileOfRun(folder, privacyFiles.draft), 'it is no draft; remove it and check again');
}

/** A draft, with what the release says besides its outputs. */
export interface StoredDraft {
  readonly version: 1;
  readonly draft: ReleaseDraft;
  readonly about: Pick<Release, 'run' | 'sample' | 'rules' | 'noise'>;
}

export async function writeDraft(folder: string, stored: StoredDraft): Promise<void> {
  await writePrivacyFile(folder, privacyFiles.draft, `${JSON.stringify(stored, null, 1)}\n`);
}

/** The three SHA-256s that a release is bound to. */
export interface BoundTo {
  readonly model: string;
  readonly data: string;
  readonly trace: string;
}

/**
 * Binds a release to hashes without giving them away: SHA-256(salt ‖ hash), both as bytes. The salt and
 * the hashes are kept with the run, so that its owner can show what a release was made from.
 */
export async function commit(folder: string, hashes: BoundTo): Promise<BoundTo> {
  const salt = randomBytes(32).toString('hex');
  await writePrivacyFile(
    folder,
    privacyFiles.salt,
    `${JSON.stringify({ version: 1, salt, ...hashes }, null, 1)}\n`,
  );
  return {
    model: commitment(salt, hashes.model),
    data: commitment(salt, hashes.data),
    trace: commitment(salt, hashes.trace),
  };
}

/** SHA-256(salt ‖ hash) as hex, of hex. */
export function commitment(salt: string, hash: string): string {
  return createHash('sha256')
    .update(Buffer.from(salt, 'hex'))
    .update(Buffer.from(hash, 'hex'))
    .digest('hex');
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
