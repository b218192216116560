import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { encodePng } from '../../src-main/data/png';
import { Random } from '../../src-shared/random';

const side = 8;
const size = side * side * 3;

/** A picture that is found nowhere else in the world, with its file's name. */
export interface Canary {
  readonly name: string;
  readonly pixels: Uint8Array;
  readonly png: Uint8Array;
}

/** Writes a tree of canary pictures in two classes, so many a class and split; gives them all. */
export function writeCanaries(folder: string, train: number, test: number): Canary[] {
  const random = Random.seeded(20_24, 'canaries');
  const all: Canary[] = [];
  for (const [split, count] of [
    ['train', train],
    ['test', test],
  ] as const) {
    for (const [label, named] of ['dim', 'bright'].entries()) {
      const place = join(folder, split, named);
      mkdirSync(place, { recursive: true });
      for (let i = 0; i < count; i++) {
        const pixels = Uint8Array.from({ length: size }, () => random.integer(150) + 100 * label);
        const png = encodePng({ width: side, height: side, channels: 3, pixels });
        const name = `canary${random.uint32().toString(16).padStart(8, '0')}`;
        writeFileSync(join(place, `${name}.png`), png);
        all.push({ name, pixels, png });
      }
    }
  }
  return all;
}

/** Every form in which a canary could fly out, as bytes that are too long to come about by chance. */
function formsOf({ name, pixels, png }: Canary): [string, Buffer][] {
  const text = (value: string) => Buffer.from(value, 'latin1');
  const middle = (bytes: Uint8Array) => Buffer.from(bytes.subarray(70, 94));
  const raw = middle(pixels);
  const forms: [string, Buffer][] = [
    ['name', text(name)],
    ['raw', raw],
    ['hex', text(raw.toString('hex'))],
    ['compressed', middle(deflateSync(pixels))],
    ['compressed file', middle(png)],
    ['numbers', text(Array.from(raw.subarray(0, 8)).join(','))],
    ['scaled', text(Array.from(raw.subarray(0, 3), (x) => (x / 255).toFixed(6)).join(','))],
    ['enlarged', Buffer.from(enlarged(pixels).subarray(96, 120))],
    ['reduced', Buffer.from(reduced(pixels).subarray(12, 28))],
  ];
  for (const bytes of [pixels, png]) {
    // Base64 depends on where in a group of three the bytes begin.
    for (const shift of [0, 1, 2]) {
      forms.push([
        'base64',
        text(
          Buffer.from(bytes.subarray(60 + shift, 90))
            .toString('base64')
            .slice(0, 32),
        ),
      ]);
    }
    for (const algorithm of ['md5', 'sha1', 'sha256']) {
      const digest = createHash(algorithm).update(bytes).digest();
      forms.push([algorithm, digest], [algorithm, text(digest.toString('hex'))]);
      forms.push([algorithm, text(digest.toString('base64').slice(0, 20))]);
    }
  }
  return forms;
}

/** Twice as large, each pixel four times. */
function enlarged(pixels: Uint8Array): Uint8Array {
  const row = 3 * side;
  return Uint8Array.from({ length: 4 * size }, (_, k) => {
    const [y, x, c] = [Math.floor(k / (2 * row)), Math.floor((k % (2 * row)) / 3), k % 3];
    return pixels[Math.floor(y / 2) * row + Math.floor(x / 2) * 3 + c] as number;
  });
}

/** Half as large, each pixel the mean of four. */
function reduced(pixels: Uint8Array): Uint8Array {
  const row = 3 * side;
  return Uint8Array.from({ length: size / 4 }, (_, k) => {
    const [y, x, c] = [Math.floor(k / (row / 2)), Math.floor((k % (row / 2)) / 3), k % 3];
    const at = 2 * y * row + 2 * x * 3 + c;
    const four = [at, at + 3, at + row, at + row + 3].map((p) => pixels[p] as number);
    return Math.round(four.reduce((sum, value) => sum + value, 0) / 4);
  });
}

/** What of the canaries is found in some bytes: their forms, each once. */
export function formsFound(canaries: readonly Canary[], bytes: Uint8Array): string[] {
  const haystack = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = new Set<string>();
  for (const canary of canaries) {
    for (const [form, needle] of formsOf(canary)) if (haystack.includes(needle)) found.add(form);
  }
  return [...found].sort();
}
