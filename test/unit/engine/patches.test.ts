import { beforeAll, describe, expect, it } from 'vitest';
import { startEngine } from '../../../src-main/engine/backend';
import { type LayerInput, linearMap } from '../../../src-main/engine/explanation/linear-map';
import {
  normFactor,
  type PatchGeometry,
  patches,
} from '../../../src-main/engine/explanation/patches';
import { Reduction } from '../../../src-main/engine/explanation/reduction';
import { KernelMultiplier } from '../../../src-main/engine/kernels/kernel-multiplier';
import { Kernels } from '../../../src-main/engine/kernels/kernels';
import { resolveLayer, type WholeLayer } from '../../../src-shared/model/layer-shapes';
import { sizeOf } from '../../../src-shared/model/resolved';
import { resolveModel } from '../../../src-shared/model/shapes';
import { largest, largestDifference, rough } from './finite-differences';
import { plainScope } from './layer-harness';
import { transposedProduct } from './plain-matrices';

beforeAll(() => startEngine());

const inner = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, value, i) => sum + value * (b[i] as number), 0);

describe('patches', () => {
  const map = [1, 2, 3, 4, 5, 6, 7, 8, 9];
  const geometry: PatchGeometry = {
    input: [3, 3, 1],
    kernel: [2, 2],
    output: [2, 2],
    strides: [1, 1],
    padding: 'valid',
    dilationRate: 1,
    seen: [0, 1],
  };

  it('are the windows, row by row', () => {
    const rows = [
      [1, 2, 4, 5],
      [2, 3, 5, 6],
      [4, 5, 7, 8],
      [5, 6, 8, 9],
    ];
    expect(Array.from(patches(map, geometry, false))).toEqual(rows.flat());
    expect(Array.from(patches(map, geometry, true))).toEqual(rows.flatMap((row) => [...row, 1]));
  });

  it('reach over the edge by zeros, the odd one at the end', () => {
    const same: PatchGeometry = { ...geometry, padding: 'same', strides: [2, 2] };
    expect(Array.from(patches(map, same, false))).toEqual(
      [
        [1, 2, 4, 5],
        [3, 0, 6, 0],
        [7, 8, 0, 0],
        [9, 0, 0, 0],
      ].flat(),
    );
  });

  it('keep the channels of a place together', () => {
    const two: PatchGeometry = { ...geometry, input: [2, 2, 2], seen: [0, 2], output: [1, 1] };
    const values = [1, -1, 2, -2, 3, -3, 4, -4];
    expect(Array.from(patches(values, two, false))).toEqual(values);
    const second: PatchGeometry = { ...two, seen: [1, 1] };
    expect(Array.from(patches(values, second, false))).toEqual([-1, -2, -3, -4]);
  });

  it('leave out what lies between the taps of a dilated kernel', () => {
    const wide: PatchGeometry = { ...geometry, dilationRate: 2, output: [1, 1] };
    expect(Array.from(patches(map, wide, false))).toEqual([1, 3, 7, 9]);
  });
});

describe('the norm factor', () => {
  const apply = (matrix: Float64Array, rows: number, columns: number, v: number[]): number =>
    Math.hypot(
      ...Array.from({ length: rows }, (_, r) =>
        inner(matrix.subarray(r * columns, (r + 1) * columns), v),
      ),
    );

  it('is the matrix itself where that is no more than twice as large', () => {
    const wide = Float64Array.of(1, 2, 3, 4, 5, 6);
    expect(normFactor(wide, 2, 3)).toEqual({ factor: wide, rows: 2 });
  });

  it('keeps every length of a tall matrix', () => {
    const [rows, columns] = [40, 5];
    const tall = Float64Array.from(rough(rows * columns, 1));
    const found = normFactor(tall, rows, columns);
    expect(found.rows).toBe(columns);
    for (let salt = 0; salt < 5; salt++) {
      const v = Array.from(rough(columns, salt));
      const wanted = apply(tall, rows, columns, v);
      expect(apply(found.factor, found.rows, columns, v)).toBeCloseTo(wanted, 10);
    }
  });

  it('matches numbers worked out by hand', () => {
    // Pᵀ P = [[4, 2], [2, 10]] = Rᵀ R with R = [[2, 1], [0, 3]].
    const tall = Float64Array.of(2, 1, 0, 3, 0, 0, 0, 0, 0, 0);
    expect(Array.from(normFactor(tall, 5, 2).factor)).toEqual([2, 1, 0, 3]);
  });

  it('gives a direction that the matrix does not span no length', () => {
    // The third column is the sum of the first two; the fourth is empty.
    const rows = 12;
    const matrix = Float64Array.from(
      Array.from({ length: rows }, (_, r) => {
        const [a, b] = [Math.sin(r + 1), Math.cos(3 * r)];
        return [a, b, a + b, 0];
      }).flat(),
    );
    const found = normFactor(matrix, rows, 4);
    expect(apply(found.factor, 4, 4, [1, 1, -1, 5])).toBeLessThan(1e-6);
    expect(apply(found.factor, 4, 4, [1, 0, 2, 0])).toBeCloseTo(
      apply(matrix, rows, 4, [1, 0, 2, 0]),
      10,
    );
    expect(found.factor.every(Number.isFinite)).toBe(true);
  });
});

