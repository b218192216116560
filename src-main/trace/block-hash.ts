import { createXXHash3, type IHasher } from 'hash-wasm';

/** Bytes that are hashed, written and checked together. */
export const blockBytes = 4 * 1024 * 1024;

/** Bytes of one xxh3-64 in its canonical (big-endian) form. */
export const hashBytes = 8;

/** Hashes a block with xxh3-64, seed 0; the canonical 8 bytes. */
export type HashBlock = (block: Uint8Array) => Uint8Array;

let hasher: Promise<IHasher> | undefined;

/** The hash function, once its WebAssembly has been compiled. One instance serves the thread. */
export async function blockHasher(): Promise<HashBlock> {
  hasher ??= createXXHash3();
  const instance = await hasher;
  return (block) => instance.init().update(block).digest('binary');
}

/** Whether two hashes are the same bytes. */
export function sameHash(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

/** Number of blocks of a file. */
export function blockCount(bytes: number, size: number): number {
  return Math.ceil(bytes / size);
}
