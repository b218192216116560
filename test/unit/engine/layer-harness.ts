import * as tf from '@tensorflow/tfjs';
import { type Graphs, type GraphUnion, unionOf } from '../../../src-main/engine/graphs';
import { buildLayer } from '../../../src-main/engine/layers/build';
import type { Groups, Layer } from '../../../src-main/engine/layers/layer';
import { resolveLayer, type WholeLayer } from '../../../src-shared/model/layer-shapes';
import { Random } from '../../../src-shared/random';
import { finiteDifferences, rough, scattered } from './finite-differences';

/** A tensor as a test writes it down. */
export interface Literal {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export function literal(shape: readonly number[], values: ArrayLike<number>): Literal {
  return { shape, data: Float32Array.from(values) };
}

export function tensorOf({ shape, data }: Literal): tf.Tensor {
  return tf.tensor(data.slice(), [...shape], 'float32');
}

/** A layer on its own, with the gradients it gives and those that differences give. */
export interface LayerCase {
  readonly spec: WholeLayer;
  /** Shapes of one example, one for each layer that it reads. */
  readonly inputShapes: readonly (readonly number[])[];
  /** Rows of each group: the batch, and the ghosts where there are any. */
  readonly rows: readonly number[];
  /** Whether gradients flow to the ghosts. */
  readonly flow?: boolean;
  readonly step: number;
  /** The graphs that the rows of each group belong to, and the rows that the layer gives for them. */
  readonly graphs?: {
    readonly source: Graphs;
    readonly groups: readonly (readonly number[])[];
    readonly outputRows: readonly number[];
  };
  /** False: the layer's weights are frozen. */
  readonly trainable?: boolean;
  /** Inputs from −1 to 1 rather than far apart. */
  readonly narrow?: boolean;
}

export interface GradientPair {
  readonly name: string;
  readonly found: Float32Array;
  readonly expected: Float64Array;
}

/**
 * Gradients of L = Σ C y, C fixed and without a pattern, by every input and parameter: the layer's
 * own beside finite differences of its forward pass.
 */
export function gradientPairs(test: LayerCase): GradientPair[] {
  const exampleShape = test.inputShapes[0] as readonly number[];
  const { spec, shape, parameters } = resolveLayer(test.spec, test.inputShapes, exampleShape);
  const { inputShapes } = test;
  const node = {
    ...{ spec, inputs: [], inputShapes, outputShape: shape, rows: 'example' as const },
    ...{ parameters, trainable: test.trainable ?? true },
  };
  const layer = buildLayer(node);
  let salt = 1;
  const inputs = test.rows.map((rows) =>
    test.inputShapes.map((each): Literal => {
      const size = each.reduce((a, b) => a * b, rows);
      const data = test.narrow ? rough(size, salt++) : scattered(size, salt++);
      return { shape: [rows, ...each], data };
    }),
  );
  const values = new Map(
    layer.parameters.map((p): [string, Literal] => {
      const size = p.shape.reduce((a, b) => a * b, 1);
      const data = rough(size, salt++);
      // A variance is none that is negative.
      if (p.name === 'movingVariance')
        for (const i of data.keys()) data[i] = 1 + (data[i] ?? 0) ** 2;
      return [p.name, { shape: p.shape, data }];
    }),
  );
  const differentiated = test.rows.map((_, group) => group === 0 || test.flow === true);
  const outputRows = test.graphs?.outputRows ?? test.rows;
  const costs = outputRows.map((rows) =>
    rough(
      shape.reduce((a, b) => a * b, rows),
      salt++,
    ),
  );

  const evaluate = (): number =>
    plainScope(() =>
      forward(layer, inputs, values, unions(test)).outputs.reduce((sum, output, group) => {
        if (!differentiated[group]) return sum;
        const cost = costs[group] as Float32Array;
        return output
          .dataSync<'float32'>()
          .reduce((total, y, i) => total + y * (cost[i] as number), sum);
      }, 0),
    );

  const own = plainScope(() => {
    const tensors = inputs.map((group) => group.map(tensorOf));
    const graphs = unions(test);
    const pass = layer.forward(tensors, parameterTensors(values), graphs, randomOf);
    const deltas = costs
      .filter((_, group) => differentiated[group])
      .map((cost, group) => tf.tensor(cost, [outputRows[group] as number, ...shape]));
    const found = layer.backward(
      deltas,
      { inputs: tensors, outputs: pass.outputs, memory: pass.memory ?? {}, graphs },
      parameterTensors(values),
      { inputs: true, ghost: true },
    );
    return {
      inputs: found.inputs.map((group) => group.map((x) => x.dataSync<'float32'>())),
      parameters: Object.fromEntries(
        Object.entries(found.parameters).map(([name, x]) => [name, x.dataSync<'float32'>()]),
      ),
    };
  });

  const pairs: GradientPair[] = [];
  for (const [group, literals] of inputs.entries()) {
    if (!differentiated[group]) continue;
    for (const [place, { data }] of literals.entries()) {
      pairs.push({
        name: `input ${place} of group ${group}`,
        found: own.inputs[group]?.[place] ?? new Float32Array(),
        expected: finiteDifferences(data, evaluate, test.step),
      });
    }
  }
  for (const { name, trainable } of layer.parameters) {
    if (!trainable) continue;
    const { data } = values.get(name) as Literal;
    pairs.push({
      name,
      found: own.parameters[name] ?? new Float32Array(),
      expected: finiteDifferences(data, evaluate, test.step),
    });
  }
  return pairs;
}

/** One forward pass of a layer in training. */
function forward(
  layer: Layer,
  inputs: Groups<readonly Literal[]>,
  values: ReadonlyMap<string, Literal>,
  graphs: Groups<GraphUnion | null>,
) {
  return layer.forward(
    inputs.map((group) => group.map(tensorOf)),
    parameterTensors(values),
    graphs,
    randomOf,
  );
}

/** The disjoint union of each group's graphs. */
function unions({ graphs, rows }: LayerCase): Groups<GraphUnion | null> {
  return rows.map((_, group) =>
    graphs ? unionOf(graphs.source, graphs.groups[group] ?? []).union : null,
  );
}

/** The same numbers in every pass of a group. */
function randomOf(group: number): Random {
  return Random.seeded(1, `group ${group}`);
}

function parameterTensors(values: ReadonlyMap<string, Literal>): Record<string, tf.Tensor> {
  return Object.fromEntries([...values].map(([name, value]) => [name, tensorOf(value)]));
}

/** `tf.tidy` around work that gives back plain values. */
export function plainScope<T>(work: () => T): T {
  tf.engine().startScope();
  try {
    return work();
  } finally {
    tf.engine().endScope();
  }
}
