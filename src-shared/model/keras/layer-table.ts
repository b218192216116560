import { type ActivationName, activationNames, type LayerSpec } from '../layer-spec';
import { type JsonObject, type LayerConfig, shown } from './layer-config';

/**
 * A tensor in the export's names, and how its sizes differ from Keras': its first or last two are one
 * here (heads and their features), or its rows are tensors of their own.
 */
export type OwnTensor =
  | string
  | { readonly name: string; readonly joins: 'first' | 'last' }
  | { readonly rows: readonly string[] };

/** What becomes of a tensor of Keras: in the order of memory, ours with their shapes. */
export function ownTensors(
  tensor: OwnTensor,
  shape: readonly number[],
): readonly { readonly name: string; readonly shape: readonly number[] }[] {
  if (typeof tensor === 'string') return [{ name: tensor, shape }];
  if ('rows' in tensor) {
    const { rows } = tensor;
    // Of another form it is left whole, so that its shape is refused under the first name.
    if (shape.length !== 2 || shape[0] !== rows.length) return [{ name: rows[0] ?? '', shape }];
    return rows.map((name) => ({ name, shape: shape.slice(1) }));
  }
  const { name, joins } = tensor;
  if (shape.length < 2) return [{ name, shape }];
  const from = joins === 'first' ? 0 : shape.length - 2;
  const joined = (shape[from] as number) * (shape[from + 1] as number);
  return [{ name, shape: [...shape.slice(0, from), joined, ...shape.slice(from + 2)] }];
}

export function namesOf(tensor: OwnTensor): readonly string[] {
  if (typeof tensor === 'string') return [tensor];
  return 'rows' in tensor ? tensor.rows : [tensor.name];
}

/** What a layer of Keras becomes. */
export interface ConvertedLayer {
  /** Null: its output is its input. */
  readonly spec: LayerSpec | null;
  /** What follows as a layer of its own; null: nothing. */
  readonly activation?: ActivationName | 'softmax' | null;
  /** Our tensors, by Keras' names within the layer. */
  readonly weights?: Readonly<Record<string, OwnTensor>>;
  /** Axis that has to be the last, counted with the batch. */
  readonly axis?: number;
}

/** Names that Keras has for the activations, where they differ. */
const otherNames: Readonly<Record<string, ActivationName>> = { silu: 'swish' };
const paddings = ['valid', 'same'] as const;

function activationOf(layer: LayerConfig): ActivationName | 'softmax' | null {
  const found = layer.value('activation') ?? 'linear';
  if (found === 'linear') return null;
  if (found === 'softmax') return found;
  const name = typeof found === 'string' ? (otherNames[found] ?? found) : found;
  const activation = activationNames.find((each) => each === name);
  if (activation) return activation;
  return layer.refuse(
    `activation is ${shown(found)}; only ${activationNames.join(', ')}, linear and a last softmax ` +
      'are supported.',
  );
}

/** Names of tensors that are called the same on both sides, but for Keras' underscores. */
function tensors({ name }: LayerConfig, parameters: Readonly<Record<string, string | false>>) {
  const named = Object.entries(parameters).filter(([, own]) => own !== false);
  return Object.fromEntries(named.map(([keras, own]) => [keras, `${name}/${own}`]));
}

function convolution(layer: LayerConfig): ConvertedLayer {
  const { name } = layer;
  const useBias = layer.flag('use_bias', true);
  const window = {
    kernelSize: layer.planar('kernel_size'),
    strides: layer.planar('strides', 1),
    padding: layer.word('padding', paddings, 'valid'),
    dilationRate: layer.square('dilation_rate', 1),
    useBias,
  };
  const activation = activationOf(layer);
  if (layer.type === 'DepthwiseConv2D') {
    const depthMultiplier = layer.size('depth_multiplier', 1);
    return {
      spec: { type: 'DepthwiseConv2D', name, ...window, depthMultiplier },
      activation,
      weights: tensors(layer, { depthwise_kernel: 'kernel', bias: useBias && 'bias' }),
    };
  }
  const [filters, groups] = [layer.size('filters'), layer.size('groups', 1)];
  return {
    spec: { type: 'Conv2D', name, filters, ...window, groups },
    activation,
    weights: tensors(layer, { kernel: 'kernel', bias: useBias && 'bias' }),
  };
}

function pooling(layer: LayerConfig): ConvertedLayer {
  const type = layer.type === 'MaxPooling2D' ? 'MaxPooling2D' : 'AveragePooling2D';
  const poolSize = layer.planar('pool_size', 2);
  const strides = layer.planar('strides', poolSize);
  const padding = layer.word('padding', paddings, 'valid');
  return { spec: { type, name: layer.name, poolSize, strides, padding } };
}

