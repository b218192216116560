import { modelError, titleOf } from './graph';
import type { LayerSpec } from './layer-spec';

/**
 * What a row of a layer's values belongs to. An example that is a graph has a row for each of its
 * nodes, or of its edges; else every example is one row.
 */
export type RowOwner = 'example' | 'node' | 'edge';

/** What layers that lead from one kind of rows to another read and give. */
const passages = {
  NodeFeatures: ['example', 'node'],
  EdgeFeatures: ['example', 'edge'],
  SourceNodes: ['node', 'edge'],
  SegmentSum: ['edge', 'node'],
  SegmentMean: ['node', 'example'],
} as const satisfies Partial<Record<LayerSpec['type'], readonly [RowOwner, RowOwner]>>;

/**
 * Whose rows a layer gives that reads rows of `inputs`.
 *
 * @throws `model-invalid` where a layer reads rows that it can't, or joins rows of different kinds
 */
export function rowOwnerOf(spec: LayerSpec, inputs: readonly RowOwner[]): RowOwner {
  const [first = 'example'] = inputs;
  const other = inputs.find((owner) => owner !== first);
  if (other !== undefined) {
    throw modelError(`${titleOf(spec)} can't join a row for each ${first} and for each ${other}.`);
  }
  if (!isPassage(spec.type)) return first;
  const [reads, gives] = passages[spec.type];
  if (first === reads) return gives;
  throw modelError(
    `${titleOf(spec)} needs a row for each ${reads}, but gets one for each ${first}.`,
  );
}

function isPassage(type: LayerSpec['type']): type is keyof typeof passages {
  return Object.hasOwn(passages, type);
}
