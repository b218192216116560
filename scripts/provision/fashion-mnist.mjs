// @ts-check
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { cacheRoot, publish } from './cache.mjs';
import { verifyFile } from './checksum.mjs';
import { FASHION_MNIST } from './pins.mjs';
import { findCommand, runCommand } from './run-command.mjs';
import { reason, SetUpError, say } from './say.mjs';

const INSTALLED = join('/', FASHION_MNIST.folder);

/**
 * Puts Fashion-MNIST's four IDX files into the cache, taken from Debian's package of it.
 *
 * @returns {Promise<string | null>} the folder, null where it can't be had
 */
export async function provideFashionMnist() {
  const folder = join(cacheRoot(), 'data/fashion-mnist');
  try {
    return await publish(folder, fetchFiles);
  } catch (error) {
    say(`Fashion-MNIST can't be fetched (${reason(error)}); MNIST is there`);
    return null;
  }
}

/** @param {string} scratch */
async function fetchFiles(scratch) {
  let source = INSTALLED;
  const download = join(scratch, 'download');
  if (!existsSync(source)) {
    if (findCommand('apt-get') === undefined || findCommand('dpkg-deb') === undefined) {
      throw new SetUpError('it comes as a Debian package, and this is no Debian');
    }
    say('fetching Fashion-MNIST (31 MB)');
    await mkdir(download);
    await runCommand('apt-get', ['download', FASHION_MNIST.debianPackage], { cwd: download });
    const file = (await readdir(download)).find((name) => name.endsWith('.deb'));
    if (file === undefined) throw new SetUpError('apt-get gave no file');
    await runCommand('dpkg-deb', ['-x', file, '.'], { cwd: download });
    source = join(download, FASHION_MNIST.folder);
  }
  for (const [name, sha256] of Object.entries(FASHION_MNIST.files)) {
    const target = join(scratch, name);
    await pipeline(
      createReadStream(join(source, `${name}.gz`)),
      createGunzip(),
      createWriteStream(target),
    );
    await verifyFile(target, `sha256-${sha256}`);
  }
  await rm(download, { recursive: true, force: true });
}
