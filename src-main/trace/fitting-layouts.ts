import type { TracedLayer } from '../engine/records';
import { damaged } from './failures';
import type { LayoutEntry, StepLayout, StoredGroup } from './layout';

/**
 * Checks that what layouts say of a layer's matrices fits the layer, before anything is multiplied: a
 * gradient is [rows, columns]; a basis [rank, rows], and what has coordinates along it [rank, columns].
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
    for (const entry of entries) {
      const layer = byName.get(entry.name);
      if (entry.group === 'basis') ranks.set(entry.name, entry.shape[0] ?? 0);
      if (!layer || fits(entry, layer, ranks.get(entry.name))) continue;
      const shape = `[${entry.shape.join(', ')}]`;
      throw damaged(place, `"${entry.group}/${entry.name}" of ${shape} does not fit its layer`);
    }
  }
}

function fits(
  { group, shape }: LayoutEntry,
  { rows, columns }: TracedLayer,
  rank: number | undefined,
): boolean {
  const whole = [rows, columns];
  const along = [rank, columns];
  const expected: Partial<Record<StoredGroup, readonly (number | undefined)[]>> = {
    ...{ gradient: whole, ghost: whole, update: whole },
    ...{ basis: [rank, rows], coordinates: along, ghostCoordinates: along },
  };
  const sides = expected[group];
  return !sides || (rank !== 0 && sides.join() === shape.join());
}
