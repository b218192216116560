import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { RawExamples } from '../../../src-main/data/data-set';
import { StagedImport } from '../../../src-main/data/imports/staged-import';
import { importers } from '../../../src-main/data/imports/table';
import { noImportOptions } from '../../../src-shared/contract/imports';
import { failureOf, fileOf, newFolder } from './files';
import { copyOf, expected, fixtures, read, refusal } from './importing';

const pixel = ({ values, shape }: RawExamples, example: number, row: number, column: number) => {
  const [height = 0, width = 0, channels = 0] = shape;
  const at = ((example * height + row) * width + column) * channels;
  return [...values.subarray(at, at + channels)];
};

describe('NumPy’s own archives', () => {
  it.each(['stored.npz', 'packed.npz'])('are read: %s', async (name) => {
    const { train, test, classNames } = await read('npz', join(fixtures, 'numpy', name));
    expect([...train.values]).toEqual(expected.numpy.x_train.flat(2));
    expect([...test.labels]).toEqual(expected.numpy.y_test);
    expect([train.shape, classNames]).toEqual([
      [3, 4, 1],
      ['0', '1', '2'],
    ]);
  });
});

describe('CIFAR’s binary version', () => {
  it('is read with its planes, labels and class names', async () => {
    const { train, test, classNames } = await read('cifar10', join(fixtures, 'cifar10'));
    expect(classNames[3]).toBe('cat');
    expect([train.shape, train.labels.length, test.labels.length]).toEqual([[32, 32, 3], 20, 5]);
    for (const [batch, part] of [1, 2, 3, 4, 5].entries()) {
      const { labels, pixel: pixels } = expected.cifar10[`data_batch_${part}.bin`];
      expect([...train.labels.slice(4 * batch, 4 * batch + 4)]).toEqual(labels);
      expect(pixel(train, 4 * batch + 2, 9, 17)).toEqual(pixels[2]);
    }
    expect(pixel(test, 4, 9, 17)).toEqual(expected.cifar10['test_batch.bin'].pixel[4]);
  });

  it('of CIFAR-100 gives the fine classes', async () => {
    const { train, classNames, notes } = await read('cifar10', join(fixtures, 'cifar100'));
    expect([...train.labels]).toEqual(expected.cifar100['train.bin'].labels);
    expect(pixel(train, 5, 9, 17)).toEqual(expected.cifar100['train.bin'].pixel[5]);
    expect([classNames.length, classNames[42]]).toEqual([100, 'fine_42']);
    expect(notes).toContain('The classes are the 100 fine ones.');
  });

  it('is refused with file, offset and rule', async () => {
    const folder = copyOf('cifar10');
    writeFileSync(join(folder, 'data_batch_3.bin'), new Uint8Array(4000));
    expect(await refusal('cifar10', folder)).toMatch(
      /^data_batch_3\.bin, byte 3073: a whole number of records of 3073 bytes is needed/,
    );
    const wrong = new Uint8Array(2 * 3073);
    wrong[3073] = 10;
    writeFileSync(join(folder, 'data_batch_3.bin'), wrong);
    expect(await refusal('cifar10', folder)).toBe(
      'data_batch_3.bin, byte 3073: the label is 10; there are 10 classes.',
    );
    writeFileSync(join(folder, 'data_batch_3.bin'), gzipSync(wrong));
    expect(await refusal('cifar10', folder)).toContain('unpack it first');
  });

  it('says what to get in place of Python pickles', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'data_batch_1'), '\x80\x04');
    expect(await refusal('cifar10', folder)).toMatch(
      /holds Python pickles, which can run code and are not read; get the binary version \(cifar-10-binary/,
    );
  });

  it('whose files lead elsewhere is refused', async () => {
    const folder = copyOf('cifar10');
    const outside = newFolder();
    cpSync(join(fixtures, 'cifar10/data_batch_1.bin'), join(outside, 'data_batch_1.bin'));
    symlinkSync(join(outside, 'data_batch_1.bin'), join(folder, 'link'));
    const broken = newFolder();
    symlinkSync(join(outside, 'data_batch_1.bin'), join(broken, 'data_batch_1.bin'));
    expect((await read('cifar10', folder)).train.labels.length).toBe(20);
    expect(await refusal('cifar10', broken)).toBe(
      'data_batch_1.bin, byte 0: this link leads out of the folder that is imported.',
    );
  });
});

