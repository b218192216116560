import { createHash } from 'node:crypto';
import type { RunHashes } from '../../src-shared/report/report-source';
import { type ManifestFile, manifestOf } from '../trace/manifest';
import { runFiles } from '../trace/run-folder';
import type { OpenRun } from './open-run';

const known = new WeakMap<OpenRun, Promise<RunHashes>>();

/**
 * SHA-256 of a finished run, of its final weights and of its trace. Every byte is read for it, once
 * for as long as the run is open.
 *
 * @throws what `manifestOf` throws
 */
export function runHashes(run: OpenRun, signal: AbortSignal): Promise<RunHashes> {
  const held = known.get(run);
  if (held) return held;
  const hashes = manifestOf(run.folder, { signal }).then(hashesOf);
  known.set(run, hashes);
  hashes.catch(() => known.delete(run));
  return hashes;
}

function hashesOf(files: readonly ManifestFile[]): RunHashes {
  const shards = files.filter(({ name }) => name.startsWith(`${runFiles.shards}/`));
  return {
    run: hashOfList(files),
    model: files.find(({ name }) => name === runFiles.final)?.sha256 ?? '',
    trace: hashOfList(shards),
    files: files.length,
  };
}

/** SHA-256 over the lines that `sha256sum` prints of the files. */
function hashOfList(files: readonly ManifestFile[]): string {
  const hash = createHash('sha256');
  for (const { name, sha256 } of files) hash.update(`${sha256}  ${name}\n`);
  return hash.digest('hex');
}
