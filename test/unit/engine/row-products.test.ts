import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { startEngine } from '../../../src-main/engine/backend';
import { blockFor, dequantise, quantise } from '../../../src-main/engine/codecs/quantisation';
import { gradientProducts } from '../../../src-main/engine/explanation/gradient-products';
import type { InputMatrix } from '../../../src-main/engine/explanation/input-matrix';
import { type LayerInput, linearMap } from '../../../src-main/engine/explanation/linear-map';
import { Reduction } from '../../../src-main/engine/explanation/reduction';
import { pairQuestions, rowProducts } from '../../../src-main/engine/explanation/row-products';
import type { PartHeader, RecordPart, StoredPart } from '../../../src-main/engine/records';
import type { LayerSpec } from '../../../src-shared/model/layer-spec';
import { resolveModel } from '../../../src-shared/model/shapes';
import { multipliers } from '../../support/multipliers';
import { largest, largestDifference, rough } from './finite-differences';
import { transposedProduct } from './plain-matrices';

beforeAll(() => startEngine());

const conv = { type: 'Conv2D', name: 'l', filters: 32, kernelSize: 3 } as const;
const count = 3;
const questions = 5;

/** Small maps of many channels go through pixels, large ones are rebuilt. */
const layers: [string, LayerSpec, number[]][] = [
  ['dense', { type: 'Dense', name: 'l', units: 48 }, [80]],
  ['dense without bias', { type: 'Dense', name: 'l', units: 33, useBias: false }, [7]],
  ['convolution of a small map', { ...conv, padding: 'same', useBias: false }, [4, 4, 32]],
  ['convolution of a small map, bias', { ...conv, padding: 'same' }, [4, 3, 48]],
  ['convolution of a small map, strides 2', { ...conv, padding: 'same', strides: 2 }, [4, 4, 32]],
  ['convolution of a small map, valid', { ...conv, useBias: false }, [4, 4, 32]],
  ['convolution of a map of one position', { ...conv, padding: 'same' }, [1, 1, 16]],
  ['convolution of a large map', { ...conv, filters: 3 }, [9, 8, 2]],
];

