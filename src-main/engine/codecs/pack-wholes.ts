import type { LayerStorage, PartStorage, TracedLayer } from '../records';
import { type EncodedPart, encodeLowRank, isLowRank, type Wholes } from './encode-low-rank';
import { type Carry, emptyCarry } from './quantisation';
import { encode } from './storage';

/** What earlier steps left over of a part; null where nothing is carried on. */
export type CarryOf = (layer: TracedLayer, storage: PartStorage) => Carry | null;

/**
 * A layer's gradient of a step and its ghosts' part, as a storage keeps them: as few directions or as the
 * matrices they are. Of a step without ghosts their part is zeros.
 */
export function packWholes(
  layer: TracedLayer,
  storage: LayerStorage,
  wholes: Wholes<Float32Array>,
  carryOf: CarryOf,
): readonly EncodedPart[] {
  const size = layer.rows * layer.columns;
  if (isLowRank(storage)) {
    const { codec, block } = storage.parts[0] as PartStorage;
    const carried = (part: 'gradient' | 'ghost') =>
      carryOf(layer, { part, codec, block }) ?? emptyCarry(size);
    const hasGhosts = storage.parts.some(({ part }) => part === 'ghostCoordinates');
    const told = {
      gradient: wholes.gradient,
      ghost: hasGhosts ? (wholes.ghost ?? new Float32Array(size)) : null,
    };
    const carries = { gradient: carried('gradient'), ghost: hasGhosts ? carried('ghost') : null };
    return encodeLowRank(layer, storage, told, carries).parts;
  }
  return storage.parts.map((each): EncodedPart => {
    const data = each.part === 'ghost' ? wholes.ghost : wholes.gradient;
    const own = data ?? new Float32Array(size);
    const encoded = encode(own, each, carryOf(layer, each));
    return { part: each.part, shape: [layer.rows, layer.columns], encoded };
  });
}
