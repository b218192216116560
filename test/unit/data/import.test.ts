import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { listDataSets, openDataSet, renamedTo } from '../../../src-main/data/catalogue';
import { importedDataFolder } from '../../../src-main/data/folders';
import { StagedImport } from '../../../src-main/data/imports/staged-import';
import { removeImported, renameImported } from '../../../src-main/data/imports/upkeep';
import { noImportOptions } from '../../../src-shared/contract/imports';
import type { Progress } from '../../../src-shared/contract/progress';
import { failureOf, fileOf, idx, newFolder, soundMembers, zip } from './files';

/** What an import of its own can't be asked without. */
const context = () => ({ signal: new AbortController().signal, onProgress: () => undefined });
const stage = (kind: string, path: string) =>
  StagedImport.read({ kind, path, options: noImportOptions }, context());

/** A folder in MNIST's form: 3 + 2 pictures of 2 × 2, two classes. */
function idxFolder(): string {
  const folder = newFolder();
  const file = (name: string, bytes: Uint8Array) => writeFileSync(join(folder, name), bytes);
  file(
    'train-images-idx3-ubyte',
    idx([3, 2, 2], [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110]),
  );
  file('train-labels-idx1-ubyte.gz', gzipSync(idx([3], [0, 1, 0])));
  file('t10k-images-idx3-ubyte.gz', gzipSync(idx([2, 2, 2], [0, 10, 20, 30, 40, 50, 60, 70])));
  file('t10k-labels-idx1-ubyte', idx([2], [1, 0]));
  return folder;
}

beforeEach(() => vi.stubEnv('XDG_DATA_HOME', newFolder()));

