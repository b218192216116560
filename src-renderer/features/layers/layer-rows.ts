import {
  type LayerSpecificity,
  withoutUpdates,
} from '../../../src-shared/architecture/architecture';
import type { TracedLayerInfo } from '../../../src-shared/contract/views';

/** A layer and what is found of it; null while it is not read yet. */
export interface LayerRow {
  readonly info: TracedLayerInfo;
  readonly found: LayerSpecificity | null;
}

/** All layers in the network's order, those without updates as such from the beginning. */
export function layerRows(
  layers: readonly TracedLayerInfo[],
  read: readonly LayerSpecificity[],
): LayerRow[] {
  return layers.map((info) => {
    const found = read.find(({ name }) => name === info.name);
    if (found) return { info, found };
    if (info.frozen) return { info, found: withoutUpdates(info, 'frozen') };
    return { info, found: info.unrecorded ? withoutUpdates(info, 'unrecorded') : null };
  });
}
