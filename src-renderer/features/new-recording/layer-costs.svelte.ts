import type { CostEstimate } from '../../../src-shared/contract/views';
import { mapNamesOf } from '../../../src-shared/model/layer-parts';
import type { LayerSpec } from '../../../src-shared/model/layer-spec';
import type { Recipe } from '../../../src-shared/recipe/recipe';

/** A linear map that can be recorded; its sizes where the data is known. */
export interface RecordableLayer {
  readonly name: string;
  readonly kind: string;
  readonly rows?: number;
  readonly columns?: number;
}

/** The type of the layer that a linear map is, or is a part of. */
export function kindIn(layers: readonly LayerSpec[], map: string): string {
  return layers.find((layer) => mapNamesOf(layer).includes(map))?.type ?? '';
}

/** Upper bounds of a trace are so much above what the trial steps took. */
const margin = 1.02;

/** What trial steps have shown of the bytes of layers, under one recipe but for its choice of layers. */
export class LayerCosts {
  #recipe = $state('');
  #bytes = $state.raw<ReadonlyMap<string, number>>(new Map());

  take(recipe: Recipe, { layers }: CostEstimate): void {
    const found = layers.map(({ name, bytesPerStep }) => [name, bytesPerStep] as const);
    const own = withoutChoice(recipe);
    this.#bytes = new Map(own === this.#recipe ? [...this.#bytes, ...found] : found);
    this.#recipe = own;
  }

  bytesOf(recipe: Recipe, layer: string): number | null {
    return withoutChoice(recipe) === this.#recipe ? (this.#bytes.get(layer) ?? null) : null;
  }

  /** An estimate with the disk that a choice of layers takes; as it was where one is not known. */
  costOf(recipe: Recipe, traced: readonly string[], estimate: CostEstimate): CostEstimate {
    const bytes = traced.map((name) => this.bytesOf(recipe, name));
    if (bytes.some((each) => each === null)) return estimate;
    const measured = estimate.layers.reduce((sum, { bytesPerStep }) => sum + bytesPerStep, 0);
    const more = bytes.reduce<number>((sum, each) => sum + (each ?? 0), 0) - measured;
    const { steps, bytesPerStep, bytes: range } = estimate;
    return {
      ...estimate,
      bytesPerStep: bytesPerStep + more,
      bytes: { low: range.low + more * steps, high: range.high + more * steps * margin },
    };
  }
}

function withoutChoice(recipe: Recipe): string {
  return JSON.stringify({ ...recipe, traced: null });
}