function batchNormalization(layer: LayerConfig): ConvertedLayer {
  const affine = layer.flag('center', true);
  layer.only('scale', affine, 'is not supported: center and scale must be the same');
  layer.only('renorm', false);
  const [momentum, epsilon] = [layer.number('momentum', 0.99), layer.number('epsilon', 1e-3)];
  return {
    spec: { type: 'BatchNormalization', name: layer.name, momentum, epsilon, affine },
    weights: tensors(layer, {
      ...{ gamma: affine && 'gamma', beta: affine && 'beta' },
      ...{ moving_mean: 'movingMean', moving_variance: 'movingVariance' },
    }),
    axis: layer.axis(),
  };
}

function layerNormalization(layer: LayerConfig): ConvertedLayer {
  layer.only('center', true);
  layer.only('scale', true);
  const epsilon = layer.number('epsilon', 1e-3);
  return {
    spec: { type: 'LayerNormalization', name: layer.name, epsilon },
    weights: tensors(layer, { gamma: 'gamma', beta: 'beta' }),
    axis: layer.axis(),
  };
}

function rectifier(layer: LayerConfig): ConvertedLayer {
  const { name } = layer;
  const [most, slope] = [layer.value('max_value'), layer.number('negative_slope', 0)];
  layer.only('threshold', 0);
  if (most === 6 && slope === 0) return { spec: { type: 'Activation', name, activation: 'relu6' } };
  if (most !== undefined) layer.refuse(`max_value is ${shown(most)}; only 6 or none is supported.`);
  return {
    spec: slope === 0 ? { type: 'ReLU', name } : { type: 'LeakyReLU', name, negativeSlope: slope },
  };
}

function zeroPadding(layer: LayerConfig): ConvertedLayer {
  const found = layer.value('padding') ?? 1;
  const pair = (value: unknown): readonly [number, number] => {
    const [first, second] = Array.isArray(value) ? value : [value, value];
    if (Number.isInteger(first) && Number.isInteger(second)) return [first, second];
    return layer.refuse(`padding is ${shown(found)}; it must be whole numbers.`);
  };
  const [rows, columns] = Array.isArray(found) ? found : [found, found];
  return {
    spec: { type: 'ZeroPadding2D', name: layer.name, padding: [pair(rows), pair(columns)] },
  };
}

function reshape(layer: LayerConfig): ConvertedLayer {
  const targetShape = layer.value('target_shape');
  const isShape = (value: unknown): value is number[] =>
    Array.isArray(value) && value.length <= 8 && value.every(Number.isInteger);
  if (isShape(targetShape)) return { spec: { type: 'Reshape', name: layer.name, targetShape } };
  return layer.refuse(`target_shape is ${shown(targetShape)}; it must be a list of sizes.`);
}

function embedding(layer: LayerConfig): ConvertedLayer {
  layer.only('mask_zero', false);
  const [inputDim, outputDim] = [layer.size('input_dim'), layer.size('output_dim')];
  return {
    spec: { type: 'Embedding', name: layer.name, inputDim, outputDim },
    weights: tensors(layer, { embeddings: 'kernel' }),
  };
}

/** An LSTM, a GRU or a SimpleRNN, whose recurrent map is a layer of its own here. */
function recurrent(layer: LayerConfig): ConvertedLayer {
  const { name } = layer;
  const type = layer.type === 'LSTM' ? 'LSTM' : layer.type === 'GRU' ? 'GRU' : 'SimpleRNN';
  layer.only('activation', 'tanh');
  if (type !== 'SimpleRNN' && layer.value('recurrent_activation') !== 'sigmoid') {
    const found = shown(layer.value('recurrent_activation'));
    layer.refuse(`recurrent_activation is ${found}; only sigmoid is supported.`);
  }
  if (type === 'GRU' && !layer.flag('reset_after', false)) {
    layer.refuse(
      'reset_after is false; only a GRU whose reset gate acts behind its map is supported.',
    );
  }
  for (const field of ['go_backwards', 'stateful', 'time_major', 'return_state']) {
    layer.only(field, false);
  }
  for (const field of ['dropout', 'recurrent_dropout']) layer.only(field, 0);
  const useBias = layer.flag('use_bias', true);
  const returnSequences = layer.flag('return_sequences', false);
  const bias = `${name}.input/bias`;
  return {
    spec: { type, name, units: layer.size('units'), useBias, returnSequences },
    weights: {
      kernel: `${name}.input/kernel`,
      recurrent_kernel: `${name}.recurrent/kernel`,
      ...(useBias
        ? { bias: type === 'GRU' ? { rows: [bias, `${name}.recurrent/bias`] } : bias }
        : {}),
    },
  };
}