const conv = { type: 'Conv2D', name: 'l', filters: 3, kernelSize: 3 } as const;
const depthwise = { type: 'DepthwiseConv2D', name: 'l', kernelSize: 3 } as const;

/** Layers, and the shapes of one example's f and z where f is not what the layer reads. */
const layers: [string, WholeLayer, number[], { f: number[]; z: number[] }?][] = [
  ['dense', { type: 'Dense', name: 'l', units: 4, useBias: false }, [5]],
  ['dense with bias', { type: 'Dense', name: 'l', units: 4 }, [5]],
  ['dense over tokens', { type: 'Dense', name: 'l', units: 4, useBias: false }, [3, 5]],
  ['dense over tokens with bias', { type: 'Dense', name: 'l', units: 4 }, [7, 5]],
  ['dense over one token', { type: 'Dense', name: 'l', units: 4 }, [1, 5]],
  ['convolution, valid', { ...conv, useBias: false }, [5, 6, 2]],
  ['convolution, same, bias', { ...conv, padding: 'same' }, [5, 4, 2]],
  ['convolution, same, strides 2', { ...conv, padding: 'same', strides: 2 }, [6, 5, 2]],
  ['convolution, valid, strides 3', { ...conv, kernelSize: 2, strides: 3 }, [7, 6, 1]],
  ['dilated convolution', { ...conv, padding: 'same', dilationRate: 2 }, [6, 5, 2]],
  ['convolution in groups', { ...conv, filters: 6, groups: 2 }, [5, 6, 4]],
  ['depthwise convolution', { ...depthwise, padding: 'same' }, [5, 4, 3]],
  ['depthwise convolution, two filters', { ...depthwise, depthMultiplier: 2 }, [5, 4, 3]],
  ['depthwise convolution, strides 2', { ...depthwise, strides: 2, useBias: false }, [6, 5, 3]],
  ['convolution, oblong', { ...conv, kernelSize: [2, 3], strides: [1, 2] }, [5, 7, 2]],
  ['depthwise convolution, oblong', { ...depthwise, kernelSize: [1, 3] }, [5, 4, 3]],
  ['GRU cell', { type: 'GRUCell', name: 'l', units: 3 }, [4, 9], { f: [4, 3], z: [4, 9] }],
  [
    'RNN cell',
    { type: 'SimpleRNNCell', name: 'l', units: 3, useBias: false },
    [4, 3],
    { f: [4, 3], z: [4, 3] },
  ],
  ['cell', { type: 'LSTMCell', name: 'l', units: 3 }, [4, 12], { f: [4, 3], z: [4, 12] }],
  ['position embedding', { type: 'PositionEmbedding', name: 'l' }, [4, 3], { f: [1], z: [4, 3] }],
];