describe('an import', () => {
  it('shows what it read, and is a data set once it has a name', async () => {
    const staged = await stage('idx', idxFolder());
    expect(staged.preview).toMatchObject({
      kind: 'idx',
      shape: [2, 2, 1],
      classNames: ['0', '1'],
      counts: { train: [2, 1], test: [1, 1] },
    });
    expect(staged.preview.samples.map(({ index, label }) => [index, label])).toEqual([
      [0, 0],
      [2, 0],
      [1, 1],
    ]);
    expect(staged.preview.samples[2]?.picture?.pixels).toEqual(Uint8Array.from([40, 50, 60, 70]));
    expect(listDataSets().map(({ name }) => name)).not.toContain('digits');
    await staged.keep('digits');
    const opened = await openDataSet('digits', '/');
    expect(opened).toMatchObject({
      ...{ name: 'digits', shape: [2, 2, 1], classNames: ['0', '1'] },
      fingerprint: staged.preview.fingerprint,
    });
    const values = new Float32Array(4);
    opened.test.gather([1], values);
    expect(values).toEqual(
      Float32Array.from([40, 50, 60, 70], (value) => Math.fround(value / 255)),
    );
    expect([...opened.train.labels]).toEqual([0, 1, 0]);
    expect(listDataSets().find(({ name }) => name === 'digits')).toMatchObject({
      ...{ importedFrom: 'idx', examples: { train: 3, test: 2 }, available: true },
      fingerprint: opened.fingerprint,
    });
  });

  it('of the same examples has one fingerprint, whatever the format', async () => {
    const [folder, archive] = await Promise.all([
      stage('idx', idxFolder()),
      stage('npz', fileOf(zip(soundMembers()))),
    ]);
    expect(archive.preview.fingerprint).toBe(folder.preview.fingerprint);
  });

  it('leaves nothing when it is dropped, fails or is cancelled', async () => {
    const staged = await stage('idx', idxFolder());
    await staged.drop();
    const broken = idxFolder();
    writeFileSync(join(broken, 't10k-labels-idx1-ubyte'), idx([3], [1, 0, 1]));
    const { message } = await failureOf(() => stage('idx', broken));
    expect(message).toMatch(/^t10k-labels-idx1-ubyte, byte 4: there are 3 labels, but/);
    for (const state of ['reading', 'writing']) {
      const stop = new AbortController();
      const onProgress = (progress: Progress) => {
        if (progress.kind === 'import' && progress.state === state) stop.abort();
      };
      const request = { kind: 'idx', path: idxFolder(), options: noImportOptions };
      const failure = await failureOf(() =>
        StagedImport.read(request, { signal: stop.signal, onProgress }),
      );
      expect([state, failure.code]).toEqual([state, 'cancelled']);
    }
    expect(readdirSync(importedDataFolder())).toEqual([]);
  });

  it('takes no name that is taken, and waits for another', async () => {
    const path = idxFolder();
    await (await stage('idx', path)).keep('digits');
    const second = await stage('idx', path);
    for (const name of ['digits', 'Digits', 'mnist']) {
      const { code, message } = await failureOf(() => second.keep(name));
      expect([code, message]).toEqual([
        'data-exists',
        expect.stringContaining(`'${name}' already; choose another name`),
      ]);
      expect(message.includes("'data remove digits'")).toBe(name !== 'mnist');
    }
    await second.keep('digits-2');
    expect(readdirSync(importedDataFolder()).sort()).toEqual(['digits', 'digits-2']);
  });

  it('gets another name, under which a run finds it, and is removed', async () => {
    await (await stage('idx', idxFolder())).keep('digits');
    const { fingerprint } = await openDataSet('digits', '/');
    await (await stage('npz', fileOf(zip(soundMembers())))).keep('other');
    expect((await failureOf(() => renameImported('digits', 'Other'))).code).toBe('data-exists');
    expect((await failureOf(() => renameImported('digits', '../x'))).code).toBe('request-invalid');
    await renameImported('digits', 'Digits');
    await renameImported('digits', 'numbers');
    expect(listDataSets().map(({ name }) => name)).not.toContain('digits');
    await removeImported('other');
    expect(renamedTo('digits', fingerprint)).toBe('numbers');
    expect(renamedTo('numbers', fingerprint)).toBeNull();
    expect(readdirSync(importedDataFolder())).toEqual(['numbers']);
    const { code, message } = await failureOf(() => removeImported('../numbers'));
    expect([code, message]).toEqual(['data-missing', expect.stringMatching(/'\.\.\/numbers'/)]);
    expect((await failureOf(() => removeImported('mnist'))).code).toBe('request-invalid');
    await removeImported('numbers');
    expect(readdirSync(importedDataFolder())).toEqual([]);
  });

  it('keeps where each example stood', async () => {
    const fixtures = join(import.meta.dirname, '../../fixtures/imports');
    await (await stage('csv', join(fixtures, 'tables/people.csv'))).keep('people');
    const { train, test } = await openDataSet('people', '/');
    const rows = [train, test].flatMap((split) =>
      Array.from({ length: split.count }, (_, i) => split.origin(i)),
    );
    const places = rows.map((row) => Number(/^row (\d+)$/.exec(row ?? '')?.[1]));
    expect(places.toSorted((a, b) => a - b)).toEqual(rows.map((_, i) => i + 2));
    await (await stage('cifar10', join(fixtures, 'cifar10'))).keep('pictures');
    const pictures = await openDataSet('pictures', '/');
    expect(pictures.train.origin(0)).toBe('data_batch_1.bin, record 0');
    expect(pictures.test.origin(pictures.test.count - 1)).toMatch(/^test_batch\.bin, record \d+$/);
    await (await stage('idx', idxFolder())).keep('digits');
    expect((await openDataSet('digits', '/')).train.origin(0)).toBeNull();
    const lines = join(importedDataFolder(), 'people', 'origins_train.txt');
    writeFileSync(lines, 'row 2\n');
    expect((await failureOf(() => openDataSet('people', '/'))).message).toMatch(/it has 1 lines/);
  });

  it.each(['', '.', '..', '../x', 'a/b', 'a\\b', '.hidden', 'x.npz', 'nul', 'COM1.txt', 'a\u0000'])(
    'takes no name like %j',
    async (name) => {
      const staged = await stage('idx', idxFolder());
      expect((await failureOf(() => staged.keep(name))).code).toBe('request-invalid');
      await staged.drop();
    },
  );

  it('removes what an import left whose process has ended', async () => {
    const all = importedDataFolder();
    await (await stage('idx', idxFolder())).keep('one');
    const { pid } = spawnSync(process.execPath, ['-e', '0']);
    const left = join(all, `.staged-${pid}-00ff`);
    mkdirSync(left);
    await (await stage('idx', idxFolder())).drop();
    expect(existsSync(left)).toBe(false);
  });

  it('is read by NumPy’s rules and refused once its examples were changed', async () => {
    await (await stage('idx', idxFolder())).keep('digits');
    const file = join(importedDataFolder(), 'digits', 'x_train.npy');
    const bytes = readFileSync(file);
    // The header as numpy.save writes it: padded so that the data start at a multiple of 64.
    expect(bytes.length - 12).toBe(128);
    expect(bytes.toString('latin1', 0, 8)).toBe('\x93NUMPY\x01\x00');
    bytes[128] = 255;
    writeFileSync(file, bytes);
    const { code, message } = await failureOf(() => openDataSet('digits', '/'));
    expect(code).toBe('data-corrupt');
    expect(message).toMatch(
      /data\.json, byte 0: .*their fingerprint differs; import them again\.$/,
    );
  });

  it('names the kinds where one is unknown', async () => {
    const { code, message } = await failureOf(() => stage('npy', '/'));
    expect(code).toBe('request-invalid');
    expect(message).toMatch(/^'npy' is no kind of import; did you mean 'npz'\? Kinds: idx, .*npz/);
  });
});