describe.each(layers)('rows of a %s', (_, spec, shape) => {
  const { node, map } = layerOf(spec, shape);
  const inputSize = shape.reduce((a, b) => a * b, 1);
  const outputSize = node.outputShape.reduce((a, b) => a * b, 1);
  const inputs = Array.from({ length: questions }, (_, k) => rough(inputSize, 10 + k));
  const directions = Array.from({ length: questions }, (_, k) => rough(outputSize, 20 + k));
  const x = rough(count * inputSize, 1);
  const d = rough(count * outputSize, 2);

  it.each(['dense', 'int16'] as const)('say what Xᵀ D says, stored as %s', async (codec) => {
    const xs = stored('inputs', codec, x, [count, ...shape]);
    const ds = stored('deltas', codec, d, [count, ...node.outputShape]);
    const before = tf.memory().numTensors;
    const asked = askedOf();
    for (const multiply of multipliers) {
      await multiply([xs, ds], async (multiplier, [inputs, deltas]) => {
        const products = rowProducts(map, asked, multiplier);
        await products.takeInputs([inputs as PartHeader]);
        const [answers = []] = await products.takeDeltas([deltas as PartHeader]);
        for (const [k, answer] of answers.entries()) {
          const input = asked[k]?.input as LayerInput;
          let image = new Float64Array(0);
          await answer.image(new Reduction(map, input, multiplier), (found) => {
            image = Float64Array.from(found);
          });
          checkAnswer(k, input, answer.rows, image, xs.data, ds.data);
        }
      });
    }
    // The same asked together, of one question and of all.
    for (const some of [asked.slice(0, 1), asked]) {
      const pairs = pairQuestions(map, some);
      const rebuilt = spec.type === 'Conv2D' && (spec.filters === 3 || shape[0] === 1);
      if (!rebuilt) expect(pairs).not.toBeNull();
      for (const multiply of multipliers) {
        await multiply([xs, ds], async (multiplier, [inputs, deltas]) => {
          const step = { inputs: inputs as PartHeader, deltas: deltas as PartHeader };
          if (!pairs || !multiplier.pairs) return;
          await multiplier.pairs(pairs, [step, step], (_, answers) => {
            for (const [k, { input }] of some.entries()) {
              const rows = answers.subarray(k * count, (k + 1) * count);
              checkAnswer(k, input, rows, null, xs.data, ds.data);
            }
          });
        });
      }
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  function checkAnswer(
    k: number,
    input: LayerInput,
    rows: Float64Array,
    image: Float64Array | null,
    xs: Float32Array,
    ds: Float32Array,
  ): void {
    const [p] = map.inputMatrices(input) as readonly [InputMatrix];
    const whole = new Float64Array(p.positions * map.columns);
    for (let row = 0; row < count; row++) {
      const gradient = gradientOf(xs, ds, row);
      const seen = times(p.matrix, gradient, p.positions, map.rows, map.columns);
      for (const [i, value] of seen.entries()) whole[i] = (whole[i] as number) + value;
      const direction = directions[k] as Float32Array;
      const wanted = seen.reduce((sum, value, i) => sum + value * (direction[i] as number), 0);
      // The kernels round f and Z to 16 bits (1.5e-5 of the largest), TensorFlow sums in fp32.
      const size = Math.sqrt(squared(p.matrix) * squared(gradient) * squared(direction));
      expect(Math.abs((rows[row] as number) - wanted)).toBeLessThan(2e-5 * size);
    }
    if (!image) return;
    const imageSquared = squared(whole);
    expect(Math.abs(squared(image) - imageSquared)).toBeLessThan(1e-4 * imageSquared);
  }

  it('agree with the gradient that is stored', async () => {
    const gradients = [0, 1].map((row) => Float32Array.from(gradientOf(x, d, row)));
    const asked = askedOf();
    for (const codec of ['dense', 'int8', 'int16'] as const) {
      const parts = gradients.map((g) => stored('gradient', codec, g, [map.rows, map.columns]));
      for (const multiply of multipliers) {
        await multiply(parts, async (multiplier, given) => {
          const found: Float64Array[] = [];
          const take = (_: PartHeader, values: ArrayLike<number>): void => {
            found.push(Float64Array.from(asked, (_, k) => values[k] as number));
          };
          await gradientProducts(map, asked, multiplier)(given, take);
          for (const [p, { data }] of parts.entries()) {
            const wanted = asked.map(({ input, signal }) => {
              const query = map.query(input, signal.direction);
              return data.reduce((sum, g, i) => sum + g * (query[i] as number), 0);
            });
            const tolerance = 1e-4 * (1 + largest(wanted));
            expect(largestDifference(found[p] as Float64Array, wanted)).toBeLessThan(tolerance);
          }
        });
      }
    }
  });

  function askedOf() {
    return inputs.map((input, k) => ({
      input: { values: input, shape: [1, ...shape] },
      signal: { direction: directions[k] as Float32Array },
    }));
  }

  /** x_iᵀ d_i by its patches, in doubles. */
  function gradientOf(rows: Float32Array, deltas: Float32Array, row: number): Float64Array {
    const own = rows.slice(row * inputSize, (row + 1) * inputSize);
    const input = { values: own, shape: [1, ...shape] };
    const [{ matrix, positions }] = map.inputMatrices(input) as readonly [InputMatrix];
    const delta = deltas.subarray(row * outputSize, (row + 1) * outputSize);
    return transposedProduct(matrix, delta, positions, map.rows, map.columns);
  }
});

function layerOf(spec: LayerSpec, shape: number[]) {
  const rest: LayerSpec[] =
    spec.type === 'Conv2D'
      ? [
          { type: 'GlobalAveragePooling2D', name: 'g' },
          { type: 'Dense', name: 'out', units: 2 },
        ]
      : [
          { type: 'ReLU', name: 'r' },
          { type: 'Dense', name: 'out', units: 2 },
        ];
  const model = resolveModel([{ type: 'Input', name: 'input' }, spec, ...rest], shape, 2);
  const node = model.nodes[1] as (typeof model.nodes)[number];
  return { node, map: linearMap(node) };
}

function stored(
  part: RecordPart,
  codec: 'dense' | 'int8' | 'int16',
  values: Float32Array,
  shape: readonly number[],
): StoredPart {
  const place = { step: 0, layer: 'l', part, shape };
  if (codec === 'dense') return { ...place, encoded: { codec, values }, data: values };
  const length = shape.slice(1).reduce((a, b) => a * b, 1);
  const encoded = quantise(values, codec, blockFor(codec, length));
  return { ...place, encoded, data: dequantise(encoded, values.length) };
}

/** A B for A [n, m] and B [m, columns]. */
function times(
  a: Float64Array,
  b: Float64Array,
  n: number,
  m: number,
  columns: number,
): Float64Array {
  const turned = Float64Array.from({ length: n * m }, (_, at) => {
    const [i, r] = [Math.floor(at / n), at % n];
    return a[r * m + i] as number;
  });
  return transposedProduct(turned, b, m, n, columns);
}

function squared(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value * value, 0);
}
