import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DeltascopeError } from '../../../src-shared/errors';
import { findJsonFault, parseJson } from '../../../src-shared/recipe/json-text';
import { layerTypes } from '../../../src-shared/recipe/layer-schema';
import { completeRecipe } from '../../../src-shared/recipe/schema';

const frozen = { type: 'Dense', name: 'fc', units: 4, trainable: false };
const attention = { type: 'MultiHeadAttention', name: 'mha', numHeads: 2, keyDim: 4 };
const logits = { type: 'Dense', name: 'logits', units: 3 };
const least = { data: 'mnist', model: 'lenet' };

function failure(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(DeltascopeError);
    expect((error as DeltascopeError).code).toBe('recipe-invalid');
    return (error as DeltascopeError).message;
  }
  throw new Error('expected the recipe to be refused');
}

describe('a complete recipe', () => {
  it('has every default', () => {
    expect(completeRecipe(least)).toEqual({
      ...{ data: 'mnist', limit: { train: null, test: null }, model: 'lenet' },
      ...{ recording: 'class-batches', batchSize: 128, ghostSamples: 40, ghostGradient: 'flow' },
      perExample: false,
      optimizer: {
        ...{ name: 'sgd', learningRate: 0.01, momentum: 0, dampening: 0, nesterov: false },
        ...{ weightDecay: 0, decoupled: false },
      },
      ...{ schedule: [], epochs: 1, maxSteps: null, seed: 7, codec: 'auto' },
      ...{ traced: null, normalize: null, augment: null, initialWeights: null, order: null },
    });
  });

  it('keeps what is given', () => {
    const given = {
      ...{ data: 'x/y.npz', limit: { train: 6000, test: 1000 }, recording: 'class-batches' },
      model: { layers: [{ type: 'Dense', name: 'logits', units: 3, inputs: ['input'] }] },
      ...{ batchSize: 12, ghostSamples: 4, ghostGradient: 'flow', perExample: true },
      optimizer: {
        ...{ name: 'sgd', learningRate: 0.5, momentum: 0.9, dampening: 0, nesterov: true },
        ...{ weightDecay: 0.001, decoupled: true },
      },
      schedule: [{ afterEpoch: 10, factor: 0.1 }],
      ...{ epochs: 3, maxSteps: 200, seed: 0, codec: 'dense', initialWeights: 'w', order: 'o' },
      traced: ['logits'],
      normalize: { mean: [0.1], std: [0.3] },
      augment: { crop: 4, flip: true },
    };
    const complete = completeRecipe(given);
    expect(complete).toEqual(given);
    expect(completeRecipe(complete)).toEqual(complete);
    expect(completeRecipe({ ...least, limit: { train: 5 } }).limit).toEqual({
      train: 5,
      test: null,
    });
  });

  it('fits batch and ghosts to the mode', () => {
    const sizes = (input: object) => {
      const { batchSize, ghostSamples, perExample } = completeRecipe({ ...least, ...input });
      return [batchSize, ghostSamples, perExample];
    };
    expect(sizes({ recording: 'single' })).toEqual([1, 0, false]);
    expect(sizes({ recording: 'mini-batches', perExample: false })).toEqual([128, 0, true]);
    expect(sizes({ batchSize: 32 })).toEqual([32, 10, false]);
    expect(sizes({ batchSize: 1 })).toEqual([1, 0, false]);
    expect(sizes({ batchSize: 256, perExample: true })).toEqual([256, 40, true]);
  });

  it('comes from every recipe of the fixtures that trains by SGD', () => {
    const folder = join(import.meta.dirname, '../../fixtures/oracle');
    let complete = 0;
    for (const name of readdirSync(folder)) {
      if (!/^(sgd|dense|conv|single|mini)/.test(name)) continue;
      const text = readFileSync(join(folder, name, 'recipe.json'), 'utf8');
      expect(completeRecipe(parseJson(text)).data).toBe('data.npz');
      complete++;
    }
    expect(complete).toBeGreaterThan(5);
  });

  const layer = (fields: object) => ({ ...least, model: { layers: [fields] } });
  it.each<[unknown, string]>([
    [
      { ...least, optimizer: { learningrate: 0.1 } },
      "r.json: unknown field 'learningrate' in optimizer; did you mean 'learningRate'?",
    ],
    [{ ...least, epoch: 3 }, "r.json: unknown field 'epoch'; did you mean 'epochs'?"],
    [
      { ...least, limit: { validation: 3 } },
      "r.json: unknown field 'validation' in limit; known fields are 'train', 'test'.",
    ],
    [{ ...least, constructor: 1 }, "r.json: unknown field 'constructor'; known fields are 'data',"],
    [
      JSON.parse('{"data": "mnist", "model": "mlp", "__proto__": {"epochs": 2}}'),
      "r.json: unknown field '__proto__'",
    ],
    [layer({ type: 'Conv2D', name: 'c', filters: 1, kernelsize: 3 }), "did you mean 'kernelSize'?"],
    [
      layer({ type: 'Dense', name: 'd', units: 3, filters: 3 }),
      "unknown field 'filters' in model.layers[0]; known fields are",
    ],
    [layer({ type: 'Dense', name: 'd' }), "r.json: the field 'model.layers[0].units' is missing."],
    [layer({ type: 'Dense', units: 3 }), "r.json: the field 'model.layers[0].name' is missing."],
    [layer({ name: 'd' }), "r.json: the field 'model.layers[0].type' is missing."],
    [
      layer({ type: 'Conv2d', name: 'd' }),
      `r.json: model.layers[0].type is "Conv2d"; it must be one of ${layerTypes.join(', ')} (did you mean 'Conv2D'?).`,
    ],
    [
      layer({ type: 'Conv2D', name: 'c', filters: 1, kernelSize: [3, 0] }),
      'model.layers[0].kernelSize is [3,0]; it must be a whole number from 1 to 65536, or [height, width].',
    ],
    [
      layer({ type: 'Conv2D', name: 'c', filters: 1, kernelSize: 3, padding: 'SAME' }),
      "padding is \"SAME\"; it must be one of 'same', 'valid'.",
    ],
    [
      { ...least, model: { layers: [3] } },
      'r.json: model.layers[0] is 3; it must be a layer {"type": …, "name": …}.',
    ],
    [{ ...least, model: {} }, "the field 'model.layers' is missing."],
    [
      { ...least, model: 5 },
      'r.json: model is 5; it must be the name of a model, the path of a model.json or {"layers": […]}.',
    ],
    [{ ...least, model: 'lenet5' }, "Unknown model 'lenet5'; did you mean 'lenet'?"],
    [{ model: 'mlp' }, "r.json: the field 'data' is missing."],
    [{ data: 'mnist' }, "r.json: the field 'model' is missing."],
    [
      { ...least, data: '' },
      'r.json: data is ""; it must be the name of a data set or the path of an .npz.',
    ],
    [{ ...least, optimizer: { name: 'adagrad' } }, 'r.json: optimizer.name is "adagrad"'],
    [
      { ...least, optimizer: { name: 'adam', momentum: 0.9 } },
      "unknown field 'momentum' in optimizer",
    ],
    [
      { ...least, ghostGradient: 'flow', optimizer: { name: 'adam' } },
      "the ghosts have no part of their own in an update of 'adam'",
    ],
    [
      { ...least, perExample: true, optimizer: { name: 'sam' } },
      "single examples have no part of their own in an update of 'sam'",
    ],
    [
      { ...least, perExample: true, optimizer: { name: 'sam' } },
      "single examples have no part of their own in an update of 'sam'",
    ],
    [
      { ...least, optimizer: { name: 'adamw', decoupled: false } },
      "optimizer.decoupled is false; it must be true, or the name 'adam'.",
    ],
    [{ ...least, optimizer: { name: 'adam', beta1: 1 } }, 'optimizer.beta1 is 1; it must be'],
    [
      { ...least, schedule: { kind: 'linear' } },
      'schedule.kind is "linear"; it must be \'cosine\'',
    ],
    [
      { ...least, schedule: { kind: 'cosine', warmUpStep: 3 } },
      "unknown field 'warmUpStep' in schedule; did you mean 'warmUpSteps'?",
    ],
    [
      { ...least, traced: [] },
      'traced is []; it must be a list of one layer or more; leave it out',
    ],
    [{ ...least, traced: 'fc1' }, 'traced is "fc1"; it must be a list of layers’ names, or null.'],
    [{ ...least, traced: ['fc'] }, "traced names 'fc', which is no layer of the model; did you"],
    [
      { ...least, traced: ['relu1'] },
      "traced names 'relu1', a ReLU, which has no linear map to record; the layers that can be " +
        'recorded are conv1, conv2, fc1, logits.',
    ],
    [{ ...least, traced: ['fc1', 'fc1'] }, "traced names 'fc1' twice; once is enough."],
    [
      { ...least, model: { layers: [frozen, logits] }, traced: ['fc'] },
      "traced names 'fc', which is frozen and has no updates; leave it out.",
    ],
    [
      { ...least, model: { layers: [attention, logits] }, traced: ['mha'] },
      "traced names 'mha', which is recorded as what it is made of; name mha.query, mha.key, " +
        'mha.value, mha.output.',
    ],
    [{ ...least, augment: { crop: -1 } }, 'augment.crop is -1; it must be a whole number from 0'],
    [{ ...least, augment: { flip: 1 } }, 'augment.flip is 1; it must be true or false.'],
    [{ ...least, augment: { flips: true } }, "in augment; did you mean 'flip'?"],
    [{ ...least, augment: true }, 'augment is true; it must be an object {"crop": …, "flip": …}'],
    [
      { ...least, schedule: [{ warmUpSteps: 3 }, { warmUpSteps: 4 }] },
      'more than one entry with warmUpSteps',
    ],
    [
      { ...least, optimizer: { learningRate: 0 } },
      'optimizer.learningRate is 0; it must be a number above 0 and at most 1000.',
    ],
    [
      { ...least, optimizer: { learningRate: '1' } },
      'optimizer.learningRate is "1"; it must be a number',
    ],
    [{ ...least, optimizer: { learningRate: Number.NaN } }, 'optimizer.learningRate is NaN'],
    [
      { ...least, optimizer: { momentum: 1 } },
      'optimizer.momentum is 1; it must be a number from 0 to below 1.',
    ],
    [
      { ...least, optimizer: { nesterov: true } },
      'r.json: optimizer.nesterov needs a momentum above 0',
    ],
    [
      { ...least, optimizer: null },
      'r.json: optimizer is null; it must be an object {"name": "sgd"',
    ],
    [
      { ...least, batchSize: 40, ghostSamples: 40 },
      'r.json: ghostSamples is 40 and batchSize 40; batchSize counts the ghosts, so it must be larger.',
    ],
    [{ ...least, batchSize: 2.5 }, 'batchSize is 2.5; it must be a whole number from 1 to 65536.'],
    [
      { ...least, recording: 'single', batchSize: 2 },
      "batchSize is 2, but with recording 'single' each step has 1 example.",
    ],
    [
      { ...least, recording: 'mini-batches', ghostSamples: 4 },
      "ghostSamples is 4, but only recording 'class-batches' has ghost samples.",
    ],
    [
      { ...least, recording: 'classes' },
      "recording is \"classes\"; it must be one of 'single', 'class-batches', 'mini-batches'.",
    ],
    [
      { ...least, schedule: [{ afterEpoch: 1, factor: 0 }] },
      'schedule[0].factor is 0; it must be a number above 0',
    ],
    [{ ...least, schedule: {} }, 'schedule is {}; it must be a list of'],
    [{ ...least, maxSteps: 0 }, 'maxSteps is 0; it must be a whole number from 1'],
    [{ ...least, limit: { train: -1 } }, 'limit.train is -1;'],
    [{ ...least, seed: -1 }, 'seed is -1;'],
    [
      { ...least, normalize: { mean: [1, 2], std: [1] } },
      'normalize.mean has 2 numbers and normalize.std 1',
    ],
    [
      { ...least, normalize: { mean: [1], std: [0] } },
      'normalize.std[0] is 0; it must be a number above 0',
    ],
    [
      { ...least, normalize: { mean: [], std: [] } },
      'normalize.mean is []; it must be a list of one number or more.',
    ],
    [null, 'r.json: it is null, but must be an object with at least "data" and "model".'],
    [[], 'r.json: '],
  ])('is refused: %j', (input, message) => {
    expect(failure(() => completeRecipe(input, 'r.json'))).toContain(message);
  });
});

