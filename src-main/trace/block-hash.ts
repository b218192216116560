/** Bytes that are hashed, written and checked together. */
export const blockBytes = 4 * 1024 * 1024;

/** Bytes of one xxh3-64 in its canonical (big-endian) form. */
export const hashBytes = 8;

/** Hashes a block with xxh3-64, seed 0; the canonical 8 bytes. */
export type HashBlock = (block: Uint8Array) => Uint8Array;

let hasher: Promise<HashBlock> | undefined;

/** The hash function: native code where npm has some for this machine, else WebAssembly at a third of its speed. */
export function blockHasher(): Promise<HashBlock> {
  hasher ??= nativeHash().catch(wasmHash);
  return hasher;
}

/** @throws where npm has brought no native code for this machine */
export async function nativeHash(): Promise<HashBlock> {
  const { xxh3 } = await import('@node-rs/xxhash');
  // Its function for a block as a whole takes nine times as long.
  const state = xxh3.Xxh3.withSeed();
  return (block) => {
    state.reset();
    const hash = new Uint8Array(hashBytes);
    new DataView(hash.buffer).setBigUint64(0, state.update(block).digest());
    return hash;
  };
}

/** The same function in WebAssembly, for machines without native code. */
export async function wasmHash(): Promise<HashBlock> {
  const { createXXHash3 } = await import('hash-wasm');
  const state = await createXXHash3();
  return (block) => state.init().update(block).digest('binary');
}

/** Whether two hashes are the same bytes. */
export function sameHash(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

/** Number of blocks of a file. */
export function blockCount(bytes: number, size: number): number {
  return Math.ceil(bytes / size);
}
