import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readIdx } from '../../../src-main/data/idx';
import { importers } from '../../../src-main/data/imports/table';
import { readNpz } from '../../../src-main/data/npz';
import { noImportOptions } from '../../../src-shared/contract/imports';
import type { Random } from '../../../src-shared/random';
import { idx, newFolder, soundMembers, zip } from './files';
import { mutantCount, survives } from './mutants';
import { mutate } from './mutate';

const fixtures = join(import.meta.dirname, '../../fixtures/imports');

/** Imports a copy of a fixture one of whose files, or which itself, is a mutant. */
function mutantsOf(kind: string, fixture: string, files: readonly string[]) {
  const importer = importers.find((candidate) => candidate.kind === kind);
  const path = join(newFolder(), fixture.replaceAll('/', '-'));
  cpSync(join(fixtures, fixture), path, { recursive: true });
  const sound = new Map(files.map((file) => [file, readFileSync(join(path, file))]));
  return async (random: Random) => {
    const file = files[random.integer(files.length)] as string;
    const bytes = sound.get(file) as Buffer;
    writeFileSync(join(path, file), mutate(bytes, random));
    const context = { signal: new AbortController().signal, onProgress: () => undefined };
    try {
      await importer?.read(path, noImportOptions, context);
    } finally {
      writeFileSync(join(path, file), bytes);
    }
  };
}

/** Reads mutants from one file that is written anew each time. */
function mutantFiles(sound: Uint8Array, read: (path: string) => Promise<unknown>) {
  const path = join(newFolder(), 'mutant');
  return (random: Random) => {
    writeFileSync(path, mutate(sound, random));
    return read(path);
  };
}

describe('mutants of a sound file are read or refused', () => {
  const images = idx([2, 3, 3], [...Array(18).keys()]);
  const readImages = (path: string) => readIdx(path, 'mutant', 3);

  it('as NPZ', async () => {
    // What a checksum covers can't change unseen; slack in archive headers may.
    const refused = await survives('npz', mutantFiles(zip(soundMembers()), readNpz));
    expect(refused).toBeGreaterThan(mutantCount / 2);
  });

  it('as IDX', async () => {
    expect(await survives('idx', mutantFiles(images, readImages))).toBeGreaterThan(0);
  });

  it('as IDX in gzip', async () => {
    const packed = gzipSync(images);
    expect(await survives('idx.gz', mutantFiles(packed, readImages))).toBeGreaterThan(0);
  });

  it('as CIFAR', async () => {
    const files = ['data_batch_1.bin', 'test_batch.bin', 'batches.meta.txt'];
    const refused = await survives('cifar10', mutantsOf('cifar10', 'cifar10', files));
    expect(refused).toBeGreaterThan(0);
  });

  it('as PNG', async () => {
    const files = ['colour.png', 'palette.png'].map((file) => `train/cat/${file}`);
    files.push('train/dog/deep.png', 'test/cat/alpha.png', 'test/dog/bits.png');
    expect(await survives('png', mutantsOf('images', 'pictures', files))).toBeGreaterThan(0);
  });

  it.each(['train/cat/photo.jpg', 'train/cat/colour.webp'])('as %s', async (file) => {
    expect(await survives(file, mutantsOf('images', 'pictures', [file]))).toBeGreaterThan(0);
  });

  it.each(['people.csv', 'quoted.csv', 'people.csv.gz'])('as %s', async (file) => {
    const path = newFolder();
    cpSync(join(fixtures, 'tables', file), join(path, file));
    const sound = readFileSync(join(path, file));
    const importer = importers.find(({ kind }) => kind === 'csv');
    const context = { signal: new AbortController().signal, onProgress: () => undefined };
    const refused = await survives(file, (random) => {
      writeFileSync(join(path, file), mutate(sound, random));
      return importer?.read(join(path, file), noImportOptions, context) ?? Promise.reject();
    });
    expect(refused).toBeGreaterThan(0);
  });
});
