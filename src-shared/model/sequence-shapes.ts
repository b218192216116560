import { modelError, titleOf } from './graph';
import type { LayerSpec } from './layer-spec';
import { layerDefaults } from './layer-spec';
import { sizeOf } from './resolved';
import type {
  AttentionSpec,
  EmbeddingSpec,
  GRUCellSpec,
  LSTMCellSpec,
  PositionEmbeddingSpec,
  ReshapeSpec,
  SimpleRNNCellSpec,
} from './sequence-spec';
import { checkSizes, type ResolvedShape, type Shape } from './shape-checks';

/** Layers over tokens or time steps, [tokens, features]. */

/** @throws `model-invalid` naming the layer where its input is no sequence */
export function tokensOf(spec: LayerSpec, input: Shape): readonly [number, number] {
  const [tokens, features] = input;
  if (input.length === 2 && tokens !== undefined && features !== undefined) {
    return [tokens, features];
  }
  throw modelError(
    `${titleOf(spec)} needs a sequence [tokens, features], but gets [${input.join(', ')}]; ` +
      'put a Reshape or an Embedding before it.',
  );
}

export function resolveReshape(spec: ReshapeSpec, input: Shape): ResolvedShape {
  const { type, name, targetShape } = spec;
  const size = sizeOf(input);
  const open = targetShape.filter((side) => side === -1).length;
  const known = targetShape.reduce((product, side) => (side === -1 ? product : product * side), 1);
  const shape = targetShape.map((side) => (side === -1 ? size / known : side));
  const isWhole = shape.every((side) => Number.isInteger(side) && side >= 1);
  if (open > 1 || !isWhole || sizeOf(shape) !== size) {
    throw modelError(
      `${titleOf(spec)} can't make [${targetShape.join(', ')}] of [${input.join(', ')}]: ` +
        `an example has ${size} values.`,
    );
  }
  return { spec: { type, name, targetShape: shape }, shape, parameters: 0 };
}

export function resolveEmbedding(spec: EmbeddingSpec, input: Shape): ResolvedShape {
  const { type, name, inputDim, outputDim } = spec;
  checkSizes(spec, { outputDim });
  if (!Number.isInteger(inputDim) || inputDim < 1 || inputDim > 2 ** 24) {
    throw modelError(
      `${titleOf(spec)}: inputDim is ${inputDim}; it must be a whole number from 1 to ${2 ** 24}.`,
    );
  }
  const [tokens] = input;
  if (input.length !== 1 || tokens === undefined) {
    throw modelError(
      `${titleOf(spec)} needs token numbers [tokens], but gets [${input.join(', ')}].`,
    );
  }
  return {
    spec: { type, name, inputDim, outputDim },
    shape: [tokens, outputDim],
    parameters: inputDim * outputDim,
  };
}

export function resolvePositionEmbedding(spec: PositionEmbeddingSpec, input: Shape): ResolvedShape {
  const { type, name } = spec;
  const [tokens, features] = tokensOf(spec, input);
  return { spec: { type, name }, shape: input, parameters: tokens * features };
}

export function resolveAttention(spec: AttentionSpec, inputs: readonly Shape[]): ResolvedShape {
  const { type, name, numHeads } = spec;
  const useCausalMask = spec.useCausalMask ?? layerDefaults.attention.useCausalMask;
  checkSizes(spec, { numHeads });
  const [query, value, key] = inputs;
  if (inputs.length !== 3 || !query || !value || !key) {
    throw modelError(
      `${titleOf(spec)} reads query, value and key; name these three layers in 'inputs'.`,
    );
  }
  const [tokens, features] = tokensOf(spec, query);
  const [sourceTokens, valueFeatures] = tokensOf(spec, value);
  const [keyTokens, keyFeatures] = tokensOf(spec, key);
  const divides = features % numHeads === 0 && valueFeatures % numHeads === 0;
  if (!divides || keyFeatures !== features || keyTokens !== sourceTokens) {
    throw modelError(
      `${titleOf(spec)} can't attend with query [${query.join(', ')}], value [${value.join(', ')}] ` +
        `and key [${key.join(', ')}] in ${numHeads} heads: key and query need as many features, key ` +
        'and value as many tokens, and the heads must divide them.',
    );
  }
  const filled = { type, name, numHeads, useCausalMask };
  return { spec: filled, shape: [tokens, valueFeatures], parameters: 0 };
}

/** Gates of a cell, per unit. */
const gatesOf = { LSTMCell: 4, GRUCell: 3, SimpleRNNCell: 1 } as const;

export function resolveCell(
  spec: LSTMCellSpec | GRUCellSpec | SimpleRNNCellSpec,
  input: Shape,
): ResolvedShape {
  const { name, units } = spec;
  const returnSequences = spec.returnSequences ?? layerDefaults.lstm.returnSequences;
  checkSizes(spec, { units });
  const [steps, width] = tokensOf(spec, input);
  const columns = gatesOf[spec.type] * units;
  if (width !== columns) {
    throw modelError(
      `${titleOf(spec)} of ${units} units needs [time, ${columns}], its ` +
        `${gatesOf[spec.type]} gates, but gets [${input.join(', ')}].`,
    );
  }
  const shape = returnSequences ? [steps, units] : [units];
  const cell = { name, units, returnSequences };
  if (spec.type === 'LSTMCell') {
    return { spec: { type: spec.type, ...cell }, shape, parameters: units * columns };
  }
  const useBias = spec.useBias ?? layerDefaults.lstm.useBias;
  const parameters = (units + (useBias ? 1 : 0)) * columns;
  return { spec: { type: spec.type, ...cell, useBias }, shape, parameters };
}
