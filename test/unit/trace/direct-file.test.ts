import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { alignedBuffers, directFileSystem } from '../../../src-main/trace/direct-file';
import { writeFully } from '../../../src-main/trace/filesystem';
import { temporaryFolder } from './temporary-folder';

const block = 8192;

/** Bytes that differ from place to place. */
function pattern(bytes: Uint8Array, from: number): Uint8Array {
  for (let i = 0; i < bytes.length; i++) bytes[i] = ((from + i) * 2654435761) >>> 24;
  return bytes;
}

describe('a file that is written past the cache', () => {
  it('holds every byte, whole blocks and what is left over, in whatever order they come', async () => {
    const path = join(temporaryFolder(), 'file');
    const [first, second] = alignedBuffers(2, block) as [Buffer, Buffer];
    const file = await directFileSystem.create(path);
    await writeFully(file, pattern(second, block), block);
    await writeFully(file, pattern(second.subarray(0, 77), 2 * block), 2 * block);
    await writeFully(file, pattern(first, 0), 0);
    await file.sync();
    await file.close();
    const expected = pattern(new Uint8Array(2 * block + 77), 0);
    expect(readFileSync(path).equals(expected)).toBe(true);
  });

  it('replaces what stood there, and takes memory that lies anywhere', async () => {
    const path = join(temporaryFolder(), 'file');
    const whole = pattern(new Uint8Array(3 * block), 1);
    for (const length of [3 * block, block]) {
      const file = await directFileSystem.create(path);
      await writeFully(file, whole.subarray(0, length), 0);
      await file.close();
      expect(readFileSync(path).equals(whole.subarray(0, length))).toBe(true);
    }
  });

  it('gives buffers apart from each other', () => {
    const buffers = alignedBuffers(3, 4096);
    for (const [i, buffer] of buffers.entries()) buffer.fill(i + 1);
    expect(buffers.map((buffer) => buffer.every((byte) => byte === buffer[0]))).toEqual([
      ...[true, true, true],
    ]);
    expect(buffers.map(([byte]) => byte)).toEqual([1, 2, 3]);
  });
});
