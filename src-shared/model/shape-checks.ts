import { modelError, titleOf } from './graph';
import type { LayerSpec, PlanarSize } from './layer-spec';
import type { ResolvedLayer } from './resolved';

/** Shape of one example. */
export type Shape = readonly number[];

/** A layer with its defaults filled in, its output shape (of one example) and trainable weights. */
export interface ResolvedShape {
  readonly spec: ResolvedLayer;
  readonly shape: Shape;
  readonly parameters: number;
}

/** Largest size a recipe may give a layer; beyond it is a slip of the keyboard, not a model. */
const maximumSize = 65_536;

/** @throws `model-invalid` naming layer and field where a size is no whole number in range */
export function checkSizes(spec: LayerSpec, sizes: Readonly<Record<string, PlanarSize>>): void {
  const all = Object.entries(sizes).flatMap(([field, size]) =>
    [size].flat().map((each) => [field, each] as const),
  );
  for (const [field, size] of all) {
    if (Number.isInteger(size) && size >= 1 && size <= maximumSize) continue;
    throw modelError(
      `${titleOf(spec)}: ${field} is ${size}; it must be a whole number from 1 to ${maximumSize}.`,
    );
  }
}
