import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDataSet } from '../../../src-main/data/catalogue';
import { readNpz } from '../../../src-main/data/npz';
import { array, failureOf, fileOf, npy, soundBut, soundMembers, zip } from './files';

const oracle = join(import.meta.dirname, '../../fixtures/oracle');

async function refused(bytes: Uint8Array): Promise<string> {
  const error = await failureOf(() => readNpz(fileOf(bytes)));
  expect(error.code).toBe('data-corrupt');
  return error.message.replace(/^\d+-/, '');
}

const labels = (...values: number[]) => array('<i4', [values.length], Int32Array.from(values));

describe('an NPZ file', () => {
  it('is read, stored and deflated', async () => {
    const { train, test, classes } = await readNpz(fileOf(zip(soundMembers())));
    expect(train.shape).toEqual([2, 2, 1]);
    expect([...train.values]).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110]);
    expect([...train.labels]).toEqual([0, 1, 0]);
    expect([...test.labels]).toEqual([1, 0]);
    expect(classes).toBe(2);
  });

  it('written by NumPy is read', async () => {
    const images = await openDataSet('conv-ghost-flow/data.npz', oracle);
    expect(images).toMatchObject({ shape: [8, 8, 1], classNames: ['0', '1', '2'] });
    expect([images.train.count, images.test.count]).toEqual([30, 6]);
    const table = await openDataSet(join(oracle, 'adam/data.npz'), '/elsewhere');
    expect(table).toMatchObject({ shape: [6], title: 'data.npz' });
    expect([table.train.count, table.test.count]).toEqual([20, 6]);
    expect(table.train.thumbnail(0)).toBeNull();
  });

  it('holds floats as they are, whatever their width, and any format version', async () => {
    const header = (shape: string, descr = '<f8') =>
      `{'shape': (${shape}), 'fortran_order': False, 'descr': '${descr}'}`;
    const values = Float64Array.from([0.5, -2, 1e-3, 7]);
    for (const version of [1, 2, 3] as const) {
      const data = npy(header('2, 2'), new Uint8Array(values.buffer), version);
      const members = [
        { name: 'x_train.npy', data, packed: true },
        { name: 'y_train.npy', data: labels(0, 1) },
        { name: 'x_test.npy', data },
        { name: 'y_test.npy', data: labels(1, 0) },
      ];
      const { train } = await readNpz(fileOf(zip(members)));
      expect(train.shape).toEqual([2]);
      expect(train.values).toEqual(Float32Array.from([0.5, -2, Math.fround(1e-3), 7]));
    }
  });

  it.each<[string, Uint8Array, string]>([
    [
      'no archive',
      Buffer.from('hello'),
      'data.npz, byte 5: this is no whole NPZ (zip) file: its end is missing.',
    ],
    ['nothing', Buffer.alloc(0), 'its end is missing'],
    ['a cut archive', zip(soundMembers()).subarray(0, 700), 'its end is missing'],
    [
      'a missing array',
      zip(soundMembers().slice(1)),
      "it has no array 'x_train'; x_train, y_train, x_test and y_test are needed.",
    ],
    [
      'an array twice',
      zip([...soundMembers(), ...soundMembers()]),
      "two members named 'x_train.npy'",
    ],
    [
      'paths for names',
      zip(soundMembers().map((m) => ({ ...m, name: `../../${m.name}` }))),
      "it has no array 'y_train'",
    ],
    [
      'encryption',
      soundBut('x_train.npy', { claims: { flags: 1 } }),
      "the member 'x_train.npy' is encrypted",
    ],
    [
      'another packing',
      soundBut('x_train.npy', { claims: { method: 12 } }),
      'packed by method 12; only stored (0) and deflate (8)',
    ],
    [
      'a wrong checksum',
      soundBut('x_train.npy', { claims: { crc: 1 } }),
      'data.npz (x_train.npy), byte 0: the checksum (CRC-32) does not match.',
    ],
    [
      'a wrong size',
      soundBut('x_train.npy', { claims: { size: 9 } }),
      'the checksum (CRC-32) does not match',
    ],
    [
      'a member beyond the end',
      soundBut('y_test.npy', { claims: { packed: 5000 } }),
      "the member 'y_test.npy' reaches beyond the end of the data.",
    ],
    [
      'sizes of a stored member that differ',
      soundBut('y_train.npy', { claims: { size: 9 } }),
      'its two sizes differ',
    ],
    ['zip64', soundBut('y_test.npy', { claims: { packed: 0xffffffff } }), 'of 4 GB or more'],
    [
      'no array',
      soundBut('y_train.npy', { data: Buffer.from('PK\x03\x04 something else') }),
      "(y_train.npy), byte 0: an array starts with '\\x93NUMPY'",
    ],
    [
      'a new format',
      soundBut('y_train.npy', { data: Buffer.from('\x93NUMPY\x07\x00aaaaaaaa', 'latin1') }),
      'byte 6: the format 7.0 is not known',
    ],
    [
      'Python objects',
      soundBut('y_train.npy', { data: array('|O', [3], Uint8Array.from([128, 4, 46])) }),
      'arrays of Python objects are not read',
    ],
    [
      'a structure',
      soundBut('y_train.npy', {
        data: npy(
          "{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (3,)}",
          Buffer.alloc(12),
        ),
      }),
      'structured arrays are not supported',
    ],
    [
      'half precision',
      soundBut('x_train.npy', { data: array('<f2', [3, 2], new Uint8Array(12)) }),
      "the element type '<f2' is not supported",
    ],
    [
      'a type named constructor',
      soundBut('x_train.npy', { data: array('<constructor', [3, 2], new Uint8Array(12)) }),
      "the element type '<constructor' is not supported",
    ],
    [
      'big-endian numbers',
      soundBut('y_train.npy', { data: array('>i4', [3], new Int32Array(3)) }),
      "save x.astype('<i4') instead",
    ],
    [
      'Fortran order',
      soundBut('x_train.npy', {
        data: npy(
          "{'descr': '|u1', 'fortran_order': True, 'shape': (3, 2, 2)}",
          new Uint8Array(12),
        ),
      }),
      'save numpy.ascontiguousarray',
    ],
    [
      'a header without shape',
      soundBut('x_train.npy', {
        data: npy("{'descr': '|u1', 'fortran_order': True}", new Uint8Array(12)),
      }),
      'the header lacks descr, fortran_order or shape.',
    ],
    [
      'a negative size',
      soundBut('x_train.npy', {
        data: npy("{'descr': '|u1', 'fortran_order': False, 'shape': (-3, 2)}", new Uint8Array(12)),
      }),
      'the header lacks',
    ],
    [
      'sizes it does not have',
      soundBut('x_train.npy', {
        data: array('|u1', [3, 200, 2], new Uint8Array(12)),
        packed: false,
      }),
      'would take 1.20 kB, but at most 12 bytes can follow',
    ],
    [
      'sizes beyond all bounds',
      soundBut('x_train.npy', {
        data: array('<f8', [9007199254740991, 9007199254740991], new Uint8Array(12)),
      }),
      '(f8) would take',
    ],
    [
      'an endless size',
      soundBut('x_train.npy', { data: array('<f8', [1e20], new Uint8Array(12)) }),
      'the shape (100000000000000000000,) is not supported',
    ],
    [
      'more bytes than announced',
      soundBut('x_train.npy', { data: array('|u1', [3, 2], new Uint8Array(12)) }),
      'should end here, but more bytes follow',
    ],
    [
      'fewer labels than examples',
      soundBut('y_train.npy', { data: labels(0, 1) }),
      'there are 3 examples, but 2 labels.',
    ],
    [
      'labels that are no integers',
      soundBut('y_train.npy', { data: array('<f4', [3], new Float32Array(3)) }),
      'labels must be integers, not f4',
    ],
    [
      'labels below 0',
      soundBut('y_train.npy', { data: labels(0, -1, 0) }),
      'label 1 is -1; labels count from 0',
    ],
    [
      'labels beyond reason',
      soundBut('y_train.npy', { data: labels(0, 1e9, 0) }),
      'label 1 is 1000000000',
    ],
    [
      'columns of labels',
      soundBut('y_train.npy', { data: array('<i4', [3, 1], new Int32Array(3)) }),
      'labels must be [n] with n ≥ 1, not [3, 1]',
    ],
    [
      'no example',
      soundBut('y_train.npy', { data: labels() }),
      'labels must be [n] with n ≥ 1, not [0]',
    ],
    [
      'integers as examples',
      soundBut('x_train.npy', { data: array('<i4', [3, 2], new Int32Array(6)) }),
      'examples must be uint8, float32 or float64, not i4',
    ],
    [
      'numbers as examples',
      soundBut('x_train.npy', { data: array('|u1', [3], new Uint8Array(3)) }),
      'the shape is [3]; [n, features]',
    ],
    [
      'pictures without pixels',
      soundBut('x_train.npy', { data: array('|u1', [3, 0, 2], new Uint8Array(0)) }),
      'the shape is [3, 0, 2]',
    ],
    [
      'splits of different shapes',
      soundBut('x_test.npy', { data: array('|u1', [2, 4], new Uint8Array(8)) }),
      'examples are [2, 2, 1] in x_train, but [4] in x_test',
    ],
    [
      'splits of different types',
      soundBut('x_test.npy', { data: array('<f4', [2, 2, 2], new Float32Array(8)) }),
      'must both be uint8 or both be floats',
    ],
    [
      'what is no number',
      soundBut('x_train.npy', {
        data: array('<f4', [3, 2], Float32Array.from([0, 0, 0, Number.NaN, 0, 0])),
      }),
      'example 1 holds NaN, which is no finite 32-bit number',
    ],
    [
      'what is too large',
      soundBut('x_train.npy', {
        data: array('<f8', [3, 2], Float64Array.from([0, 0, 0, 0, 0, 1e300])),
      }),
      'example 2 holds 1e+300',
    ],
  ])('is refused for %s', async (_, bytes, message) => {
    expect(await refused(bytes)).toContain(message);
  });

  it('that unpacks to far more than its array is left after the array', async () => {
    const data = Buffer.concat([
      array('|u1', [3, 2, 2], new Uint8Array(12)),
      Buffer.alloc(2 ** 27),
    ]);
    const bomb = soundBut('x_train.npy', { data, packed: true });
    const before = process.memoryUsage().arrayBuffers;
    expect(await refused(bomb)).toContain('should end here, but more bytes follow');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 27);
  });

  it('is refused where it is missing or a folder', async () => {
    const path = fileOf(Buffer.alloc(0));
    rmSync(path);
    const gone = await failureOf(() => openDataSet(path, '/'));
    expect([gone.code, gone.message]).toEqual(['data-missing', `${path} does not exist.`]);
    const folder = await failureOf(() => readNpz(oracle));
    expect([folder.code, folder.message]).toEqual([
      'data-missing',
      `${oracle} is not a file; give the path of an .npz.`,
    ]);
  });
});
