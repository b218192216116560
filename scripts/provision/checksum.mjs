// @ts-check
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { SetUpError } from './say.mjs';

/**
 * Checks a file against a pinned checksum in the form `sha256-HEX` or npm's `sha512-BASE64`.
 *
 * @param {string} file
 * @param {string} pinned
 * @returns {Promise<void>}
 */
export async function verifyFile(file, pinned) {
  const found = await fingerprint(file, pinned);
  if (found === pinned) return;
  throw new SetUpError(
    `${basename(file)} is not the file it should be (its checksum is ${found}, pinned is ${pinned}); ` +
      'nothing of it was used. Try again, and if it stays so, ask whoever runs your package mirror.',
  );
}

/** @param {string} file @param {string} pinned @returns {Promise<string>} */
async function fingerprint(file, pinned) {
  const algorithm = pinned.slice(0, pinned.indexOf('-'));
  const hash = createHash(algorithm);
  await pipeline(createReadStream(file), hash);
  return `${algorithm}-${hash.digest(algorithm === 'sha512' ? 'base64' : 'hex')}`;
}
