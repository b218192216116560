import * as tf from '@tensorflow/tfjs';
import type { ResolvedModel, ResolvedNode } from '../../src-shared/model/resolved';
import { Random } from '../../src-shared/random';
import type { GhostGradient } from '../../src-shared/recipe/recipe';
import type { ExampleRows } from './examples';
import { buildLayer } from './layers/build';
import type { Groups, Layer, LayerSignal, Parameters, Pass } from './layers/layer';
import { softmaxCrossEntropy } from './loss';
import { ParameterStore } from './parameters';

/** What one backward pass gives; valid inside the `tf.tidy` that it ran in. */
export interface Gradients {
  readonly loss: number;
  readonly accuracy: number;
  /** By the trainable parameters, in the export's names, all groups together. */
  readonly parameters: ReadonlyMap<string, tf.Tensor>;
  readonly traced: ReadonlyMap<string, TracedGradients>;
  /** New moving statistics. */
  readonly state: ReadonlyMap<string, tf.Tensor>;
}

/** X, D and Xᵀ D of a traced layer, for each group that gradients flow to. */
export interface TracedGradients {
  readonly inputs: Groups<tf.Tensor>;
  readonly deltas: Groups<tf.Tensor>;
  /** The ghosts' part of the gradient, by kernel and bias, where gradients flow to them and it is wanted. */
  readonly ghost: Parameters | null;
  /** Rows of X and D of each example of the batch; null: one each. */
  readonly exampleRows: Int32Array | null;
}

/** The rows of one step. */
export interface TrainingRows {
  readonly batch: ExampleRows;
  readonly labels: Int32Array;
  /** Ghost samples; null where there are none. */
  readonly ghosts: ExampleRows | null;
}

/** A directed acyclic graph of layers with their parameters. */
export class Network {
  readonly parameters: ParameterStore;
  private readonly layers: readonly Layer[];
  /** Whether a layer has anything trainable before it, so that its input gradient is needed. */
  private readonly wantsInputs: readonly boolean[];

  constructor(
    readonly model: ResolvedModel,
    private readonly seed: number,
  ) {
    this.layers = model.nodes.map(buildLayer);
    const byName = model.nodes.map((node, i) => [node.spec.name, this.layers[i] as Layer] as const);
    this.parameters = ParameterStore.start(new Map(byName), seed);
    const trained: boolean[] = [];
    const wants: boolean[] = [];
    for (const [i, node] of model.nodes.entries()) {
      wants.push(node.inputs.some((input) => trained[input]));
      trained.push(
        wants[i] === true || (this.layers[i] as Layer).parameters.some((p) => p.trainable),
      );
    }
    this.wantsInputs = wants;
  }

  /** Logits in inference mode, [n, classes]. */
  infer(examples: ExampleRows): tf.Tensor2D {
    return tf.tidy(() => this.inferAll(examples).at(-1) as tf.Tensor2D);
  }

  /**
   * The input f and the pre-activation z of every linear map in inference mode, and the logits.
   * The caller disposes the tensors.
   */
  signals(examples: ExampleRows): { logits: tf.Tensor2D; layers: Map<string, LayerSignal> } {
    const kept = tf.tidy(() => {
      const outputs = this.inferAll(examples);
      const inputs: Record<string, tf.Tensor> = {};
      const signals: Record<string, tf.Tensor> = {};
      for (const { name } of this.model.maps) {
        const place = this.model.nodes.findIndex((node) => node.spec.name === name);
        const read = this.model.nodes[place]?.inputs.map((k) => outputs[k] as tf.Tensor) ?? [];
        const signal = this.layers[place]?.signal?.(
          read,
          outputs[place] as tf.Tensor,
          this.parameters.of(name),
        );
        inputs[name] = tf.clone(signal?.input as tf.Tensor);
        signals[name] = tf.clone(signal?.preActivation as tf.Tensor);
      }
      return { logits: tf.clone(outputs.at(-1) as tf.Tensor2D), inputs, signals };
    });
    const layers = new Map<string, LayerSignal>();
    for (const { name } of this.model.maps) {
      layers.set(name, {
        input: kept.inputs[name] as tf.Tensor,
        preActivation: kept.signals[name] as tf.Tensor,
      });
    }
    return { logits: kept.logits, layers };
  }

