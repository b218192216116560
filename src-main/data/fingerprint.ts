import { createHash } from 'node:crypto';
import { areGraphs, type RawSplit } from './data-set';
import { byteParts } from './file-numbers';
import { arraysOf } from './stored-arrays';

/**
 * SHA-256 over the examples of both splits, as hex: for train, then test, the line
 * `SPLIT uint8|float32 COUNT SIZE…\n` (sizes of one example), the labels as little-endian int32, and
 * the values as they were read (float32 little-endian). Of graphs the line is `SPLIT graphs COUNT NODE
 * EDGE\n` (features), and all arrays of `arraysOf` follow. How the files were packed leaves no mark.
 */
export function fingerprintOf(train: RawSplit, test: RawSplit): string {
  const hash = createHash('sha256');
  for (const [name, raw] of Object.entries({ train, test })) {
    hash.update(`${name} ${kindOf(raw)}\n`);
    for (const { array } of arraysOf(raw)) {
      for (const bytes of byteParts(array)) hash.update(bytes);
    }
  }
  return hash.digest('hex');
}

function kindOf(raw: RawSplit): string {
  const { length } = raw.labels;
  if (areGraphs(raw)) return `graphs ${length} ${raw.nodeFeatures} ${raw.edgeFeatures}`;
  const type = raw.values instanceof Uint8Array ? 'uint8' : 'float32';
  return `${type} ${length} ${raw.shape.join(' ')}`;
}
