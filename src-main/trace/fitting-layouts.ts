import { hasOwnScales } from '../engine/codecs/stored-once';
import type { TracedLayer } from '../engine/records';
import { damaged } from './failures';
import type { LayoutEntry, StepLayout, StoredGroup } from './layout';

/**
 * Checks that what layouts say of a layer's matrices fits the layer, before anything is multiplied: a
 * gradient is [rows, columns]; a basis [rank, rows], and what has coordinates along it [rank, columns].
 * Rows that are stored once are as long as the kernel has rows, and share no scales. Each part is there once,
 * a basis with its coordinates.
 *
 * @param place how errors name the index
 * @throws DeltascopeError `trace-damaged`
 */
export function checkLayouts(
  layouts: Iterable<StepLayout>,
  layers: readonly TracedLayer[],
  place: string,
): void {
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  for (const { entries } of layouts) {
    const ranks = new Map<string, number>();
    const seen = new Set<string>();
    for (const entry of entries) {
      const { group, name, shape } = entry;
      const layer = byName.get(name);
      if (group === 'basis') ranks.set(name, shape[0] ?? 0);
      const isNew = !seen.has(`${group}/${name}`);
      seen.add(`${group}/${name}`);
      if (isNew && (group === 'side' || (layer && fits(entry, layer, ranks.get(name))))) continue;
      throw damaged(place, `"${group}/${name}" of [${shape.join(', ')}] does not fit its layer`);
    }
    for (const name of ranks.keys()) {
      if (seen.has(`coordinates/${name}`)) continue;
      throw damaged(place, `"${name}" has a basis and no coordinates`);
    }
  }
}

function fits(
  { group, shape, codec, block = 0 }: LayoutEntry,
  { rows, columns, bias }: TracedLayer,
  rank: number | undefined,
): boolean {
  if (group === 'rows') {
    const length = rows - Number(bias);
    return shape.length === 2 && shape[1] === length && hasOwnScales({ codec, block }, length);
  }
  const whole = [rows, columns];
  const along = [rank, columns];
  const expected: Partial<Record<StoredGroup, readonly (number | undefined)[]>> = {
    ...{ gradient: whole, ghost: whole, update: whole },
    ...{ basis: [rank, rows], coordinates: along, ghostCoordinates: along },
  };
  const sides = expected[group];
  return !sides || (rank !== 0 && sides.join() === shape.join());
}
