import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readIdx } from '../../../src-main/data/idx';
import { readIdxFolder } from '../../../src-main/data/idx-data-set';
import { failureOf, fileOf, idx, newFolder } from './files';

const sound = idx([2, 1, 3], [1, 2, 3, 4, 5, 255]);

function refused(bytes: Uint8Array, dimensions = 3): Promise<string> {
  return failureOf(() => readIdx(fileOf(bytes), 'images', dimensions)).then(
    ({ message }) => message,
  );
}

describe('an IDX file', () => {
  it('is read as it is and packed', async () => {
    for (const bytes of [sound, gzipSync(sound)]) {
      const { shape, bytes: values } = await readIdx(fileOf(bytes), 'images', 3);
      expect(shape).toEqual([2, 1, 3]);
      expect([...values]).toEqual([1, 2, 3, 4, 5, 255]);
    }
  });

  it('is refused, with file, offset and rule', async () => {
    expect(await refused(sound.subarray(0, 20))).toBe(
      'images, byte 16: an array of 2 × 1 × 3 bytes would take 6 bytes, but at most 4 bytes can follow.',
    );
    expect(await refused(gzipSync(sound.subarray(0, 20)))).toBe(
      'images, byte 20: the file ends inside an array of 2 × 1 × 3 bytes: 2 bytes are lacking.',
    );
    expect(await refused(gzipSync(sound).subarray(0, 25))).toMatch(
      /^images, byte \d+: the compressed data is damaged or ends early\.$/,
    );
    expect(await refused(Buffer.concat([sound, Buffer.alloc(1)]))).toBe(
      'images, byte 22: an array of 2 × 1 × 3 bytes should end here, but more bytes follow.',
    );
    expect(await refused(Buffer.alloc(0))).toBe(
      'images, byte 0: the header would take 4 bytes, but the file is empty.',
    );
    expect(await refused(Buffer.from([1, 0, 8, 3]))).toContain('byte 0: an IDX file starts with');
    expect(await refused(Buffer.from([0, 0, 13, 3]))).toContain('byte 2: the element type is 0x0d');
    expect(await refused(sound, 1)).toContain(
      'byte 3: the array has 3 dimensions, but 1 are needed',
    );
    expect(await refused(idx([2, 0, 3], []))).toContain('byte 8: the size of dimension 2 is 0');
  });

  it('is refused before room is made for sizes it does not have', async () => {
    const huge = idx([0xffffffff, 0xffffffff, 0xffffffff], [1]);
    expect(await refused(huge)).toContain('byte 16: an array of 4294967295 × 4294967295');
    const before = process.memoryUsage().arrayBuffers;
    // A packed file can claim more than it is long, but only up to what deflate can expand to.
    expect(await refused(gzipSync(idx([60_000, 28, 28], [1])))).toContain('at most 3');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 22);
  });

  it('is refused where it unpacks without end', async () => {
    const bomb = gzipSync(Buffer.concat([idx([2, 1, 3], []), Buffer.alloc(2 ** 26)]));
    expect(await refused(bomb)).toContain('byte 22: an array of 2 × 1 × 3 bytes should end here');
  });

  it('is refused where it is missing or a folder', async () => {
    const { code, message } = await failureOf(() => readIdx('/no/such', 'images', 3));
    expect([code, message]).toEqual(['data-missing', 'images does not exist.']);
    const folder = await failureOf(() => readIdx(newFolder(), 'images', 3));
    expect([folder.code, folder.message]).toEqual([
      'data-missing',
      'images is a folder, not a file.',
    ]);
  });
});

describe('a folder of four IDX files', () => {
  const usual = {
    'train-images-idx3-ubyte': idx([2, 1, 2], [1, 2, 3, 4]),
    'train-labels-idx1-ubyte': idx([2], [0, 1]),
    't10k-images-idx3-ubyte.gz': gzipSync(idx([1, 1, 2], [5, 6])),
    't10k-labels-idx1-ubyte': idx([1], [1]),
  };

  async function folderOf(files: Readonly<Record<string, Uint8Array>>) {
    const folder = newFolder();
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
    return readIdxFolder(folder, 2);
  }

  it('is read', async () => {
    const { train, test } = await folderOf(usual);
    expect(train.shape).toEqual([1, 2, 1]);
    expect([...train.labels]).toEqual([0, 1]);
    expect([...test.values]).toEqual([5, 6]);
  });

  it.each([
    [
      { 'train-labels-idx1-ubyte': idx([1], [0]) },
      'train-labels-idx1-ubyte, byte 4: there are 1 labels, but train-images-idx3-ubyte has 2 images.',
    ],
    [
      { 'train-labels-idx1-ubyte': idx([2], [0, 2]) },
      'train-labels-idx1-ubyte, byte 9: the label is 2, but there are only 2 classes.',
    ],
    [
      { 't10k-images-idx3-ubyte.gz': idx([1, 2, 1], [5, 6]) },
      't10k-images-idx3-ubyte, byte 8: images are 2 × 1 × 1, but those of train-images-idx3-ubyte 1 × 2 × 1.',
    ],
  ])('is refused where its files do not fit', async (change, message) => {
    const error = await failureOf(() => folderOf({ ...usual, ...change }));
    expect(error.message).toBe(message);
  });

  it('is refused where a file is missing', async () => {
    const { 't10k-labels-idx1-ubyte': _, ...rest } = usual;
    const error = await failureOf(() => folderOf(rest));
    expect(error.code).toBe('data-missing');
    expect(error.message).toContain("has no file 't10k-labels-idx1-ubyte'");
  });
});
