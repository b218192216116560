import * as v from 'valibot';
import {
  activationNames,
  type LayerSpec,
  type LayerType,
  type PlanarSize,
} from '../model/layer-spec';
import type { Sides } from '../model/resolved';
import { nearest } from '../text';
import { fields, flag, number, numberBelow, oneOf, text, valued, whole } from './fields';

const size = whole(1, 65_536);
const padding = v.optional(oneOf(['same', 'valid']));

function isSize(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 65_536;
}

const planarSize = valued<PlanarSize>(
  (value) => isSize(value) || (Array.isArray(value) && value.length === 2 && value.every(isSize)),
  'a whole number from 1 to 65536, or [height, width]',
);

/** What every layer has; `type` is checked by then, and here only takes its place. */
function layer<const Type extends LayerType, Entries extends v.ObjectEntries>(
  type: Type,
  entries: Entries,
) {
  return fields(
    {
      type: v.literal(type),
      name: text(64, 'a name of 1 to 64 letters'),
      inputs: v.optional(v.array(text(64, "another layer's name"), 'a list of layer names')),
      trainable: v.optional(flag()),
      ...entries,
    },
    'a layer {"type": …, "name": …}',
  );
}

const recurrent = {
  units: size,
  useBias: v.optional(flag()),
  returnSequences: v.optional(flag()),
};

const pooling = { poolSize: v.optional(planarSize), strides: v.optional(planarSize), padding };

function isPadding(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 4096;
}

const paddingSides = valued<number | Sides>(
  (value) =>
    isPadding(value) ||
    (Array.isArray(value) &&
      value.length === 2 &&
      value.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every(isPadding))),
  'a whole number from 0 to 4096, or [[top, bottom], [left, right]]',
);

const types = [
  layer('Input', { shape: v.optional(v.array(size, 'a list of sizes')) }),
  layer('Conv2D', {
    filters: size,
    kernelSize: planarSize,
    strides: v.optional(planarSize),
    padding,
    dilationRate: v.optional(size),
    groups: v.optional(size),
    useBias: v.optional(flag()),
  }),
  layer('DepthwiseConv2D', {
    kernelSize: planarSize,
    strides: v.optional(planarSize),
    padding,
    dilationRate: v.optional(size),
    depthMultiplier: v.optional(size),
    useBias: v.optional(flag()),
  }),
  layer('Dense', { units: size, useBias: v.optional(flag()) }),
  layer('BatchNormalization', {
    momentum: v.optional(number(0, 1)),
    epsilon: v.optional(number(0, 1)),
    affine: v.optional(flag()),
  }),
  layer('LayerNormalization', { epsilon: v.optional(number(0, 1)) }),
  layer('Dropout', { rate: numberBelow(0, 1) }),
  layer('ReLU', {}),
  layer('Activation', { activation: oneOf(activationNames) }),
  layer('LeakyReLU', { negativeSlope: v.optional(number(0, 1e6)) }),
  layer('ELU', { alpha: v.optional(number(0, 1e6)) }),
  layer('MaxPooling2D', pooling),
  layer('AveragePooling2D', pooling),
  layer('GlobalAveragePooling2D', {}),
  layer('GlobalAveragePooling1D', {}),
  layer('ZeroPadding2D', { padding: paddingSides }),
  layer('Flatten', {}),
  layer('Reshape', {
    targetShape: v.array(whole(-1, 65_536), 'a list of sizes, one of which may be −1'),
  }),
  layer('Add', {}),
  layer('Concatenate', {}),
  layer('Embedding', { inputDim: whole(1, 2 ** 24), outputDim: size }),
  layer('PositionEmbedding', {}),
  layer('MultiHeadAttention', {
    numHeads: size,
    keyDim: size,
    valueDim: v.optional(size),
    useBias: v.optional(flag()),
    useCausalMask: v.optional(flag()),
  }),
  layer('LSTM', recurrent),
  layer('GRU', recurrent),
  layer('SimpleRNN', recurrent),
  layer('NodeFeatures', {}),
  layer('EdgeFeatures', {}),
  layer('SourceNodes', {}),
  layer('SegmentSum', {}),
  layer('SegmentMean', {}),
] as const;

/**
 * What attention and recurrent layers are taken apart into. They stand in the recipe of a network that
 * was made by leaving layers out of another.
 */
const partTypes = [
  layer('Attention', { numHeads: size, useCausalMask: v.optional(flag()) }),
  layer('LSTMCell', { units: size, returnSequences: v.optional(flag()) }),
  layer('GRUCell', recurrent),
  layer('SimpleRNNCell', recurrent),
] as const;

/** The layer types that a recipe may use. */
export const layerTypes: readonly LayerType[] = types.map((schema) => schema.entries.type.literal);

/** One layer as a recipe writes it: types and single fields; `resolveModel` checks how they fit. */
export const layerSchema: v.GenericSchema<unknown, LayerSpec> = v.variant(
  'type',
  [...types, ...partTypes],
  (issue) => {
    if (issue.expected === 'Object') return 'a layer {"type": …, "name": …}';
    const guess = typeof issue.input === 'string' ? nearest(issue.input, layerTypes) : undefined;
    return `one of ${layerTypes.join(', ')}${guess ? ` (did you mean '${guess}'?)` : ''}`;
  },
);