describe('the layer types that a recipe is told of', () => {
  it('are those that it may name, and none that others are taken apart into', () => {
    expect(layerTypes).toEqual(expect.arrayContaining(['MultiHeadAttention', 'LSTM', 'GRU']));
    const parts = ['Attention', 'LSTMCell', 'GRUCell', 'SimpleRNNCell'];
    expect(layerTypes.filter((type) => parts.includes(type))).toEqual([]);
  });
});

describe('the text of a recipe', () => {
  it('may start with a byte order mark', () => {
    expect(parseJson('\ufeff{"a": 1}')).toEqual({ a: 1 });
  });

  it('is refused with line and column', () => {
    const text = '{\n  "data": "mnist",\n  "model": lenet\n}';
    expect(failure(() => parseJson(text, 'r.json'))).toBe(
      'r.json, line 3, column 12: this is no JSON; expected a value.',
    );
  });

  it.each<[string, number, number, string]>([
    ['', 1, 1, 'a value'],
    ['{"a": 1,}', 1, 9, "another entry, or no ',' before '}'"],
    ['[1\n2]', 2, 1, "',' or ']'"],
    ["{'a': 1}", 1, 2, 'a field name in double quotes'],
    ['{"a" 1}', 1, 6, "':' after the field name"],
    ['{"a": "b\n"}', 1, 7, 'a string closed by " on the same line'],
    ['{"a": 01}', 1, 8, "',' or '}'"],
    ['{} x', 1, 4, 'nothing more after the end'],
    ['{"a": [1, 2', 1, 12, "',' or ']'"],
    ['['.repeat(5000), 1, 202, 'at most 200 levels of nesting'],
  ])('%j is at fault', (text, line, column, expected) => {
    expect(findJsonFault(text)).toEqual({ line, column, expected });
  });

  it('has a fault exactly where JSON.parse finds one', () => {
    const base = '{"a": [1, -2.5e3, "x\\n\\u00e9", true, null], "b": {}}';
    const letters = '{}[]",:\\ 0-.eE+tn\n';
    for (let place = 0; place < base.length; place++) {
      for (const letter of letters) {
        const text = base.slice(0, place) + letter + base.slice(place + 1);
        let valid = true;
        try {
          JSON.parse(text);
        } catch {
          valid = false;
        }
        expect([text, findJsonFault(text) === null]).toEqual([text, valid]);
      }
    }
  });
});
