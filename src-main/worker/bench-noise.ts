import { shapeOfGraphs } from '../../src-shared/model/graph-shape';
import { sizeOf } from '../../src-shared/model/resolved';
import { Random } from '../../src-shared/random';
import { GraphSplit } from '../data/graph-split';
import type { Examples } from '../engine/examples';

/** Examples for timing: a step takes as long on noise as on anything else. */

export const benchClasses = 10;
/** Of a graph: 32 of them have 3,200 nodes and 30,000 edges. */
const nodes = 100;
const edges = 938;
const edgeFeatures = 7;

/** Images like MNIST's, or like CIFAR-10's for the models that are meant for colour; graphs for GIN. */
export function benchShape(model: string): readonly number[] {
  if (model.startsWith('gin')) return shapeOfGraphs({ nodeFeatures: 0, edgeFeatures });
  return /vgg|resnet/.test(model) ? [32, 32, 3] : [28, 28, 1];
}

/** `count` examples for a model, their classes in turns. */
export function noise(model: string, count: number): Examples {
  const random = Random.seeded(7, 'noise');
  const labels = Int32Array.from({ length: count }, (_, index) => index % benchClasses);
  if (model.startsWith('gin')) return noiseGraphs(random, labels);
  const shape = benchShape(model);
  const size = sizeOf(shape);
  const values = Float32Array.from({ length: count * size }, () => random.uniform());
  return {
    count,
    shape,
    labels,
    gather(indices, into) {
      for (let i = 0; i < indices.length; i++) {
        const from = (indices[i] as number) * size;
        into.set(values.subarray(from, from + size), i * size);
      }
    },
  };
}

function noiseGraphs(random: Random, labels: Int32Array): Examples {
  const { length } = labels;
  const ends = (): Int32Array =>
    Int32Array.from({ length: length * edges }, () => random.integer(nodes));
  return new GraphSplit('train', {
    ...{ labels, nodeFeatures: 0, edgeFeatures, nodes: new Float32Array(0), smiles: null },
    nodeCounts: new Int32Array(length).fill(nodes),
    edgeCounts: new Int32Array(length).fill(edges),
    source: ends(),
    target: ends(),
    edges: Float32Array.from({ length: length * edges * edgeFeatures }, () => random.uniform()),
  });
}