/** Its projections are EinsumDense: kernels [in, heads, features], of the output [heads, features, out]. */
function attention(layer: LayerConfig, options: JsonObject): ConvertedLayer {
  const { name } = layer;
  layer.only('dropout', 0);
  const outputShape = layer.value('output_shape');
  if (outputShape !== undefined)
    layer.refuse(`output_shape is ${shown(outputShape)}; leave it open.`);
  layer.only('flash_attention', false);
  const axes = layer.value('attention_axes');
  if (axes !== undefined && shown(axes) !== '[1]' && axes !== 1) {
    layer.refuse(`attention_axes is ${shown(axes)}; only the first after the batch is supported.`);
  }
  const keyDim = layer.size('key_dim');
  const useBias = layer.flag('use_bias', true);
  const projections = ['query', 'key', 'value'].flatMap((part) => {
    const own = `${name}.${part}`;
    const bias: [string, OwnTensor] = [`${part}/bias`, { name: `${own}/bias`, joins: 'last' }];
    const kernel: [string, OwnTensor] = [
      `${part}/kernel`,
      { name: `${own}/kernel`, joins: 'last' },
    ];
    return useBias ? [kernel, bias] : [kernel];
  });
  return {
    spec: {
      ...{ type: 'MultiHeadAttention', name, numHeads: layer.size('num_heads'), keyDim, useBias },
      valueDim: layer.size('value_dim', keyDim),
      useCausalMask: options.use_causal_mask === true,
    },
    weights: {
      ...Object.fromEntries(projections),
      'attention_output/kernel': { name: `${name}.output/kernel`, joins: 'first' },
      ...(useBias ? { 'attention_output/bias': `${name}.output/bias` } : {}),
    },
  };
}

/** What becomes of each class of layer; `InputLayer` is the graph's affair. */
const table: Readonly<Record<string, (layer: LayerConfig, options: JsonObject) => ConvertedLayer>> =
  {
    Conv2D: convolution,
    DepthwiseConv2D: convolution,
    Dense: (layer) => {
      const [units, useBias] = [layer.size('units'), layer.flag('use_bias', true)];
      return {
        spec: { type: 'Dense', name: layer.name, units, useBias },
        activation: activationOf(layer),
        weights: tensors(layer, { kernel: 'kernel', bias: useBias && 'bias' }),
      };
    },
    BatchNormalization: batchNormalization,
    LayerNormalization: layerNormalization,
    Dropout: (layer) => {
      if (layer.value('noise_shape') !== undefined) layer.refuse('noise_shape is not supported.');
      return { spec: { type: 'Dropout', name: layer.name, rate: layer.number('rate') } };
    },
    Activation: (layer) => {
      const activation = activationOf(layer);
      if (activation === null || activation === 'softmax') return { spec: null, activation };
      return { spec: { type: 'Activation', name: layer.name, activation } };
    },
    Softmax: (layer) => {
      const axis = layer.axis();
      if (axis !== -1 && axis !== 1) layer.refuse(`axis is ${axis}; only the last is supported.`);
      return { spec: null, activation: 'softmax' };
    },
    ReLU: rectifier,
    LeakyReLU: (layer) => {
      const negativeSlope = layer.number('alpha', layer.number('negative_slope', 0.3));
      return { spec: { type: 'LeakyReLU', name: layer.name, negativeSlope } };
    },
    ELU: (layer) => ({
      spec: { type: 'ELU', name: layer.name, alpha: layer.number('alpha', 1) },
    }),
    MaxPooling2D: pooling,
    AveragePooling2D: pooling,
    GlobalAveragePooling2D: (layer) => {
      layer.only('keepdims', false);
      return { spec: { type: 'GlobalAveragePooling2D', name: layer.name } };
    },
    GlobalAveragePooling1D: (layer) => {
      layer.only('keepdims', false);
      return { spec: { type: 'GlobalAveragePooling1D', name: layer.name } };
    },
    ZeroPadding2D: zeroPadding,
    Flatten: (layer) => ({ spec: { type: 'Flatten', name: layer.name } }),
    Reshape: reshape,
    Add: (layer) => ({ spec: { type: 'Add', name: layer.name } }),
    Concatenate: (layer) => ({
      spec: { type: 'Concatenate', name: layer.name },
      axis: layer.axis(),
    }),
    Embedding: embedding,
    MultiHeadAttention: attention,
    LSTM: recurrent,
    GRU: recurrent,
    SimpleRNN: recurrent,
  };

/**
 * A layer of Keras as ours.
 *
 * @param options what its call was told beside its inputs
 * @throws `model-invalid` naming the layer and what of it is not supported
 */
export function convertLayer(layer: LayerConfig, options: JsonObject): ConvertedLayer {
  const convert = Object.hasOwn(table, layer.type) ? table[layer.type] : undefined;
  if (!convert) {
    const known = Object.keys(table).join(', ');
    return layer.refuse(`this type can't be imported; those that can: ${known}.`);
  }
  layer.checkCommon();
  return convert(layer, options);
}