describe.each(layers)('the linear map of a %s', (_, spec, shape, factors) => {
  const { spec: filled, ...resolved } = resolveLayer(spec, [shape], shape);
  const node = {
    ...resolved,
    rows: 'example' as const,
    trainable: true,
    spec: filled,
    inputs: [0],
    inputShapes: [shape],
    outputShape: resolved.shape,
  };
  const map = linearMap(node);
  const inputShape = factors?.f ?? shape;
  const inputSize = sizeOf(inputShape);
  const outputSize = sizeOf(factors?.z ?? resolved.shape);
  const f = rough(inputSize, 1);
  const weights = rough(map.rows * map.columns, 2);
  const inputOf = (values: Float32Array): LayerInput => ({ values, shape: [1, ...inputShape] });
  /** Places of a group's columns in the output map, and its P, one example's. */
  const groupsOf = (values: Float32Array) => {
    const matrices = map.inputMatrices(inputOf(values));
    const width = map.columns / matrices.length;
    return matrices.map((each, group) => ({ ...each, from: group * width, width }));
  };

  it('has as many weights as are recorded', () => {
    expect(map.rows * map.columns).toBe(resolved.parameters);
  });

  it('is patches times weights', () => {
    const direct = plainScope(() => map.apply([inputOf(f)], weights)[0] as Float64Array);
    const product = new Float64Array(outputSize);
    for (const { matrix, positions, from, width } of groupsOf(f)) {
      expect(positions * map.columns).toBe(outputSize);
      for (let p = 0; p < positions; p++) {
        for (let j = from; j < from + width; j++) {
          for (let i = 0; i < map.rows; i++) {
            product[p * map.columns + j] =
              (product[p * map.columns + j] as number) +
              (matrix[p * map.rows + i] as number) * (weights[i * map.columns + j] as number);
          }
        }
      }
    }
    expect(largestDifference(direct, product)).toBeLessThan(1e-5 * (1 + largest(product)));
  });

  it('gives ⟨Z, Δ f⟩ as ⟨Q, Δ⟩', () => {
    const direction = rough(outputSize, 3);
    const wanted = inner(
      direction,
      plainScope(() => map.apply([inputOf(f)], weights)[0] as Float64Array),
    );
    const found = inner(
      plainScope(() => map.query(inputOf(f), direction)),
      weights,
    );
    expect(Math.abs(found - wanted)).toBeLessThan(2e-5 * outputSize);
    expect(Math.abs(wanted)).toBeGreaterThan(1e-3);
  });

  it('gives each row’s part of a gradient, and the rows’ gradient together', () => {
    const count = 3;
    const inputs = rough(count * inputSize, 4);
    const deltas = rough(count * outputSize, 5);
    const direction = rough(outputSize, 6);
    const query = plainScope(() => map.query(inputOf(f), direction));
    const rows = { inputs, deltas, count };
    const found = plainScope(() => map.rowProducts(query, rows));
    const together = plainScope(() => map.gradient(rows));
    expect(found.length).toBe(count);
    const sum = new Float64Array(map.rows * map.columns);
    for (let r = 0; r < count; r++) {
      const delta = deltas.subarray(r * outputSize, (r + 1) * outputSize);
      const gradient = new Float64Array(map.rows * map.columns);
      for (const { matrix, positions, from, width } of groupsOf(
        inputs.slice(r * inputSize, (r + 1) * inputSize),
      )) {
        const whole = transposedProduct(matrix, delta, positions, map.rows, map.columns);
        for (let i = 0; i < map.rows; i++) {
          const at = i * map.columns + from;
          gradient.set(whole.subarray(at, at + width), at);
        }
      }
      for (const [i, value] of gradient.entries()) sum[i] = (sum[i] as number) + value;
      expect(Math.abs((found[r] as number) - inner(query, gradient))).toBeLessThan(
        2e-5 * (1 + inner(query.map(Math.abs), gradient.map(Math.abs))),
      );
    }
    expect(largestDifference(together, sum)).toBeLessThan(1e-5 * (1 + largest(sum)));
  });

  it('is as long behind R as it is itself', async () => {
    const kernels = await Kernels.borrow();
    const multiplier = new KernelMultiplier(kernels);
    const reduction = new Reduction(map, inputOf(f), multiplier);
    const image = Array.from(await reduction.ofWeights(weights));
    multiplier.dispose();
    kernels.giveBack();
    const direct = plainScope(() => map.apply([inputOf(f)], weights)[0] as Float64Array);
    const length = Math.sqrt(inner(direct, direct));
    expect(Math.abs(Math.sqrt(inner(image, image)) - length)).toBeLessThan(1e-5 * (1 + length));
  });
});

it('a dense map of an empty input has no parts', () => {
  const spec = { type: 'Dense', name: 'l', units: 2, useBias: false } as const;
  const model = resolveModel([{ type: 'Input', name: 'input' }, spec], [3], 2);
  const map = linearMap(model.nodes[1] as (typeof model.nodes)[number]);
  const query = new Float32Array(6);
  const rows = { inputs: rough(6, 1), deltas: rough(4, 1), count: 2 };
  expect(largest(plainScope(() => map.rowProducts(query, rows)))).toBe(0);
});
