import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * SHA-256 of a finished run as its report names it: over the lines that `sha256sum` prints of the
 * index and then of the other files, in order.
 */
export async function runHashOf(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .filter((name) => /^(run\.json$|shards|checkpoints)/.test(name))
    .sort();
  const whole = createHash('sha256');
  for (const name of ['index.sqlite', ...names]) {
    const own = createHash('sha256').update(await readFile(join(folder, name)));
    whole.update(`${own.digest('hex')}  ${name}\n`);
  }
  return whole.digest('hex');
}
