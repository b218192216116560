import { createHash } from 'node:crypto';
import type { RawExamples } from './data-set';

/**
 * SHA-256 over the examples of both splits, as hex: for train, then test, the line
 * `SPLIT uint8|float32 COUNT SIZE…\n` (sizes of one example), the labels as little-endian int32, and
 * the values as they were read (float32 little-endian). How the files were packed leaves no mark.
 */
export function fingerprintOf(train: RawExamples, test: RawExamples): string {
  const hash = createHash('sha256');
  for (const [name, { shape, labels, values }] of Object.entries({ train, test })) {
    const type = values instanceof Uint8Array ? 'uint8' : 'float32';
    hash.update(`${name} ${type} ${labels.length} ${shape.join(' ')}\n`);
    hash.update(bytesOf(labels));
    hash.update(bytesOf(values));
  }
  return hash.digest('hex');
}

function bytesOf(array: Uint8Array | Int32Array | Float32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
