import { writeFileSync } from 'node:fs';
import { zipSync } from 'fflate';
import { Random } from '../../src-shared/random';

const side = 32;
const classes = 10;

/** Bytes of an array file in NumPy's format, version 1.0, of unsigned bytes. */
function npy(shape: readonly number[], data: Uint8Array): Uint8Array {
  const sides = `${shape.join(', ')}${shape.length === 1 ? ',' : ''}`;
  const text = `{'descr': '|u1', 'fortran_order': False, 'shape': (${sides}), }`;
  const header = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`;
  const bytes = Buffer.alloc(10 + header.length + data.length);
  bytes.write('\x93NUMPY\x01\x00', 'latin1');
  bytes.writeUInt16LE(header.length, 8);
  bytes.write(header, 10, 'latin1');
  bytes.set(data, 10 + header.length);
  return bytes;
}

/** Noise over a pattern of its class, so that there is something to learn: [n, 32, 32, 3]. */
function split(count: number, random: Random): [Uint8Array, Uint8Array] {
  const labels = Uint8Array.from({ length: count }, (_, i) => i % classes);
  const size = side * side * 3;
  const pixels = new Uint8Array(count * size);
  for (let i = 0; i < count; i++) {
    const label = labels[i] as number;
    for (let k = 0; k < size; k++) {
      const row = Math.floor(k / (3 * side));
      const pattern = Math.sin((label + 1) * row * 0.2 + (k % 3)) > 0 ? 90 : 0;
      pixels[i * size + k] = pattern + random.integer(160);
    }
  }
  return [pixels, labels];
}

/** Writes an NPZ of colour images in the shape of CIFAR-10's, ten classes in turn. */
export function writeColourImages(path: string, train: number, test: number): void {
  const random = Random.seeded(11, 'colour images');
  const files: Record<string, Uint8Array> = {};
  for (const [name, count] of [
    ['train', train],
    ['test', test],
  ] as const) {
    const [pixels, labels] = split(count, random);
    files[`x_${name}.npy`] = npy([count, side, side, 3], pixels);
    files[`y_${name}.npy`] = npy([count], labels);
  }
  writeFileSync(path, zipSync(files, { level: 0 }));
}
