import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTensors, writeTensors } from '../../../src-main/trace/safetensors';
import { temporaryFolder } from './temporary-folder';

/** A file whose header is `header`, followed by `data` bytes. */
function fileWith(header: unknown, data: number, length?: bigint): string {
  const text = typeof header === 'string' ? header : JSON.stringify(header);
  const encoded = new TextEncoder().encode(text);
  const bytes = Buffer.alloc(8 + encoded.byteLength + data);
  bytes.writeBigUInt64LE(length ?? BigInt(encoded.byteLength), 0);
  bytes.set(encoded, 8);
  const path = join(temporaryFolder(), 'file.safetensors');
  writeFileSync(path, bytes);
  return path;
}

const two = (second: object) => ({
  a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
  b: { dtype: 'F32', shape: [1], data_offsets: [8, 12], ...second },
});

describe('a safetensors file', () => {
  it('has the layout that the format prescribes', async () => {
    const path = join(temporaryFolder(), 'w.safetensors');
    const tensors = [
      { name: '10', shape: [2, 1], data: Float32Array.of(1, -2) },
      { name: '9', shape: [], data: Float32Array.of(0.5) },
      { name: 'none', shape: [0, 3], data: new Float32Array(0) },
    ];
    await writeTensors(path, tensors, { step: '3' });
    const bytes = readFileSync(path);
    const length = Number(bytes.readBigUInt64LE(0));
    expect((8 + length) % 64).toBe(0);
    expect(JSON.parse(bytes.toString('utf8', 8, 8 + length))).toEqual({
      __metadata__: { format: 'pt', step: '3' },
      10: { dtype: 'F32', shape: [2, 1], data_offsets: [0, 8] },
      9: { dtype: 'F32', shape: [], data_offsets: [8, 12] },
      none: { dtype: 'F32', shape: [0, 3], data_offsets: [12, 12] },
    });
    expect(bytes.readFloatLE(8 + length + 4)).toBe(-2);
    expect(bytes.byteLength).toBe(8 + length + 12);
    expect(await readTensors(path)).toEqual(tensors);
  });

  it.each([
    ['a cut-off length', () => fileWith('', 0, 2n), 'byte 0, the header is 2 bytes long, but'],
    [
      'an endless header',
      () => fileWith('{}', 0, 2n ** 63n),
      'byte 0, the header is 9223372036854775808',
    ],
    ['a header beyond the file', () => fileWith('{}', 0, 900_000n), 'the file has only 10'],
    ['no JSON', () => fileWith('{"a":', 0), 'byte 8, the header is no JSON'],
    ['no object', () => fileWith('[1]', 0), 'no JSON object'],
    [
      'a gap',
      () => fileWith(two({ data_offsets: [9, 13] }), 13),
      'begins at 9 of the data, where 8',
    ],
    ['an overlap', () => fileWith(two({ data_offsets: [4, 8] }), 8), 'where 8 comes next'],
    ['a wrong span', () => fileWith(two({ shape: [2] }), 12), 'spans 4 bytes'],
    ['too large a shape', () => fileWith(two({ shape: [2 ** 40, 2 ** 40] }), 12), 'too large'],
    ['a negative size', () => fileWith(two({ shape: [-1] }), 12), 'no list of sizes'],
    ['an object type', () => fileWith(two({ dtype: 'O' }), 12), 'element type "O"'],
    ['bytes left over', () => fileWith(two({}), 13), 'tensors end here, but the file has'],
    ['bytes missing', () => fileWith(two({}), 11), 'tensors end here, but the file has'],
    ['odd metadata', () => fileWith({ __metadata__: { a: 1 } }, 0), '__metadata__'],
  ])('is refused with %s', async (_name, make, rule) => {
    const path = make();
    const error = await readTensors(path).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'data-corrupt' });
    expect(String(error)).toContain(rule);
    expect(String(error)).toContain(path);
  });

  it('is refused where weights are not fp32, or where it is cut off or missing', async () => {
    const halves = fileWith({ a: { dtype: 'F16', shape: [2], data_offsets: [0, 4] } }, 4);
    await expect(readTensors(halves)).rejects.toThrow('element type F16');
    truncateSync(halves, 5);
    await expect(readTensors(halves)).rejects.toMatchObject({ code: 'data-corrupt' });
    await expect(readTensors(`${halves}x`)).rejects.toMatchObject({ code: 'data-missing' });
  });
});
