import type { Random } from '../../../src-shared/random';

/** A few bytes changed, a stretch lost or repeated, or the end cut off. */
export function mutate(sound: Uint8Array, random: Random): Uint8Array {
  const bytes = Buffer.from(sound);
  const at = random.integer(bytes.length);
  const length = 1 + random.integer(Math.min(16, bytes.length - at));
  switch (random.integer(4)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    case 2:
      return Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
    default:
      for (let i = 0; i <= random.integer(4); i++) {
        const edges = [0, 1, 0x7f, 0x80, 0xff, random.integer(256)];
        bytes[random.integer(bytes.length)] = edges[random.integer(edges.length)] as number;
      }
      return bytes;
  }
}
