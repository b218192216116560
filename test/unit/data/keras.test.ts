import { cpSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { openKerasModel } from '../../../src-main/data/keras/model-file';
import { startEngine } from '../../../src-main/engine/backend';
import { Network } from '../../../src-main/engine/network';
import { withImportedModel } from '../../../src-main/worker/imported-model';
import { sizeOf } from '../../../src-shared/model/resolved';
import { resolveModel } from '../../../src-shared/model/shapes';
import { completeRecipe } from '../../../src-shared/recipe/schema';
import { failureOf, newFolder, zip } from './files';

const fixtures = join(import.meta.dirname, '../../fixtures/keras');

interface Expected {
  readonly shape: readonly number[];
  /** How many tokens there are; 0: the examples are no tokens. */
  readonly tokens: number;
  readonly logits: readonly number[];
}

beforeAll(() => startEngine());

/** The numbers of `make.mjs`. */
const values = (count: number, salt: number): Float32Array =>
  Float32Array.from({ length: count }, (_, k) =>
    Math.sin(0.713 * (k % 97) * (k % 89) + 0.37 * k + salt),
  );

/** TensorFlow.js wrote these models and predicted with them (test/fixtures/keras/make.mjs). */
describe.each(['cnn', 'joins', 'tokens', 'keras3', 'recurrent'])('%s', (name) => {
  const folder = join(fixtures, name);

  it('gives the logits that its writer gives', async () => {
    const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Expected;
    const { shape, tokens, logits } = expected;
    const { layers, weights, softmaxLeftOff } = await openKerasModel(
      join(folder, 'model.json'),
      'model.json',
    );
    expect(softmaxLeftOff).toBe(true);
    const before = tf.memory().numTensors;
    const network = new Network(resolveModel(layers, shape, 3), 1);
    network.parameters.import((await weights?.()) ?? [], 'model.json');
    const data = values(2 * sizeOf(shape), 0.5).map((v) =>
      tokens > 0 ? Math.floor(((v + 1) / 2.0001) * tokens) : v,
    );
    const x = tf.tensor(data, [2, ...shape]);
    const found = network.infer({ values: x, graphs: null });
    const differences = Array.from(found.dataSync(), (v, i) => Math.abs(v - (logits[i] as number)));
    expect(differences).toHaveLength(6);
    // Both compute in fp32, in another order.
    expect(Math.max(...differences)).toBeLessThan(1e-5);
    x.dispose();
    found.dispose();
    network.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is what Keras’ to_json gives, without weights', async () => {
    const written = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8'));
    const modelTopology = written.modelTopology.model_config ?? written.modelTopology;
    const path = join(newFolder(), 'plain.json');
    writeFileSync(path, JSON.stringify(modelTopology));
    const plain = await openKerasModel(path, 'plain.json');
    const { layers } = await openKerasModel(join(folder, 'model.json'), 'model.json');
    expect(plain).toEqual({ layers, softmaxLeftOff: true, weights: null });
    writeFileSync(path, JSON.stringify({ modelTopology: { model_config: modelTopology } }));
    expect((await openKerasModel(path, 'plain.json')).layers).toEqual(layers);
  });
});

describe('a model of Keras 3', () => {
  it('keeps which layers are frozen, and how its attention was called', async () => {
    const { layers } = await openKerasModel(join(fixtures, 'keras3/model.json'), 'model.json');
    const frozen = layers.filter(({ trainable }) => trainable === false);
    expect(frozen.map(({ name }) => name)).toEqual(['fc']);
    const attention = layers.filter(({ type }) => type === 'MultiHeadAttention');
    expect(attention).toMatchObject([
      { name: 'mha', inputs: ['input', 'input'], useCausalMask: true, valueDim: 2 },
      { name: 'cross', inputs: ['ln', 'input'], useCausalMask: false, useBias: false },
    ]);
    const { nodes, traced } = resolveModel(layers, [6, 4], 3);
    expect(nodes.find(({ spec }) => spec.name === 'fc')?.parameters).toBe(0);
    expect(traced.map(({ name }) => name)).not.toContain('fc');
  });

  it('comes out of its archive too, without weights', async () => {
    const archive = await openKerasModel(join(fixtures, 'keras3/model.keras'), 'model.keras');
    const { layers } = await openKerasModel(join(fixtures, 'keras3/model.json'), 'model.json');
    expect(archive).toEqual({ layers, softmaxLeftOff: true, weights: null });
    const path = join(newFolder(), 'model.keras');
    writeFileSync(path, zip([{ name: 'other.json', data: Buffer.from('{}') }]));
    expect((await failureOf(() => openKerasModel(path, 'model.keras'))).message).toBe(
      'model.keras, byte 0: the archive has no config.json.',
    );
  });
});

describe('a recipe', () => {
  const path = join(fixtures, 'cnn/model.json');
  const recipe = { data: 'mnist', model: 'cnn/model.json' };

  it('gets layers and weights of the model, or starts anew', async () => {
    const taken = await withImportedModel(recipe, [fixtures]);
    expect(taken.recipe).toMatchObject({ initialWeights: path });
    expect(completeRecipe(taken.recipe)).toMatchObject({ ghostSamples: 40, initialWeights: path });
    expect(taken.remarks.join()).toContain('softmax is left off');
    const fresh = await withImportedModel({ ...recipe, initialWeights: 'fresh' }, [fixtures]);
    expect(fresh.recipe).toMatchObject({ initialWeights: null });
    const other = await withImportedModel({ ...recipe, initialWeights: 'w' }, [fixtures]);
    expect(other.recipe).toMatchObject({ initialWeights: 'w' });
    // What is complete stays as it is.
    expect((await withImportedModel(taken.recipe, [])).recipe).toBe(taken.recipe);
  });

  it('has the layers in our names, fused activations after their layers', async () => {
    const { layers } = await openKerasModel(path, 'model.json');
    expect(layers.map(({ type, name }) => `${type} ${name}`)).toEqual([
      ...['Input input', 'Conv2D conv', 'ReLU conv.activation', 'BatchNormalization bn'],
      ...['MaxPooling2D pool', 'DepthwiseConv2D depthwise', 'LeakyReLU leaky', 'Flatten flatten'],
      ...['Dropout dropout', 'Dense hidden', 'Activation hidden.activation', 'Dense out'],
    ]);
    expect(layers[3]).toMatchObject({ momentum: 0.99, epsilon: 1e-3, affine: true });
  });
});

describe('what is not supported is named', () => {
  type Change = (text: string) => string;
  const put =
    (from: string, to: string): Change =>
    (text) => {
      expect(text).toContain(from);
      return text.replace(from, to);
    };
  const cases: [string, 'cnn' | 'joins' | 'keras3' | 'recurrent', Change, string][] = [
    ['a type', 'cnn', put('"MaxPooling2D"', '"Lambda"'), "Layer 'pool' (Lambda): this type"],
    [
      'channels first',
      'cnn',
      put('"channels_last"', '"channels_first"'),
      `Layer 'conv' (Conv2D): data_format is "channels_first", which is not supported.`,
    ],
    [
      'a regularizer',
      'cnn',
      put('"kernel_regularizer":null', '"kernel_regularizer":{}'),
      "Layer 'conv' (Conv2D): kernel_regularizer is not supported",
    ],
    [
      'an activation',
      'cnn',
      put('"tanh"', '"hard_sigmoid"'),
      `Layer 'hidden' (Dense): activation is "hard_sigmoid"; only`,
    ],
    ['a softmax within', 'cnn', put('"tanh"', '"softmax"'), "'hidden' (Dense): a softmax is"],
    ['a sigmoid at the end', 'cnn', put('"softmax"', '"sigmoid"'), "'out' (Dense): the model ends"],
    [
      'an oblong dilation',
      'cnn',
      put('"dilation_rate":[1,1]', '"dilation_rate":[1,2]'),
      "Layer 'conv' (Conv2D): dilation_rate is [1,2]; only one number",
    ],
    [
      'another precision',
      'keras3',
      put('"config": {"name": "float32"}', '"config": {"name": "mixed_float16"}'),
      `Layer 'mha' (MultiHeadAttention): dtype is`,
    ],
    [
      'attention over other axes',
      'keras3',
      put('"attention_axes": [1]', '"attention_axes": [1, 2]'),
      "Layer 'mha' (MultiHeadAttention): attention_axes is [1,2]",
    ],
    [
      'a call that asks for more',
      'keras3',
      put('"use_causal_mask": true', '"return_attention_scores": true'),
      "Layer 'mha' (MultiHeadAttention): it is called with return_attention_scores true",
    ],
    [
      'a GRU with its reset gate before the map',
      'recurrent',
      put('"reset_after": true', '"reset_after": false'),
      "Layer 'gru' (GRU): reset_after is false",
    ],
    [
      'another axis',
      'joins',
      put('"axis":3', '"axis":1'),
      "Layer 'normed' (BatchNormalization): axis",
    ],
    [
      'a shared layer',
      'joins',
      put('[[["picture",0,0,{}]]]', '[[["picture",0,0,{}]],[["picture",0,0,{}]]]'),
      "Layer 'one' (Conv2D): it is used 2 times; shared layers are not supported.",
    ],
    [
      'several inputs',
      'joins',
      put('"input_layers":[["picture",0,0]]', '"input_layers":[["picture",0,0],["b",0,0]]'),
      'The model has 2 inputs; only one is supported.',
    ],
    [
      'a cycle',
      'joins',
      put('[["one",0,0,{}],["two",0,0,{}]]', '[["one",0,0,{}],["mean",0,0,{}]]'),
      'it is part of a cycle',
    ],
    ['a graph model', 'cnn', put('"layers-model"', '"graph-model"'), 'Its format is "graph-model"'],
    [
      'another dtype',
      'cnn',
      put('"shape":[3,3,1,4],"dtype":"float32"', '"shape":[3,3,1,4],"dtype":"int32"'),
      'Weight "conv/kernel" has the dtype "int32"; only float32 is supported.',
    ],
    [
      'quantised weights',
      'cnn',
      put('"shape":[3,3,1,4],', '"shape":[3,3,1,4],"quantization":{"dtype":"uint8"},'),
      'is quantised, which is not supported',
    ],
    ['an unknown weight', 'cnn', put('"bn/beta"', '"bm/beta"'), '"bm/beta", which no layer'],
    ['a weight twice', 'cnn', put('"bn/beta"', '"bn/gamma"'), "has 'bn/gamma' twice"],
    [
      'an absolute path',
      'cnn',
      put('"./group1', '"/group1'),
      'must lie in the folder of model.json',
    ],
    ['a path up', 'cnn', put('"./group1', '"a/../../group1'), 'must lie in the folder'],
    ['a file that is not there', 'cnn', put('"./group1', '"./group2'), 'does not exist.'],
    [
      'a size that is not the file’s',
      'cnn',
      put('"shape":[3,3,1,4]', '"shape":[3,3,100000000000,4]'),
      'at most',
    ],
  ];

  it.each(cases)('%s', async (_, fixture, change, message) => {
    const folder = newFolder();
    cpSync(join(fixtures, fixture), folder, { recursive: true });
    const path = join(folder, 'model.json');
    writeFileSync(path, change(readFileSync(path, 'utf8')));
    const failure = await failureOf(() => openKerasModel(path, 'mine/model.json'));
    expect(failure.message).toContain(message);
    expect(failure.message).toMatch(/^mine\/model\.json: [^\n]+\.$/);
  });

  it('a link out of the folder, a short file, values that are no numbers', async () => {
    const folder = newFolder();
    cpSync(join(fixtures, 'cnn'), folder, { recursive: true });
    const [path, weights] = [join(folder, 'model.json'), join(folder, 'group1-shard1.bin')];
    const bytes = readFileSync(weights);
    bytes.writeFloatLE(Number.NaN, 8);
    writeFileSync(weights, bytes);
    const broken = await openKerasModel(path, 'model.json');
    const nan = await failureOf(async () => broken.weights?.());
    expect(nan.message).toContain("at byte 8, weight 'conv/kernel' is NaN");
    truncateSync(weights, 1000);
    expect((await failureOf(() => openKerasModel(path, 'model.json'))).message).toBe(
      'model.json: weightsManifest announces 1396 bytes in ./group1-shard1.bin, but there are 1000.',
    );
    const link = join(folder, 'link.bin');
    symlinkSync(join(fixtures, 'cnn/group1-shard1.bin'), link);
    writeFileSync(path, readFileSync(path, 'utf8').replace('group1-shard1', 'link'));
    expect((await failureOf(() => openKerasModel(path, 'model.json'))).message).toMatch(
      /^model\.json: .*link leads out/,
    );
  });
});