describe('folders of pictures', () => {
  it('have the pixels that Pillow has', async () => {
    const root = join(fixtures, 'pictures');
    const { train, test, classNames, notes } = await read('images', root);
    expect(classNames).toEqual(['cat', 'dog']);
    expect([train.shape, train.labels]).toEqual([
      [6, 5, 3],
      Int32Array.from([0, 0, 0, 0, 1, 1, 1]),
    ]);
    const names = ['cat/colour.png', 'cat/colour.webp', 'cat/palette.png', 'cat/photo.jpg'];
    names.push('dog/deep.png', 'dog/grey.png', 'dog/photo.JPEG');
    for (const [example, name] of names.entries()) {
      const got = [...train.values.subarray(90 * example, 90 * (example + 1))];
      const wanted: number[] = expected.pictures[`train/${name}`].flat(2);
      const most = Math.max(...got.map((value, i) => Math.abs(value - (wanted[i] as number))));
      // Decoders of JPEG may round differently; the other formats lose nothing.
      expect([name, most <= (/jpe?g$/i.test(name) ? 3 : 0)]).toEqual([name, true]);
    }
    expect([...test.values.subarray(0, 90)]).toEqual(
      expected.pictures['test/cat/alpha.png'].flat(2),
    );
    expect([...test.values.subarray(90)]).toEqual(expected.pictures['test/dog/bits.png'].flat(2));
    expect(notes).toEqual([
      'Left out, as no picture of a class: train/cat/notes.txt.',
      'Pixels 0…255 are scaled to 0…1.',
      '4 of 9 pictures: without colours, given three equal channels.',
      '1 of 9 pictures: with an alpha channel, shown on white.',
      '1 of 9 pictures: of 16 bits a channel, of which the upper 8 are kept.',
    ]);
  });

  it('of several sizes need one, and of one tree are divided the same way each time', async () => {
    const root = join(fixtures, 'tree');
    expect(await refusal('images', root)).toMatch(
      /^b\/tall\.png, byte 0: the picture is 8 × 4, but \S+ is 4 × 4; give a size/,
    );
    const { train, test } = await read('images', root, { size: [4, 4], testFraction: 0.4 });
    expect([train.shape, train.labels, test.labels]).toEqual([
      [4, 4, 1],
      Int32Array.from([0, 0, 0, 1, 1, 1, 1]),
      Int32Array.from([0, 0, 1, 1]),
    ]);
    const again = await read('images', root, { size: [4, 4], testFraction: 0.4 });
    expect(again.test.values).toEqual(test.values);
    // The tall picture is of one grey: stretched, it still is.
    const all = [...train.values, ...test.values];
    const pictures = Array.from({ length: 11 }, (_, i) => all.slice(16 * i, 16 * i + 16));
    expect(pictures.filter((values) => values.every((value) => value === 77)).length).toBe(1);
    expect(await refusal('images', join(fixtures, 'pictures'), { testFraction: 0.5 })).toMatch(
      /has a test split of its own/,
    );
  });

  const picture = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 3, background: '#336699' } });

  it('are refused by what their files are, not by their names', async () => {
    const root = copyOf('pictures');
    const put = (bytes: string | Uint8Array) => writeFileSync(join(root, 'train/cat/x.png'), bytes);
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="6" height="5"/>';
    for (const other of [svg, await picture(5, 6).tiff().toBuffer(), 'GIF89a', '']) {
      put(other);
      expect(await refusal('images', root)).toBe(
        'train/cat/x.png, byte 0: it does not start like a PNG, JPEG or WebP picture.',
      );
    }
    put((await picture(5, 6).png().toBuffer()).subarray(0, 60));
    expect(await refusal('images', root)).toMatch(
      /^train\/cat\/x\.png, byte 0: the picture is damaged \(/,
    );
  });

  it('are refused for their size before they are unpacked', async () => {
    const root = copyOf('pictures');
    const bomb = await picture(9000, 9000).png().toBuffer();
    expect(bomb.length).toBeLessThan((9000 * 9000) / 50);
    writeFileSync(join(root, 'train/cat/bomb.png'), bomb);
    expect(await refusal('images', root)).toBe(
      'train/cat/bomb.png, byte 0: the picture is 9000 × 9000; at most 64 million pixels are read.',
    );
  });

  it('have no links, lone test classes or missing splits', async () => {
    const linked = copyOf('pictures');
    symlinkSync('/etc/hostname', join(linked, 'train/cat/y.png'));
    expect(await refusal('images', linked)).toMatch(/^train\/cat\/y\.png, byte 0: this is a link/);
    const lone = copyOf('pictures');
    mkdirSync(join(lone, 'test/emu'));
    writeFileSync(join(lone, 'test/emu/a.png'), await picture(5, 6).png().toBuffer());
    expect(await refusal('images', lone)).toMatch(
      /'emu' has pictures to test on, but none to train/,
    );
    expect(await refusal('images', newFolder())).toMatch(
      /has no pictures in folders named by class/,
    );
  });

  it('are turned upright', async () => {
    const root = newFolder();
    mkdirSync(join(root, 'a'));
    const left = { create: { width: 1, height: 2, channels: 3, background: '#ffffff' } } as const;
    const half = await picture(2, 2)
      .composite([{ input: left, left: 0, top: 0 }])
      .png()
      .toBuffer();
    for (const i of [0, 1, 2]) {
      // Orientation 6: what is stored leftmost is meant to be on top.
      const file = join(root, 'a', `${i}.png`);
      writeFileSync(file, await sharp(half).withMetadata({ orientation: 6 }).png().toBuffer());
    }
    const { train, notes } = await read('images', root);
    expect([...train.values.subarray(0, 12)]).toEqual([
      ...[255, 255, 255, 255, 255, 255],
      ...[0x33, 0x66, 0x99, 0x33, 0x66, 0x99],
    ]);
    expect(notes).toContain('3 of 3 pictures: turned upright as their EXIF data say.');
  });
});

