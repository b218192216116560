import { type Multiplier, Queries } from '../kernels/multiplier';
import type { PartHeader } from '../records';
import type { LayerInput, LinearMap } from './linear-map';
import { PatchGram } from './patch-gram';
import type { Signal } from './signal';

/** One example's question to a layer: its input f, and its Z. */
export interface Asked {
  readonly input: LayerInput;
  readonly signal: Pick<Signal, 'direction'>;
}

/** ⟨Z, g f⟩ for stored gradients g [rows, columns]: of every part, one number a question. */
export type GradientProducts<P> = (
  parts: readonly P[],
  take: (part: P, found: ArrayLike<number>) => void,
) => Promise<void>;

/** Columns from which on a dense layer's gradient is taken row by row. */
const worthRows = 32;

/** How a layer's stored gradients are multiplied, for all questions in one go. */
export function gradientProducts<P extends PartHeader>(
  map: LinearMap,
  asked: readonly Asked[],
  multiplier: Multiplier<P>,
): GradientProducts<P> {
  if (!map.isDense || map.columns < worthRows) {
    let queries: Promise<Queries> | null = null;
    return async (parts, take) => {
      queries ??= formedQueries(map, asked, multiplier);
      await multiplier.products(await queries, parts, (p, { values }) => take(p, values));
    };
  }
  // A dense layer's Q = f Zᵀ has rank one and is never formed.
  const f = featuresOf(map, asked);
  const z = directionsOf(asked);
  return (parts, take) => multiplier.bilinear(f, z, parts, take);
}

/** Q = Pᵀ Z of every question, flattened, by the multiplier where it can. */
export async function formedQueries<P extends PartHeader>(
  map: LinearMap,
  asked: readonly Asked[],
  multiplier: Multiplier<P>,
): Promise<Queries> {
  if (!map.geometry || !multiplier.formed) return queriesOf(map, asked);
  const f = asked.map(({ input }) => input.values);
  return multiplier.formed(
    new PatchGram(map.geometry, map.hasBias),
    f,
    directionsOf(asked).vectors,
  );
}

/** The same by the tensor runtime. */
export function queriesOf(map: LinearMap, asked: readonly Asked[]): Queries {
  return new Queries(asked.map(({ input, signal }) => map.query(input, signal.direction)));
}

/** Z of every question. */
export function directionsOf(asked: readonly Asked[]): Queries {
  return new Queries(asked.map(({ signal }) => signal.direction));
}

/** f of every question to a dense layer, the bias' 1 included. */
export function featuresOf(map: LinearMap, asked: readonly Asked[]): Queries {
  const rows = asked.flatMap(({ input }) => map.inputMatrices(input));
  return new Queries(rows.map(({ matrix }) => new Float32Array(matrix)));
}
