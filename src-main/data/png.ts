import { crc32, deflateSync } from 'node:zlib';
import type { Thumbnail } from '../../src-shared/contract/views';

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const colourTypes = { 1: 0, 3: 2 } as const;

/** A picture as a PNG file: 8 bits a channel, grey or RGB, no filter, no metadata. */
export function encodePng({ width, height, channels, pixels }: Thumbnail): Uint8Array {
  const stride = width * channels;
  if (pixels.length !== stride * height || stride === 0 || height === 0) {
    throw new RangeError(
      `${pixels.length} bytes are no picture of ${width} × ${height} × ${channels}`,
    );
  }
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  header.setUint8(8, 8);
  header.setUint8(9, colourTypes[channels]);
  // Each row is led by the number of its filter, 0: none.
  const rows = new Uint8Array((stride + 1) * height);
  for (let row = 0; row < height; row++) {
    rows.set(pixels.subarray(row * stride, (row + 1) * stride), row * (stride + 1) + 1);
  }
  return Buffer.concat([
    Uint8Array.from(signature),
    chunk('IHDR', new Uint8Array(header.buffer)),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, 'latin1');
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
  return bytes;
}
