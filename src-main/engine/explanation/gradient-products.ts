import type * as tf from '@tensorflow/tfjs';
import type { Kernels, Stored } from '../kernels/kernels';
import type { LinearMap } from './linear-map';
import type { Signal } from './signal';

/** One example's question to a layer: its input f [1, …], kept alive by the caller, and its Z. */
export interface Asked {
  readonly input: tf.Tensor;
  readonly signal: Signal;
}

/** ⟨Z, g f⟩ for stored gradients g [rows, columns]: of every part, one number a question. */
export type GradientProducts = (parts: readonly Stored[]) => readonly Float64Array[];

/** Columns from which on a dense layer's gradient is taken row by row. */
const worthRows = 32;

/** How a layer's stored gradients are multiplied, for all questions in one go. */
export function gradientProducts(
  map: LinearMap,
  asked: readonly Asked[],
  kernels: Kernels,
): GradientProducts {
  return map.isDense && map.columns >= worthRows
    ? throughRows(map, asked, kernels)
    : throughQueries(map, asked, kernels);
}

/** ⟨Q, g⟩ with Q = Pᵀ Z. */
function throughQueries(
  map: LinearMap,
  asked: readonly Asked[],
  kernels: Kernels,
): GradientProducts {
  const queries = kernels.place(
    asked.map(({ input, signal }) => map.query(input, signal.direction)),
  );
  return (parts) => {
    const { values, stride } = kernels.products(queries, parts);
    return parts.map((_, p) => values.slice(p * stride, p * stride + asked.length));
  };
}

/** fᵀ (g Z): a dense layer's Q = f Zᵀ has rank one and is never formed. */
function throughRows(map: LinearMap, asked: readonly Asked[], kernels: Kernels): GradientProducts {
  const directions = kernels.place(asked.map(({ signal }) => Float32Array.from(signal.direction)));
  const inputs = asked.flatMap(({ input }) => map.inputMatrices(input).map((p) => p.matrix));
  return (parts) =>
    parts.map((part) => {
      const { values, stride } = kernels.products(directions, [part], map.rows);
      return Float64Array.from(inputs, (f, k) => {
        let sum = 0;
        for (let i = 0; i < f.length; i++)
          sum += (f[i] as number) * (values[i * stride + k] as number);
        return sum;
      });
    });
}
