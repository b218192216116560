import { type GraphShape, graphShapeOf } from './graph-shape';
import type { LayerSpec } from './layer-spec';
import type { Preset } from './preset';

/** Width of every layer, as in the paper. */
const width = 300;

/**
 * A graph isomorphism network (Eq. 8 of the paper): in each layer
 *
 *   x_v ← MLP(Σ_{u→v} max(x_u + W φ(u, v), 0)),
 *
 * then the mean over a graph's nodes and a dense layer to the classes. W and the layers of the MLP
 * are dense layers over rows of edges and nodes. Nodes without features start at x = 0, so that the
 * first layer turns edge features into node features; edges without features have no W φ.
 */
function ginLayers(
  depth: number,
  classes: number,
  { nodeFeatures, edgeFeatures }: GraphShape,
): LayerSpec[] {
  const layers: LayerSpec[] = [{ type: 'Input', name: 'input' }];
  if (edgeFeatures > 0) layers.push({ type: 'EdgeFeatures', name: 'edges', inputs: ['input'] });
  let nodes: string | null = null;
  if (nodeFeatures > 0) {
    layers.push(
      { type: 'NodeFeatures', name: 'nodes', inputs: ['input'] },
      { type: 'Dense', name: 'embedding', units: width, useBias: true },
    );
    nodes = 'embedding';
  }
  for (let l = 1; l <= depth; l++) {
    const parts: string[] = [];
    if (nodes) {
      layers.push({ type: 'SourceNodes', name: `source${l}`, inputs: [nodes] });
      parts.push(`source${l}`);
    }
    if (edgeFeatures > 0) {
      const name = `edge${l}`;
      layers.push({ type: 'Dense', name, units: width, useBias: false, inputs: ['edges'] });
      parts.push(name);
    }
    if (parts.length > 1) layers.push({ type: 'Add', name: `sum${l}`, inputs: parts });
    layers.push(
      { type: 'ReLU', name: `message${l}` },
      { type: 'SegmentSum', name: `received${l}` },
      { type: 'Dense', name: `mlp${l}_1`, units: width, useBias: false },
      { type: 'BatchNormalization', name: `bn${l}` },
      { type: 'ReLU', name: `relu${l}` },
      { type: 'Dense', name: `mlp${l}_2`, units: width, useBias: true },
    );
    nodes = `mlp${l}_2`;
  }
  return [
    ...layers,
    { type: 'SegmentMean', name: 'readout' },
    { type: 'Dense', name: 'logits', units: classes, useBias: true },
  ];
}

/** Where no data are known yet: graphs that have something of both kinds. */
const anyGraph: GraphShape = { nodeFeatures: 1, edgeFeatures: 1 };

export const gin: Preset = {
  name: 'gin',
  title: 'GIN',
  description:
    'Five graph isomorphism layers of 300 units with batch normalisation, mean over the nodes. For graphs.',
  layers: (classes, shape) => ginLayers(5, classes, graphShapeOf(shape) ?? anyGraph),
};

export const ginShallow: Preset = {
  name: 'gin-shallow',
  title: 'Shallow GIN',
  description: 'The same with two layers: to compare with, and for small graphs.',
  layers: (classes, shape) => ginLayers(2, classes, graphShapeOf(shape) ?? anyGraph),
};
