import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { DeltascopeError } from '../../src-shared/errors';
import { looksLikeRelease } from '../privacy/release-file';
import { callerPath } from './output';

/** What each command would need of a run that a release does not hold. */
const needs: Readonly<Record<string, string>> = {
  verify: 'a trace',
  examples: 'single examples',
  explain: 'single examples',
  architecture: 'single examples',
  report: 'single examples',
  export: 'a trace',
  repack: 'a trace',
  runs: 'a folder of runs',
  release: 'a run',
  privacy: 'a run',
};

/**
 * Refuses a release file where a command needs a run.
 *
 * @throws `not-disclosable`, one sentence
 */
export async function refuseRelease(command: string, words: readonly string[]): Promise<void> {
  const need = needs[command];
  if (need === undefined) return;
  const positional = words.slice(0, 2).filter((word) => !word.startsWith('-'));
  for (const word of positional) {
    if (!(await isRelease(callerPath(word)))) continue;
    throw new DeltascopeError(
      'not-disclosable',
      'cli',
      `${basename(word)} is a release: it holds aggregates and nothing of single examples, and ${command} needs ${need}.`,
    );
  }
}

async function isRelease(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(200), 0, 200, 0);
      return looksLikeRelease(buffer.toString('utf8', 0, bytesRead));
    } finally {
      await file.close();
    }
  } catch {
    // No file, or a folder: the command says what is wrong with it.
    return false;
  }
}
