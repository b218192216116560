import { describe, expect, it } from 'vitest';
import { DeltascopeError } from '../../../src-shared/errors';
import type { LayerSpec } from '../../../src-shared/model/layer-spec';
import { layersOf } from '../../../src-shared/model/presets';
import { resolveModel } from '../../../src-shared/model/shapes';

const image = [28, 28, 1];
const logits: LayerSpec = { type: 'Dense', name: 'logits', units: 10 };
const flatten: LayerSpec = { type: 'Flatten', name: 'flatten' };

function failure(layers: readonly LayerSpec[], shape: readonly number[] = image): string {
  try {
    resolveModel(layers, shape, 10);
  } catch (error) {
    expect(error).toBeInstanceOf(DeltascopeError);
    expect((error as DeltascopeError).code).toBe('model-invalid');
    return (error as DeltascopeError).message;
  }
  throw new Error('expected the model to be refused');
}

/** Output shape of one layer on data of `shape`, before a tail that ends in logits. */
function shapeAfter(layer: LayerSpec, shape: readonly number[]): readonly number[] | undefined {
  return resolveModel([layer, flatten, logits], shape, 10).nodes[1]?.outputShape;
}

describe('shapes', () => {
  it('resolves lenet on MNIST', () => {
    const model = resolveModel(layersOf('lenet', 10, image), image, 10);
    expect(model.nodes.map((node) => node.outputShape.join('x'))).toEqual([
      '28x28x1',
      ...['28x28x32', '28x28x32', '28x28x32', '14x14x32'],
      ...['14x14x64', '14x14x64', '14x14x64', '7x7x64'],
      ...['3136', '128', '128', '128', '10'],
    ]);
    expect(model.traced).toEqual([
      { name: 'conv1', kind: 'Conv2D', rows: 25, columns: 32, bias: false },
      { name: 'conv2', kind: 'Conv2D', rows: 800, columns: 64, bias: false },
      { name: 'fc1', kind: 'Dense', rows: 3136, columns: 128, bias: false },
      { name: 'logits', kind: 'Dense', rows: 129, columns: 10, bias: true },
    ]);
    expect(model.parameters).toBe(25 * 32 + 800 * 64 + 3136 * 128 + 129 * 10);
  });

  it('resolves mlp on images and on tables', () => {
    expect(resolveModel(layersOf('mlp', 10, image), image, 10).parameters).toBe(
      785 * 256 + 257 * 128 + 129 * 10,
    );
    expect(resolveModel(layersOf('mlp', 3, [4]), [4], 3).parameters).toBe(
      5 * 256 + 257 * 128 + 129 * 3,
    );
  });

  it('fills in every default, and an Input', () => {
    const { nodes } = resolveModel(
      [
        { type: 'Conv2D', name: 'c', filters: 2, kernelSize: 3 },
        { type: 'BatchNormalization', name: 'b' },
        { type: 'AveragePooling2D', name: 'p', poolSize: 3 },
        flatten,
        logits,
      ],
      image,
      10,
    );
    expect(nodes.map((node) => node.spec)).toEqual([
      { type: 'Input', name: 'input', shape: [28, 28, 1] },
      {
        ...{ type: 'Conv2D', name: 'c', filters: 2, kernelSize: [3, 3] },
        ...{ strides: [1, 1], padding: 'valid', dilationRate: 1, groups: 1, useBias: true },
      },
      { type: 'BatchNormalization', name: 'b', momentum: 0.9, epsilon: 1e-5, affine: false },
      { type: 'AveragePooling2D', name: 'p', poolSize: [3, 3], strides: [3, 3], padding: 'valid' },
      { type: 'Flatten', name: 'flatten' },
      { type: 'Dense', name: 'logits', units: 10, useBias: true },
    ]);
    expect(nodes.map((node) => node.inputs)).toEqual([[], [0], [1], [2], [3], [4]]);
    expect(nodes[3]?.inputShapes).toEqual([[26, 26, 2]]);
    expect(nodes[1]?.parameters).toBe(20);
  });

  it('places windows as TensorFlow does', () => {
    const c = { type: 'Conv2D', name: 'c', filters: 4 } as const;
    expect(shapeAfter({ ...c, kernelSize: 3, strides: 2, padding: 'same' }, [7, 8, 3])).toEqual([
      4, 4, 4,
    ]);
    expect(shapeAfter({ ...c, kernelSize: 3, strides: 2 }, [7, 8, 3])).toEqual([3, 3, 4]);
    expect(shapeAfter({ ...c, kernelSize: 5, padding: 'same' }, [2, 2, 3])).toEqual([2, 2, 4]);
    const oblong = { ...c, kernelSize: [1, 3], strides: [2, 1] } as const;
    expect(shapeAfter(oblong, [7, 8, 3])).toEqual([4, 6, 4]);
    const p = { type: 'MaxPooling2D', name: 'p', poolSize: 2 } as const;
    expect(shapeAfter(p, [7, 8, 3])).toEqual([3, 4, 3]);
    expect(shapeAfter({ ...p, padding: 'same' }, [7, 8, 3])).toEqual([4, 4, 3]);
    expect(shapeAfter({ ...p, poolSize: 3, strides: 1 }, [7, 8, 3])).toEqual([5, 6, 3]);
    expect(shapeAfter({ type: 'GlobalAveragePooling2D', name: 'g' }, [7, 8, 3])).toEqual([3]);
  });

  it('resolves attention and recurrence into their parts, and these into themselves', () => {
    const tokens: LayerSpec = { type: 'Reshape', name: 'rows', targetShape: [28, -1] };
    const layers: LayerSpec[] = [
      tokens,
      { type: 'MultiHeadAttention', name: 'mha', numHeads: 2, keyDim: 3, valueDim: 5 },
      { type: 'Add', name: 'sum', inputs: ['mha', 'rows'] },
      { type: 'LSTM', name: 'lstm', units: 6 },
      logits,
    ];
    const model = resolveModel(layers, [28, 28, 1], 10);
    expect(model.traced).toEqual([
      { name: 'mha.query', kind: 'Dense', rows: 29, columns: 6, bias: true },
      { name: 'mha.key', kind: 'Dense', rows: 29, columns: 6, bias: true },
      { name: 'mha.value', kind: 'Dense', rows: 29, columns: 10, bias: true },
      { name: 'mha.output', kind: 'Dense', rows: 11, columns: 28, bias: true },
      { name: 'lstm.input', kind: 'Dense', rows: 29, columns: 24, bias: true },
      { name: 'lstm.recurrent', kind: 'LSTMCell', rows: 6, columns: 24, bias: false },
      { name: 'logits', kind: 'Dense', rows: 7, columns: 10, bias: true },
    ]);
    const again = model.nodes.slice(1).map(({ spec, inputs }) => ({
      ...spec,
      inputs: inputs.map((place) => model.nodes[place]?.spec.name ?? ''),
    }));
    expect(resolveModel(again, [28, 28, 1], 10)).toEqual(model);
  });

  it('joins branches', () => {
    const layers: LayerSpec[] = [
      { type: 'Dense', name: 'a', units: 6 },
      { type: 'Dense', name: 'b', units: 6 },
      { type: 'Add', name: 'sum', inputs: ['a', 'b'] },
      { type: 'Concatenate', name: 'cat', inputs: ['sum', 'a', 'input'] },
      logits,
    ];
    const { nodes } = resolveModel(layers, [4], 10);
    expect(nodes[3]).toMatchObject({ inputs: [1, 2], outputShape: [6] });
    expect(nodes[4]).toMatchObject({ inputs: [3, 1, 0], outputShape: [16] });
  });

  it('counts the weights of an affine batch normalisation', () => {
    const bn: LayerSpec = { type: 'BatchNormalization', name: 'bn', affine: true };
    expect(resolveModel([bn, flatten, logits], [2, 2, 3], 10).parameters).toBe(6 + 13 * 10);
  });

  it.each<[string, LayerSpec[], readonly number[], string]>([
    ['no layers', [], image, 'has no layers'],
    [
      'wrong classes',
      [flatten, { ...logits, units: 5 }],
      image,
      "Layer 'logits' (Dense) is the last layer and gives [5], but the data has 10 classes; end the model with a Dense of 10 units.",
    ],
    [
      'dense on an image',
      [logits],
      image,
      "Layer 'logits' (Dense) needs [features] or [tokens, features], but gets [28, 28, 1]; put a Flatten before it.",
    ],
    [
      'convolution on a table',
      [{ type: 'Conv2D', name: 'c', filters: 1, kernelSize: 1 }, logits],
      [4],
      "Layer 'c' (Conv2D) needs an image",
    ],
    [
      'a window too large',
      [{ type: 'MaxPooling2D', name: 'p', poolSize: 30 }, logits],
      image,
      'a window of 30 does not fit into a side of 28',
    ],
    [
      'zero units',
      [flatten, { ...logits, units: 0 }],
      image,
      "Layer 'logits' (Dense): units is 0; it must be a whole number from 1 to 65536.",
    ],
    [
      'half a filter',
      [{ type: 'Conv2D', name: 'c', filters: 1.5, kernelSize: 1 }, logits],
      image,
      'filters is 1.5',
    ],
    [
      'negative strides',
      [{ type: 'Conv2D', name: 'c', filters: 1, kernelSize: 1, strides: -1 }, logits],
      image,
      'strides is -1',
    ],
    ['repeated names', [flatten, { ...flatten }, logits], image, "Two layers are named 'flatten'"],
    [
      'an unknown input',
      [flatten, { ...logits, inputs: ['fltten'] }],
      image,
      "Layer 'logits' (Dense) reads 'fltten', but no layer has that name",
    ],
    [
      'a later input',
      [
        { type: 'ReLU', name: 'r', inputs: ['flatten'] },
        { ...flatten, inputs: ['input'] },
        { ...logits, inputs: ['r'] },
      ],
      image,
      "reads 'flatten', which comes after it; list 'flatten' before 'r'",
    ],
    [
      'a cycle',
      [
        flatten,
        { type: 'Add', name: 'a', inputs: ['flatten', 'r'] },
        { type: 'ReLU', name: 'r' },
        logits,
      ],
      image,
      "Layer 'a' (Add) is part of a cycle, a → r → a;",
    ],
    [
      'a layer that reads itself',
      [flatten, { type: 'Add', name: 'a', inputs: ['flatten', 'a'] }, logits],
      image,
      'a cycle, a → a;',
    ],
    [
      'an unread layer',
      [flatten, { type: 'ReLU', name: 'r' }, { ...logits, inputs: ['flatten'] }],
      image,
      "Layer 'r' (ReLU) is read by no other layer",
    ],
    [
      'two inputs',
      [{ type: 'Input', name: 'a' }, { type: 'Input', name: 'b' }, logits],
      image,
      '2 Input layers',
    ],
    [
      'an input elsewhere',
      [flatten, { type: 'Input', name: 'i' }, logits],
      image,
      "Layer 'i' (Input) must be the first layer",
    ],
    [
      'a wrong input shape',
      [{ type: 'Input', name: 'i', shape: [32, 32, 3] }, flatten, logits],
      image,
      'has the shape [32, 32, 3], but an example of the data has [28, 28, 1]',
    ],
    [
      'unequal sums',
      [
        { type: 'Dense', name: 'a', units: 3 },
        { type: 'Add', name: 's', inputs: ['a', 'input'] },
        logits,
      ],
      [4],
      "can't join [3] and [4]; their sizes must be equal.",
    ],
    ['a sum of one', [flatten, { type: 'Add', name: 's' }, logits], image, 'joins two or more'],
    [
      'two inputs for one',
      [flatten, { ...logits, inputs: ['flatten', 'flatten'] }],
      image,
      'join them with an Add',
    ],
    ['a path as a name', [{ ...flatten, name: '../x' }, logits], image, 'is named "../x"'],
    ['a reserved name', [{ ...flatten, name: 'all' }, logits], image, "the name 'all' is reserved"],
    [
      'groups that do not divide',
      [{ type: 'Conv2D', name: 'c', filters: 4, kernelSize: 1, groups: 3 }, logits],
      image,
      "Layer 'c' (Conv2D): 3 groups do not divide 1 channels and 4 filters.",
    ],
    [
      'strides and dilation together',
      [{ type: 'DepthwiseConv2D', name: 'd', kernelSize: 2, strides: 2, dilationRate: 2 }, logits],
      image,
      "Layer 'd' (DepthwiseConv2D): strides is 2 and dilationRate 2; one of them must be 1.",
    ],
    [
      'an impossible shape',
      [{ type: 'Reshape', name: 'r', targetShape: [-1, 5] }, logits],
      image,
      "Layer 'r' (Reshape) can't make [-1, 5] of [28, 28, 1]: an example has 784 values.",
    ],
    [
      'attention over an image',
      [{ type: 'MultiHeadAttention', name: 'm', numHeads: 2, keyDim: 4 }, flatten, logits],
      image,
      "Layer 'm' (MultiHeadAttention) needs a sequence [tokens, features], but gets [28, 28, 1]",
    ],
    [
      "a layer named as another's part",
      [
        { type: 'Reshape', name: 'r', targetShape: [28, 28] },
        { type: 'Dense', name: 'm.query', units: 28 },
        { type: 'MultiHeadAttention', name: 'm', numHeads: 2, keyDim: 4 },
        flatten,
        logits,
      ],
      image,
      "Two layers are named 'm.query'",
    ],
    [
      'all values dropped',
      [{ type: 'Dropout', name: 'd', rate: 1 }, flatten, logits],
      image,
      "Layer 'd' (Dropout): rate is 1; it must be from 0 to below 1.",
    ],
    ['nothing to record', [{ type: 'ReLU', name: 'r' }], [10], 'nothing to record'],
    [
      'too many weights',
      [
        flatten,
        { type: 'Dense', name: 'big', units: 65536 },
        { type: 'Dense', name: 'b2', units: 65536 },
        logits,
      ],
      image,
      "Layer 'b2' (Dense) would have 4295032832 weights",
    ],
    [
      'momentum 1',
      [{ type: 'BatchNormalization', name: 'b', momentum: 1 }, flatten, logits],
      image,
      'momentum is 1',
    ],
    [
      'epsilon 0',
      [{ type: 'BatchNormalization', name: 'b', epsilon: 0 }, flatten, logits],
      image,
      'epsilon is 0',
    ],
  ])('refuses %s', (_, layers, shape, message) => {
    expect(failure(layers, shape)).toContain(message);
  });

  it('refuses a type it does not know', () => {
    const layer = { type: 'Lambda', name: 'l', units: 3 } as unknown as LayerSpec;
    expect(failure([layer, logits])).toBe("Layer 'l' (Lambda) is of a type that is not supported.");
  });
});
