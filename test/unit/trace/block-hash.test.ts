import { describe, expect, it } from 'vitest';
import {
  blockHasher,
  type HashBlock,
  nativeHash,
  wasmHash,
} from '../../../src-main/trace/block-hash';

const ways: readonly (readonly [string, () => Promise<HashBlock>])[] = [
  ['native code', nativeHash],
  ['WebAssembly', wasmHash],
  ['what is chosen', blockHasher],
];

/** Bytes that repeat only after 251. */
function bytes(count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => i % 251);
}

describe.each(ways)('xxh3-64 by %s', (_, hasher) => {
  it('is that of the reference implementation, in big-endian order', async () => {
    const hash = await hasher();
    const hex = (block: Uint8Array): string => Buffer.from(hash(block)).toString('hex');
    // `xxhsum -H3` of xxHash 0.8.
    expect(hex(new Uint8Array(0))).toBe('2d06800538d394c2');
    expect(hex(Buffer.from('abc'))).toBe('78af5f94892f3950');
    expect(hex(bytes(100_000))).toBe('42c23aeead96750d');
  });

  it('does not depend on what was hashed before, nor on whose memory it is', async () => {
    const [hash, wasm] = [await hasher(), await wasmHash()];
    for (const count of [1, 240, 241, 1024, 1025, 100_000]) {
      const block = bytes(count);
      const shared = new Uint8Array(new SharedArrayBuffer(count + 3), 3);
      shared.set(block);
      const found = hash(block);
      expect(found).toEqual(wasm(block));
      expect(hash(shared)).toEqual(found);
    }
  });
});
