import type { HashBlock } from './block-hash';
import type { FileStatus } from './filesystem';
import type { StoredFile } from './index-reader';

/** Files whose checked blocks are remembered. */
const mostFiles = 4096;
/** A file changed as recently as this may change again without its time showing it, milliseconds. */
const settleTime = 2000;

/** Blocks that this process has checked already, by the file's identity and its checksums. */
const verified = new Map<string, Uint8Array>();

/** Which blocks of an unchanged file need no second check; 1 where a block has been checked. */
export function verifiedBlocks(
  stored: StoredFile,
  status: FileStatus,
  hash: HashBlock,
  now = Date.now(),
): Uint8Array {
  const blocks = Math.ceil(stored.bytes / stored.blockBytes);
  if (now - status.changedAt < settleTime) return new Uint8Array(blocks);
  const checksums = Buffer.from(hash(stored.hashes)).toString('hex');
  const key = `${status.identity}:${stored.blockBytes}:${checksums}`;
  const known = verified.get(key) ?? new Uint8Array(blocks);
  verified.delete(key);
  verified.set(key, known);
  const oldest = verified.keys().next();
  if (verified.size > mostFiles && !oldest.done) verified.delete(oldest.value);
  return known;
}
