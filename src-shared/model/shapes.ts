import { connectLayers, modelError, titleOf } from './graph';
import { resolveLayer } from './layer-shapes';
import type { LayerSpec } from './layer-spec';
import type { ResolvedModel, ResolvedNode, ResolvedTracedLayer } from './resolved';
import { sizeOf } from './resolved';
import { rowOwnerOf } from './row-owner';

/** Largest number of weights of a layer, and of values it gives for one example: 2 GiB of fp32. */
const maximumValues = 2 ** 29;

/**
 * Fills in every default of `layers` and works out all shapes by the rules of Keras.
 *
 * @param exampleShape shape of one example of the data: [height, width, channels], [features] or a
 *   graph's (`shapeOfGraphs`)
 * @param classes number of classes that the last layer has to give logits for
 * @throws `model-invalid`, one sentence that names the layer and says what to do
 */
export function resolveModel(
  layers: readonly LayerSpec[],
  exampleShape: readonly number[],
  classes: number,
): ResolvedModel {
  const nodes: ResolvedNode[] = [];
  for (const { spec, inputs } of connectLayers(layers)) {
    const read = inputs.map((place) => nodes[place] as ResolvedNode);
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
    nodes.push({ spec: filled, inputs, inputShapes, outputShape: shape, rows, parameters });
  }
  checkOutput(nodes.at(-1) as ResolvedNode, classes);
  const traced = nodes.flatMap(tracedLayer);
  if (traced.length === 0) {
    throw modelError('The model has no Conv2D or Dense layer, so there is nothing to record.');
  }
  const parameters = nodes.reduce((sum, node) => sum + node.parameters, 0);
  return { nodes, traced, parameters, classes };
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
function tracedLayer({ spec, inputShapes }: ResolvedNode): ResolvedTracedLayer[] {
  if (spec.type !== 'Conv2D' && spec.type !== 'Dense') return [];
  const incoming = inputShapes[0]?.at(-1) ?? 0;
  const window = spec.type === 'Conv2D' ? spec.kernelSize * spec.kernelSize : 1;
  const rows = window * incoming + (spec.useBias ? 1 : 0);
  const columns = spec.type === 'Conv2D' ? spec.filters : spec.units;
  return [{ name: spec.name, kind: spec.type, rows, columns, bias: spec.useBias }];
}
