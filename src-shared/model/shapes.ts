import { checkNames, connectLayers, modelError, titleOf } from './graph';
import { partsOf } from './layer-parts';
import { resolveLayer, type WholeLayer } from './layer-shapes';
import type { LayerSpec } from './layer-spec';
import type { ResolvedModel, ResolvedNode, ResolvedTracedLayer, TracedKind } from './resolved';
import { sizeOf } from './resolved';
import { rowOwnerOf } from './row-owner';
import type { Shape } from './shape-checks';

/** Largest number of weights of a layer, and of values it gives for one example: 2 GiB of fp32. */
const maximumValues = 2 ** 29;

/**
 * Fills in every default of `layers` and works out all shapes by the rules of Keras.
 *
 * @param exampleShape shape of one example of the data: [height, width, channels], [features] or a
 *   graph's (`shapeOfGraphs`)
 * @param classes number of classes that the last layer has to give logits for
 * @param chosen the layers to record, by name (a recipe's `traced`); null: all that are trained
 * @throws `model-invalid`, one sentence that names the layer and says what to do
 */
export function resolveModel(
  layers: readonly LayerSpec[],
  exampleShape: readonly number[],
  classes: number,
  chosen: readonly string[] | null = null,
): ResolvedModel {
  const nodes = resolveNodes(layers, exampleShape);
  checkOutput(nodes.at(-1) as ResolvedNode, classes);
  const trained = nodes.filter(({ trainable }) => trainable).flatMap(linearMapOf);
  const traced = trained.filter(({ name }) => chosen?.includes(name) ?? true);
  if (traced.length === 0) {
    throw modelError(
      'The model has no layer that is traced, such as a Conv2D or a Dense, so there is nothing to record.',
    );
  }
  const parameters = nodes.reduce((sum, node) => sum + node.parameters, 0);
  const maps = nodes.flatMap((node) =>
    linearMapOf(node).map((map) => ({ ...map, frozen: !node.trainable })),
  );
  return { nodes, traced, maps, parameters, classes };
}

/** The layers with their shapes, whatever the last one gives; see `resolveModel`. */
export function resolveNodes(
  layers: readonly LayerSpec[],
  exampleShape: readonly number[],
): readonly ResolvedNode[] {
  const nodes: ResolvedNode[] = [];
  const shapesOf = (places: readonly number[]) =>
    places.map((place) => (nodes[place] as ResolvedNode).outputShape);
  // Where the output of each listed layer is: the last of its parts.
  const outputs: number[] = [];
  for (const { spec, inputs } of connectLayers(layers)) {
    const sources = inputs.map((place) => outputs[place] as number);
    const first = nodes.length;
    for (const part of partsOf(spec, shapesOf(sources))) {
      const places = part.inputs.map((from) =>
        'input' in from ? (sources[from.input] as number) : first + from.part,
      );
      const read = places.map((place) => nodes[place] as ResolvedNode);
      nodes.push(resolveNode(part.spec, places, read, exampleShape));
    }
    outputs.push(nodes.length - 1);
  }
  checkNames(nodes.map((node) => node.spec));
  return nodes;
}

function resolveNode(
  spec: WholeLayer,
  inputs: readonly number[],
  read: readonly ResolvedNode[],
  exampleShape: Shape,
): ResolvedNode {
  const inputShapes = read.map(({ outputShape }) => outputShape);
  const { spec: filled, shape, parameters } = resolveLayer(spec, inputShapes, exampleShape);
  if (parameters > maximumValues || sizeOf(shape) > maximumValues) {
    throw modelError(
      `${titleOf(spec)} would have ${parameters} weights and an output of ` +
        `[${shape.join(', ')}]; at most ${maximumValues} values of either are supported.`,
    );
  }
  const rows = rowOwnerOf(
    spec,
    read.map((node) => node.rows),
  );
  const { trainable = true } = spec;
  const own = { trainable, parameters: trainable ? parameters : 0 };
  return { spec: filled, inputs, inputShapes, outputShape: shape, rows, ...own };
}

function checkOutput({ spec, outputShape, rows }: ResolvedNode, classes: number): void {
  if (rows !== 'example') {
    throw modelError(
      `${titleOf(spec)} is the last layer and gives a row for each ${rows}; put a SegmentMean before ` +
        'it, so that each graph has its logits.',
    );
  }
  if (outputShape.length === 1 && outputShape[0] === classes) return;
  throw modelError(
    `${titleOf(spec)} is the last layer and gives [${outputShape.join(', ')}], but the data has ` +
      `${classes} classes; end the model with a Dense of ${classes} units.`,
  );
}

/** The linear map of a node, its bias as a last row: one more input that is always 1. */
function linearMapOf({ spec, inputShapes, outputShape }: ResolvedNode): ResolvedTracedLayer[] {
  const incoming = inputShapes[0]?.at(-1) ?? 0;
  const columns = outputShape.at(-1) ?? 0;
  const { name } = spec;
  const map = (
    kind: TracedKind,
    inputs: number,
    bias: boolean,
    width = columns,
  ): ResolvedTracedLayer[] => [{ name, kind, rows: inputs + (bias ? 1 : 0), columns: width, bias }];
  switch (spec.type) {
    case 'Conv2D':
      return map(spec.type, sizeOf(spec.kernelSize) * (incoming / spec.groups), spec.useBias);
    case 'DepthwiseConv2D':
      return map(spec.type, sizeOf(spec.kernelSize), spec.useBias);
    case 'Dense':
      return map(spec.type, incoming, spec.useBias);
    case 'Embedding':
      return map(spec.type, spec.inputDim, false);
    case 'PositionEmbedding':
      return map(spec.type, outputShape[0] ?? 0, false);
    case 'LSTMCell':
      return map(spec.type, spec.units, false, 4 * spec.units);
    case 'GRUCell':
      return map(spec.type, spec.units, spec.useBias, 3 * spec.units);
    case 'SimpleRNNCell':
      return map(spec.type, spec.units, spec.useBias, spec.units);
    default:
      return [];
  }
}