describe('every kind', () => {
  beforeEach(() => vi.stubEnv('XDG_DATA_HOME', newFolder()));

  it.each([
    ['cifar10', 'cifar10', [32, 32, 3]],
    ['images', 'pictures', [6, 5, 3]],
    ['npz', 'numpy/packed.npz', [3, 4, 1]],
    ['csv', 'tables/people.csv', [11]],
  ])('%s is previewed with pictures or cells', async (kind, name, shape) => {
    const context = { signal: new AbortController().signal, onProgress: () => undefined };
    const request = { kind, path: join(fixtures, name), options: noImportOptions };
    const staged = await StagedImport.read(request, context);
    const { samples, counts } = staged.preview;
    expect(staged.preview.shape).toEqual(shape);
    expect(samples.length).toBeGreaterThan(1);
    for (const { picture, cells } of samples) {
      expect([picture !== null, cells !== null]).toEqual([kind !== 'csv', kind === 'csv']);
    }
    expect(counts.test.reduce((sum, count) => sum + count)).toBeGreaterThan(0);
    await staged.drop();
  });

  it.each(importers.map(({ kind, takes }) => [kind, takes] as const))(
    '%s refuses what is no %s',
    async (kind, takes) => {
      const path = takes === 'folder' ? fileOf(Buffer.from('x')) : newFolder();
      const context = { signal: new AbortController().signal, onProgress: () => undefined };
      const request = { kind, path, options: noImportOptions };
      const { code, message } = await failureOf(() => StagedImport.read(request, context));
      expect([code, message]).toEqual([
        'data-missing',
        `${path} is no ${takes}; an import of ${kind} takes a ${takes}.`,
      ]);
    },
  );
});