  /**
   * Forward and backward pass over one step's rows; call it inside `tf.tidy`.
   *
   * @param step what random masks follow from, beside the seed
   * @param wantsGhost whether a layer's `ghost` is wanted
   */
  gradients(
    rows: TrainingRows,
    ghostGradient: GhostGradient,
    step: number,
    wantsGhost: (layer: string) => boolean = () => true,
  ): Gradients {
    const data: Groups<ExampleRows> = rows.ghosts ? [rows.batch, rows.ghosts] : [rows.batch];
    const { passes, state } = this.forward(data, step);
    const logits = passes.at(-1)?.outputs ?? [];
    const { loss, accuracy, gradient } = softmaxCrossEntropy(logits[0] as tf.Tensor2D, rows.labels);
    const flowing = ghostGradient === 'flow' ? logits.slice(1) : [];
    const start = [gradient, ...flowing.map((x) => tf.zerosLike(x))];
    return { loss, accuracy, state, ...this.backward(passes, start, wantsGhost) };
  }

  dispose(): void {
    this.parameters.dispose();
  }

  private inferAll({ values, graphs }: ExampleRows): tf.Tensor[] {
    const outputs: tf.Tensor[] = [];
    for (const [i, node] of this.model.nodes.entries()) {
      const layer = this.layers[i] as Layer;
      const inputs =
        node.inputs.length === 0 ? [values] : node.inputs.map((k) => outputs[k] as tf.Tensor);
      outputs.push(layer.infer(inputs, this.parameters.of(node.spec.name), graphs));
    }
    return outputs;
  }

  private forward(
    data: Groups<ExampleRows>,
    step: number,
  ): { passes: Pass[]; state: Map<string, tf.Tensor> } {
    const passes: Pass[] = [];
    const state = new Map<string, tf.Tensor>();
    const graphs = data.map((group) => group.graphs);
    for (const [i, node] of this.model.nodes.entries()) {
      const inputs = data.map((group, g) =>
        node.inputs.length === 0
          ? [group.values]
          : node.inputs.map((k) => passes[k]?.outputs[g] as tf.Tensor),
      );
      const { name } = node.spec;
      const own = this.parameters.of(name);
      const result = (this.layers[i] as Layer).forward(inputs, own, graphs, (group) =>
        Random.seeded(this.seed, `${name}/${step}/${group}`),
      );
      passes.push({ inputs, outputs: result.outputs, memory: result.memory ?? {}, graphs });
      for (const [parameter, tensor] of Object.entries(result.state ?? {})) {
        state.set(`${name}/${parameter}`, tensor);
      }
    }
    return { passes, state };
  }

  private backward(
    passes: readonly Pass[],
    start: Groups<tf.Tensor>,
    wantsGhost: (layer: string) => boolean,
  ): Pick<Gradients, 'parameters' | 'traced'> {
    const parameters = new Map<string, tf.Tensor>();
    const traced = new Map<string, TracedGradients>();
    const gradients: (Groups<tf.Tensor> | undefined)[] = [];
    gradients[passes.length - 1] = start;
    for (let i = passes.length - 1; i > 0; i--) {
      const node = this.model.nodes[i] as ResolvedNode;
      const { name } = node.spec;
      const deltas = gradients[i];
      if (!deltas) continue;
      const pass = passes[i] as Pass;
      const wants = this.wantsInputs[i] === true;
      const found = (this.layers[i] as Layer).backward(deltas, pass, this.parameters.of(name), {
        inputs: wants,
        ghost: wantsGhost(name),
      });
      for (const [parameter, gradient] of Object.entries(found.parameters)) {
        parameters.set(`${name}/${parameter}`, gradient);
      }
      if (found.traced) {
        const { ghost = null } = found;
        traced.set(name, { ...found.traced, ghost, exampleRows: exampleRowsOf(node, pass) });
      }
      if (!wants) continue;
      for (const [place, source] of node.inputs.entries()) {
        const incoming = found.inputs.map((group) => group[place] as tf.Tensor);
        const earlier = gradients[source];
        gradients[source] = earlier
          ? incoming.map((x, g) => tf.add(x, earlier[g] as tf.Tensor))
          : incoming;
      }
    }
    return { parameters, traced };
  }
}

/** How many nodes or edges each example of the batch has; null where it is one row. */
function exampleRowsOf({ rows }: ResolvedNode, { graphs: [union] }: Pass): Int32Array | null {
  if (!union || rows === 'example') return null;
  return rows === 'node' ? union.nodeCounts : union.edgeCounts;
}
