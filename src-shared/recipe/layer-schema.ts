import * as v from 'valibot';
import type { LayerSpec, LayerType } from '../model/layer-spec';
import { nearest } from '../text';
import { fields, flag, number, oneOf, text, whole } from './fields';

const size = whole(1, 65_536);
const padding = v.optional(oneOf(['same', 'valid']));

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
      ...entries,
    },
    'a layer {"type": …, "name": …}',
  );
}

const pooling = { poolSize: v.optional(size), strides: v.optional(size), padding };

const types = [
  layer('Input', { shape: v.optional(v.array(size, 'a list of sizes')) }),
  layer('Conv2D', {
    filters: size,
    kernelSize: size,
    strides: v.optional(size),
    padding,
    useBias: v.optional(flag()),
  }),
  layer('Dense', { units: size, useBias: v.optional(flag()) }),
  layer('BatchNormalization', {
    momentum: v.optional(number(0, 1)),
    epsilon: v.optional(number(0, 1)),
    affine: v.optional(flag()),
  }),
  layer('ReLU', {}),
  layer('MaxPooling2D', pooling),
  layer('AveragePooling2D', pooling),
  layer('GlobalAveragePooling2D', {}),
  layer('Flatten', {}),
  layer('Add', {}),
  layer('Concatenate', {}),
  layer('NodeFeatures', {}),
  layer('EdgeFeatures', {}),
  layer('SourceNodes', {}),
  layer('SegmentSum', {}),
  layer('SegmentMean', {}),
] as const;

/** The layer types that a recipe may use. */
export const layerTypes: readonly LayerType[] = types.map((schema) => schema.entries.type.literal);

/** One layer as a recipe writes it: types and single fields; `resolveModel` checks how they fit. */
export const layerSchema: v.GenericSchema<unknown, LayerSpec> = v.variant(
  'type',
  types,
  (issue) => {
    if (issue.expected === 'Object') return 'a layer {"type": …, "name": …}';
    const guess = typeof issue.input === 'string' ? nearest(issue.input, layerTypes) : undefined;
    return `one of ${layerTypes.join(', ')}${guess ? ` (did you mean '${guess}'?)` : ''}`;
  },
);
