import { describe, expect, it } from 'vitest';
import { shapeOfGraphs } from '../../../src-shared/model/graph-shape';
import type { LayerSpec } from '../../../src-shared/model/layer-spec';
import { layersOf } from '../../../src-shared/model/presets';
import { resolveModel } from '../../../src-shared/model/shapes';

const logits: LayerSpec = { type: 'Dense', name: 'logits', units: 10 };

describe('layers over the nodes and edges of graphs', () => {
  const graphs = shapeOfGraphs({ nodeFeatures: 2, edgeFeatures: 3 });
  const edges = { type: 'EdgeFeatures', name: 'edges' } as const;
  const received = { type: 'SegmentSum', name: 'received' } as const;
  const readout = { type: 'SegmentMean', name: 'readout' } as const;
  const wide = { type: 'Dense', name: 'wide', units: 5 } as const;
  const failing = (layers: readonly LayerSpec[], shape: readonly number[] = graphs): string => {
    try {
      resolveModel(layers, shape, 10);
    } catch (error) {
      return (error as Error).message;
    }
    return 'none';
  };

  it('know whose rows they give', () => {
    const { nodes } = resolveModel([edges, wide, received, readout, logits], graphs, 10);
    expect(nodes.map(({ rows }) => rows)).toEqual([
      ...['example', 'edge', 'edge', 'node', 'example', 'example'],
    ]);
    expect(nodes.map(({ outputShape }) => outputShape.join())).toEqual([
      ...['-1,2,-1,3', '3', '5', '5', '5', '10'],
    ]);
  });

  it('are refused where rows do not fit', () => {
    expect(failing([edges, wide, readout, logits])).toBe(
      "Layer 'readout' (SegmentMean) needs a row for each node, but gets one for each edge.",
    );
    expect(failing([edges, wide, received, logits])).toBe(
      "Layer 'logits' (Dense) is the last layer and gives a row for each node; put a SegmentMean before it, so that each graph has its logits.",
    );
    expect(
      failing([
        ...[edges, { ...wide, units: 5 }, received],
        { type: 'Add', name: 'sum', inputs: ['wide', 'received'] },
        ...[readout, logits],
      ]),
    ).toBe("Layer 'sum' (Add) can't join a row for each edge and for each node.");
    expect(failing([wide, logits])).toBe(
      "Layer 'wide' (Dense) can't read whole graphs; put NodeFeatures or EdgeFeatures before it.",
    );
    expect(failing([edges, received, readout, logits], [4])).toBe(
      "Layer 'edges' (EdgeFeatures) reads the Input of graphs, but gets [4]; use graph data.",
    );
    const bare = shapeOfGraphs({ nodeFeatures: 2, edgeFeatures: 0 });
    expect(failing([edges, received, readout, logits], bare)).toBe(
      "Layer 'edges' (EdgeFeatures): the edges of these graphs have no features; leave the layer out.",
    );
  });

  it('make a GIN of the size that Eq. 8 has', () => {
    // ogbg-ppa: no node features, 7 of an edge. W is 7 × 300; an MLP 300 × 300 and 300 × 300 + 300.
    const shape = shapeOfGraphs({ nodeFeatures: 0, edgeFeatures: 7 });
    const { parameters, traced } = resolveModel(layersOf('gin', 37, shape), shape, 37);
    expect(parameters).toBe(5 * (7 * 300 + 300 * 300 + 301 * 300) + 301 * 37);
    expect(traced).toHaveLength(16);
  });
});
