import { crc32, inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { encodePng } from '../../../src-main/data/png';

/** The chunks of a PNG, their checksums checked. */
function chunksOf(png: Uint8Array): { type: string; data: Buffer }[] {
  const bytes = Buffer.from(png);
  expect(bytes.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a');
  const chunks: { type: string; data: Buffer }[] = [];
  for (let at = 8; at < bytes.length; ) {
    const end = at + 8 + bytes.readUInt32BE(at);
    expect(bytes.readUInt32BE(end)).toBe(crc32(bytes.subarray(at + 4, end)));
    chunks.push({
      type: bytes.toString('latin1', at + 4, at + 8),
      data: bytes.subarray(at + 8, end),
    });
    at = end + 4;
  }
  return chunks;
}

describe('a PNG', () => {
  it.each([
    [1, 0, [1, 2, 3, 4, 5, 6]],
    [3, 2, [...Array(18).keys()]],
  ] as const)('of %i channels holds its pixels', (channels, colourType, pixels) => {
    const chunks = chunksOf(
      encodePng({ width: 3, height: 2, channels, pixels: Uint8Array.from(pixels) }),
    );
    expect(chunks.map(({ type }) => type)).toEqual(['IHDR', 'IDAT', 'IEND']);
    const [header, data] = chunks;
    expect(header?.data.toString('hex')).toBe(`0000000300000002080${colourType}000000`);
    const rows = inflateSync(data?.data ?? Buffer.alloc(0));
    const stride = 3 * channels;
    expect([...rows]).toEqual([0, ...pixels.slice(0, stride), 0, ...pixels.slice(stride)]);
  });

  it('is not made of too few pixels', () => {
    expect(() =>
      encodePng({ width: 3, height: 2, channels: 3, pixels: new Uint8Array(6) }),
    ).toThrow(RangeError);
  });
});
