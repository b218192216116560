import type { ResolvedNode } from '../../../src-shared/model/resolved';
import { patches } from './patches';

/** P of one example: a row for each position, a column for each row of the flattened kernel. */
export interface InputMatrix {
  readonly matrix: Float64Array;
  readonly positions: number;
}

/**
 * P of a traced layer from one example's f: W f = P W, rows being output positions of a convolution,
 * tokens or time steps; one row where the layer is dense. Where groups of columns have inputs of
 * their own (a convolution in groups, a depthwise one), a matrix for each group.
 */
export function inputMatrices(
  node: ResolvedNode,
): (f: ArrayLike<number>) => readonly InputMatrix[] {
  const { spec, inputShapes, outputShape } = node;
  const input = inputShapes[0] ?? [];
  switch (spec.type) {
    case 'Conv2D':
    case 'DepthwiseConv2D': {
      const [height = 1, width = 1, channels = 1] = input;
      const [outHeight = 1, outWidth = 1] = outputShape;
      const groups = spec.type === 'Conv2D' ? spec.groups : channels;
      const geometry = {
        ...spec,
        input: [height, width, channels],
        kernel: spec.kernelSize,
        output: [outHeight, outWidth],
      } as const;
      const own = channels / groups;
      return (f) =>
        Array.from({ length: groups }, (_, group) => ({
          matrix: patches(f, { ...geometry, seen: [group * own, own] }, spec.useBias),
          positions: outHeight * outWidth,
        }));
    }
    case 'Dense':
      return (f) => [rowsOf(f, input.at(-1) ?? 1, spec.useBias)];
    case 'LSTMCell':
      return (f) => [rowsOf(f, spec.units, false)];
    case 'GRUCell':
    case 'SimpleRNNCell':
      return (f) => [rowsOf(f, spec.units, spec.useBias)];
    case 'Embedding':
      return (f) => [oneHot(f, spec.inputDim)];
    default: {
      const tokens = outputShape[0] ?? 0;
      const places = Array.from({ length: tokens }, (_, place) => place);
      return () => [oneHot(places, tokens)];
    }
  }
}

/** f as rows of `features`, each with the bias' 1 behind it where there is a bias. */
function rowsOf(f: ArrayLike<number>, features: number, bias: boolean): InputMatrix {
  const positions = f.length / features;
  if (!bias) return { matrix: new Float64Array(f), positions };
  const matrix = new Float64Array(positions * (features + 1)).fill(1);
  for (let row = 0; row < positions; row++) {
    for (let i = 0; i < features; i++) {
      matrix[row * (features + 1) + i] = f[row * features + i] as number;
    }
  }
  return { matrix, positions };
}

function oneHot(numbers: ArrayLike<number>, count: number): InputMatrix {
  const matrix = new Float64Array(numbers.length * count);
  for (let row = 0; row < numbers.length; row++) matrix[row * count + (numbers[row] as number)] = 1;
  return { matrix, positions: numbers.length };
}
