import type { ResolvedModel } from '../../../src-shared/model/resolved';
import type { OptimizerSpec } from '../../../src-shared/recipe/optimizer-spec';
import type { Examples } from '../examples';
import type { Network } from '../network';
import type { RecordSource, TracedLayer } from '../records';

/** A linear map of the final network; of a frozen one nothing is recorded, as no step moved it. */
export interface ExplainedLayer extends TracedLayer {
  readonly frozen: boolean;
}

/** A finished run, as an explanation needs it. */
export interface ExplainableRun {
  readonly name: string;
  readonly source: RecordSource;
  /** Holds the final weights. */
  readonly network: Network;
  readonly optimizer: OptimizerSpec;
  readonly splits: { readonly train: Examples; readonly test: Examples };
  /** Whether the recipe asked for each example's part. */
  readonly perExample: boolean;
}

/** The layers that can be explained, in the network's order. */
export function explainedLayers({
  network,
  source,
}: {
  readonly network: { readonly model: Pick<ResolvedModel, 'maps'> };
  readonly source: Pick<RecordSource, 'layers'>;
}): ExplainedLayer[] {
  const recorded = new Set(source.layers.map(({ name }) => name));
  return network.model.maps.map((map) => ({ ...map, frozen: !recorded.has(map.name) }));
}
