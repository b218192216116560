import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readIdx } from '../../../src-main/data/idx';
import { readNpz } from '../../../src-main/data/npz';
import { DeltascopeError } from '../../../src-shared/errors';
import { Random } from '../../../src-shared/random';
import { fileOf, idx, soundMembers, zip } from './files';
import { mutate } from './mutate';

const mutants = 300;

/** Reads many mutants of a sound file; every failure must be one of ours, naming the file. */
async function survives(sound: Uint8Array, read: (path: string) => Promise<unknown>) {
  const random = Random.seeded(11, 'mutants');
  let refused = 0;
  for (let mutant = 0; mutant < mutants; mutant++) {
    const bytes = mutate(sound, random);
    try {
      await read(fileOf(bytes, 'mutant'));
    } catch (error) {
      refused++;
      const seen = error instanceof DeltascopeError ? error.code : String(error);
      expect([seen, Buffer.from(bytes).toString('hex')]).toEqual([
        'data-corrupt',
        Buffer.from(bytes).toString('hex'),
      ]);
      expect((error as Error).message).toMatch(/mutant.*byte \d+: .+\.$/);
    }
  }
  return refused;
}

describe('mutants of a sound file are read or refused', () => {
  const images = idx([2, 3, 3], [...Array(18).keys()]);

  it('as NPZ', async () => {
    const started = performance.now();
    // What a checksum covers can't change unseen; slack in archive headers may.
    expect(await survives(zip(soundMembers()), readNpz)).toBeGreaterThan(mutants / 2);
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it('as IDX', async () => {
    expect(await survives(images, (path) => readIdx(path, 'mutant', 3))).toBeGreaterThan(0);
  });

  it('as IDX in gzip', async () => {
    const packed = gzipSync(images);
    expect(await survives(packed, (path) => readIdx(path, 'mutant', 3))).toBeGreaterThan(0);
  });
});
