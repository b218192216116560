import { modelError, titleOf } from './graph';
import type { WholeLayer } from './layer-shapes';
import { type LayerSpec, layerDefaults } from './layer-spec';
import { tracedKinds } from './resolved';
import { tokensOf } from './sequence-shapes';
import type { LSTMSpec, MultiHeadAttentionSpec, RecurrentSpec } from './sequence-spec';
import { checkSizes, type Shape } from './shape-checks';

/** A part of a layer: what it reads are places in the layer's own inputs, or earlier parts. */
export interface LayerPart {
  readonly spec: WholeLayer;
  readonly inputs: readonly PartInput[];
}

type PartInput = { readonly input: number } | { readonly part: number };

/**
 * What a layer is made of, so that each of its linear maps is a layer of its own: the last part
 * gives the layer's output. Most layers are one part, themselves.
 *
 * @param inputs shapes of one example of what the layer reads
 * @throws `model-invalid` naming the layer
 */
export function partsOf(spec: LayerSpec, inputs: readonly Shape[]): readonly LayerPart[] {
  const parts = ownPartsOf(spec, inputs);
  if (spec.trainable !== false) return parts;
  return parts.map((part) => ({ ...part, spec: { ...part.spec, trainable: false } }));
}

/** The names of the linear maps that a layer is, or is made of, whatever its shapes. */
export function mapNamesOf({ type, name }: Pick<LayerSpec, 'type' | 'name'>): readonly string[] {
  switch (type) {
    case 'MultiHeadAttention':
      return ['query', 'key', 'value', 'output'].map((part) => `${name}.${part}`);
    case 'LSTM':
    case 'GRU':
    case 'SimpleRNN':
      return [`${name}.input`, `${name}.recurrent`];
    default:
      return tracedKinds.some((kind) => kind === type) ? [name] : [];
  }
}

function ownPartsOf(spec: LayerSpec, inputs: readonly Shape[]): readonly LayerPart[] {
  if (spec.type === 'MultiHeadAttention') return attentionParts(spec, inputs);
  if (isRecurrent(spec)) return recurrentParts(spec, inputs);
  return [{ spec, inputs: inputs.map((_, input) => ({ input })) }];
}

function attentionParts(
  spec: MultiHeadAttentionSpec,
  inputs: readonly Shape[],
): readonly LayerPart[] {
  const { name, numHeads, keyDim, valueDim = keyDim } = spec;
  const { useBias, useCausalMask } = { ...layerDefaults.attention, ...spec };
  checkSizes(spec, { numHeads, keyDim, valueDim });
  const [query] = inputs;
  if (!query || inputs.length > 3) {
    throw modelError(`${titleOf(spec)} reads one to three layers: query, value and key.`);
  }
  const units = tokensOf(spec, query)[1];
  const value = Math.min(1, inputs.length - 1);
  const key = inputs.length === 3 ? 2 : value;
  const projection = (part: string, width: number, input: PartInput): LayerPart => ({
    spec: { type: 'Dense', name: `${name}.${part}`, units: width, useBias },
    inputs: [input],
  });
  return [
    projection('query', numHeads * keyDim, { input: 0 }),
    projection('key', numHeads * keyDim, { input: key }),
    projection('value', numHeads * valueDim, { input: value }),
    {
      spec: { type: 'Attention', name: `${name}.attention`, numHeads, useCausalMask },
      inputs: [{ part: 0 }, { part: 2 }, { part: 1 }],
    },
    projection('output', units, { part: 3 }),
  ];
}

function isRecurrent(spec: LayerSpec): spec is LSTMSpec | RecurrentSpec {
  return spec.type === 'LSTM' || spec.type === 'GRU' || spec.type === 'SimpleRNN';
}

/** Gates of a recurrent layer, per unit. */
const gates = { LSTM: 4, GRU: 3, SimpleRNN: 1 } as const;

function recurrentParts(
  spec: LSTMSpec | RecurrentSpec,
  inputs: readonly Shape[],
): readonly LayerPart[] {
  const { name, units } = spec;
  const { useBias, returnSequences } = { ...layerDefaults.lstm, ...spec };
  checkSizes(spec, { units });
  const [input] = inputs;
  if (!input || inputs.length > 1) {
    throw modelError(`${titleOf(spec)} reads one layer, but 'inputs' names ${inputs.length}.`);
  }
  tokensOf(spec, input);
  const cell = { name: `${name}.recurrent`, units, returnSequences };
  return [
    {
      spec: { type: 'Dense', name: `${name}.input`, units: gates[spec.type] * units, useBias },
      inputs: [{ input: 0 }],
    },
    {
      spec: cellOf(spec.type, cell, useBias),
      inputs: [{ part: 0 }],
    },
  ];
}

/** Keras gives the recurrent map of a GRU a bias of its own; those of the others would be one too many. */
function cellOf(
  type: keyof typeof gates,
  cell: { readonly name: string; readonly units: number; readonly returnSequences: boolean },
  useBias: boolean,
): WholeLayer {
  if (type === 'LSTM') return { type: 'LSTMCell', ...cell };
  if (type === 'GRU') return { type: 'GRUCell', ...cell, useBias };
  return { type: 'SimpleRNNCell', ...cell, useBias: false };
}
