import type * as tf from '@tensorflow/tfjs';
import { mul } from '@tensorflow/tfjs';
import type { GraphUnion } from '../graphs';
import { rowsAt, segmentSum } from '../segments';
import { type Layer, rowwise } from './layer';

/**
 * Layers between the rows of nodes, edges and graphs. They have no weights; what is learned on a
 * graph is learned by dense layers over such rows.
 */

/** The features of every node, which the Input of graphs holds. */
export function nodeFeatures(): Layer {
  return rowwise({
    forward: ([x]) => x as tf.Tensor,
    backward: () => ({ inputs: [] }),
  });
}

/** φ(u, v): the features of every edge. */
export function edgeFeatures(): Layer {
  return rowwise({
    forward: (_inputs, _parameters, graphs) => unionOf(graphs).edgeFeatures,
    backward: () => ({ inputs: [] }),
  });
}

/** x_u for every edge u → v. The gradient by a node is the sum over the edges that leave it. */
export function sourceNodes(): Layer {
  return rowwise({
    forward: ([x], _parameters, graphs) => rowsAt(x as tf.Tensor2D, unionOf(graphs).source),
    backward(gradient, _inputs, _output, _parameters, _wantsInputs, graphs) {
      const { bySource, sortedSource, nodes } = unionOf(graphs);
      return { inputs: [segmentSum(gradient as tf.Tensor2D, bySource, sortedSource, nodes)] };
    },
  });
}

/** Σ over the edges u → v for every node v. */
export function nodeSum(): Layer {
  return rowwise({
    forward([x], _parameters, graphs) {
      const { target, nodes } = unionOf(graphs);
      return segmentSum(x as tf.Tensor2D, null, target, nodes);
    },
    backward: (gradient, _inputs, _output, _parameters, _wantsInputs, graphs) => ({
      inputs: [rowsAt(gradient as tf.Tensor2D, unionOf(graphs).target)],
    }),
  });
}

/** Mean over a graph's nodes. */
export function graphMean(): Layer {
  return rowwise({
    forward([x], _parameters, graphs) {
      const { graph, shares, graphs: count } = unionOf(graphs);
      return mul(segmentSum(x as tf.Tensor2D, null, graph, count), shares);
    },
    backward(gradient, _inputs, _output, _parameters, _wantsInputs, graphs) {
      const { graph, shares } = unionOf(graphs);
      return { inputs: [rowsAt(mul(gradient, shares) as tf.Tensor2D, graph)] };
    },
  });
}

function unionOf(graphs: GraphUnion | null): GraphUnion {
  if (!graphs) throw new Error('the examples are no graphs');
  return graphs;
}
