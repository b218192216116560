import type { ResolvedMap, ResolvedModel } from '../../../src-shared/model/resolved';
import type { OptimizerSpec } from '../../../src-shared/recipe/optimizer-spec';
import type { Examples } from '../examples';
import type { Network } from '../network';
import type { RecordSource, TracedLayer } from '../records';

/** A linear map of the final network, recorded or frozen: of a frozen one no step moved anything. */
export interface ExplainedLayer extends TracedLayer {
  readonly frozen: boolean;
}

/** A network and what was recorded of it. */
export interface RecordedNetwork {
  readonly network: { readonly model: Pick<ResolvedModel, 'maps'> };
  readonly source: Pick<RecordSource, 'layers'>;
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
export function explainedLayers(run: RecordedNetwork): ExplainedLayer[] {
  return run.network.model.maps.filter((map) => !isUnrecorded(map, run));
}

/** The layers that were trained and not recorded, which nothing can be said of. */
export function unrecordedLayers(run: RecordedNetwork): string[] {
  return run.network.model.maps.filter((map) => isUnrecorded(map, run)).map(({ name }) => name);
}

/** Whether steps moved a layer without its updates being kept: its recipe traces others only. */
export function isUnrecorded(
  { name, frozen }: Pick<ResolvedMap, 'name' | 'frozen'>,
  { source }: Pick<RecordedNetwork, 'source'>,
): boolean {
  return !frozen && !source.layers.some((layer) => layer.name === name);
}
