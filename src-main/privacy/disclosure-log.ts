import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import type { DisclosureEntry, DisclosureLog } from '../../src-shared/privacy/review';
import { fileOfRun, writingError } from '../trace/failures';
import { nodeFileSystem } from '../trace/filesystem';
import { jsonOrNull } from './json-text';
import { privacyFiles, readPrivacyFile, writePrivacyFile } from './privacy-folder';

/**
 * The disclosure log of a run: one JSON line an entry, each with the hash of the one before it, so
 * that an entry that was changed, moved or taken out shows. The newest hash stands in a file of its
 * own too, so that entries cut off at the end show. Whoever may write the folder can forge both: the
 * log is evidence against mistakes and against who has but a copy, not against the owner.
 */
const line = v.object({
  number: v.pipe(v.number(), v.safeInteger()),
  at: v.string(),
  what: v.picklist(['release', 'copy', 'report', 'export', 'policy']),
  detail: v.string(),
  by: v.string(),
  sha256: v.nullable(v.string()),
  previous: v.string(),
  hash: v.string(),
});
type Line = v.InferOutput<typeof line>;

const head = v.object({ entries: v.number(), hash: v.string() });

/** What stands before the first entry. */
const start = sha256('deltascope disclosures 1');

/** Reads the log and checks its chain. */
export async function readDisclosures(folder: string): Promise<DisclosureLog> {
  const { lines, problem } = await readLines(folder);
  const entries = lines.map(
    ({ number, at, what, detail, by, sha256: sum }): DisclosureEntry => ({
      ...{ number, at, what, detail, by },
      sha256: sum,
    }),
  );
  return { entries, problem };
}

/**
 * Adds an entry; it is on the disk when this resolves. A log whose chain is broken is added to as
 * well: nothing is gained by not telling what happens next.
 *
 * @throws DeltascopeError `disk-full`, `no-permission`, `write-failed`
 */
export async function appendDisclosure(
  folder: string,
  entry: Omit<DisclosureEntry, 'number' | 'at'>,
): Promise<void> {
  const { lines } = await readLines(folder);
  const last = lines.at(-1);
  const content = {
    number: (last?.number ?? 0) + 1,
    at: new Date().toISOString(),
    what: entry.what,
    detail: entry.detail,
    by: entry.by,
    sha256: entry.sha256,
    previous: last?.hash ?? start,
  };
  const hash = hashOf(content);
  try {
    await nodeFileSystem.makeFolder(join(folder, privacyFiles.folder));
    const file = await open(join(folder, privacyFiles.log), 'a');
    try {
      await file.write(`${JSON.stringify({ ...content, hash })}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw writingError(error, fileOfRun(folder, privacyFiles.log));
  }
  const newest = `${JSON.stringify({ entries: content.number, hash })}\n`;
  await writePrivacyFile(folder, privacyFiles.logHead, newest);
}

async function readLines(folder: string): Promise<{ lines: Line[]; problem: string | null }> {
  const text = (await readPrivacyFile(folder, privacyFiles.log)) ?? '';
  const lines: Line[] = [];
  let previous = start;
  let problem: string | null = null;
  for (const [i, written] of text.split('\n').entries()) {
    if (written === '') continue;
    const parsed = v.safeParse(line, jsonOrNull(written));
    if (!parsed.success) {
      problem ??= `Line ${i + 1} of the log can’t be read.`;
      continue;
    }
    const { hash, ...content } = parsed.output;
    if (content.previous !== previous || hashOf(content) !== hash) {
      problem ??= `Entry ${content.number} of the log does not follow from the one before it: something was changed or taken out.`;
    }
    previous = hash;
    lines.push(parsed.output);
  }
  const stored = await readPrivacyFile(folder, privacyFiles.logHead);
  const newest = v.safeParse(head, stored === null ? null : jsonOrNull(stored));
  if (newest.success) {
    const known = lines.find(({ hash }) => hash === newest.output.hash);
    if (!known) problem ??= 'Entries are missing at the end of the log.';
  } else if (lines.length > 0 || stored !== null) {
    problem ??= 'The record of the log’s newest entry is missing.';
  }
  return { lines, problem };
}

/** SHA-256 of an entry without its own hash, its fields in the order in which they are written. */
function hashOf(content: Omit<Line, 'hash'>): string {
  const { number, at, what, detail, by, sha256: sum, previous } = content;
  return sha256(JSON.stringify({ number, at, what, detail, by, sha256: sum, previous }));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
