import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { blockHasher } from '../../../src-main/trace/block-hash';
import { nodeFileSystem } from '../../../src-main/trace/filesystem';
import { verifiedBlocks } from '../../../src-main/trace/verified-blocks';
import { temporaryFolder } from './temporary-folder';

const stored = { file: 'x', bytes: 10, blockBytes: 4, hashes: new Uint8Array(24) };

async function fileOf(content: string): Promise<string> {
  const path = join(temporaryFolder(), 'x');
  writeFileSync(path, content);
  utimesSync(path, 1000, 1000);
  return path;
}

describe('blocks that were checked', () => {
  it('are remembered while the file stays as it was', async () => {
    const hash = await blockHasher();
    const path = await fileOf('0123456789');
    const first = verifiedBlocks(stored, await nodeFileSystem.status(path), hash);
    expect([...first]).toEqual([0, 0, 0]);
    first[1] = 1;
    const again = verifiedBlocks(stored, await nodeFileSystem.status(path), hash);
    expect([...again]).toEqual([0, 1, 0]);
  });

  it('are forgotten when the file or its checksums change', async () => {
    const hash = await blockHasher();
    const path = await fileOf('0123456789');
    verifiedBlocks(stored, await nodeFileSystem.status(path), hash).fill(1);
    const others = { ...stored, hashes: new Uint8Array(24).fill(9) };
    expect([...verifiedBlocks(others, await nodeFileSystem.status(path), hash)]).toEqual([0, 0, 0]);
    utimesSync(path, 1000, 1001);
    expect([...verifiedBlocks(stored, await nodeFileSystem.status(path), hash)]).toEqual([0, 0, 0]);
  });

  it('are not remembered of a file that has just changed: its time might not show the next one', async () => {
    const hash = await blockHasher();
    const status = await nodeFileSystem.status(await fileOf('0123456789'));
    const soon = status.changedAt + 500;
    verifiedBlocks(stored, status, hash, soon).fill(1);
    expect([...verifiedBlocks(stored, status, hash, soon)]).toEqual([0, 0, 0]);
  });
});
