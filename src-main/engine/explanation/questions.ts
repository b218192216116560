import type * as tf from '@tensorflow/tfjs';
import { DeltascopeError } from '../../../src-shared/errors';
import type {
  ExampleReference,
  ExplanationTarget,
} from '../../../src-shared/explanation/explanation';
import type { ResolvedNode } from '../../../src-shared/model/resolved';
import { disposeRows, rowsOf } from '../examples';
import type { LayerSignal, Network } from '../network';
import type { RecordSource, TracedLayer } from '../records';
import type { ExplainableRun } from './explainable-run';
import { LayerQuery, type LayerWeights, type PassPlan } from './layer-query';
import { linearMap } from './linear-map';
import { type Signal, signalOf } from './signal';

/** One example's question to one layer. */
export interface Question {
  readonly layer: TracedLayer;
  readonly input: tf.Tensor;
  readonly signal: Signal;
  readonly query: LayerQuery;
}

/**
 * The traced layers that were asked for by name, or all that the target exists at.
 *
 * @throws `layer-missing`, `request-invalid` for a margin elsewhere than at the output layer
 */
export function chosenLayers(
  { source, network }: ExplainableRun,
  names: readonly string[] | null,
  target: ExplanationTarget,
): TracedLayer[] {
  const output = network.model.nodes.at(-1)?.spec.name;
  const traced = source.layers;
  for (const name of names ?? []) {
    if (!traced.some((layer) => layer.name === name)) {
      const known = traced.map((layer) => layer.name).join(', ');
      throw new DeltascopeError(
        'layer-missing',
        'engine',
        `The run records no layer '${name}'. Its layers are ${known}.`,
      );
    }
  }
  if (target.kind !== 'margin') return traced.filter((l) => names?.includes(l.name) ?? true);
  const [a, b] = target.over;
  const { classes } = network.model;
  if (a === b || a >= classes || b >= classes) {
    throw new DeltascopeError(
      'request-invalid',
      'engine',
      `A margin needs two different classes from 0 to ${classes - 1}, not ${a} and ${b}.`,
    );
  }
  const atOutput = traced.filter((layer) => layer.name === output);
  const elsewhere = names?.find((name) => name !== output);
  if (atOutput.length === 0 || elsewhere !== undefined) {
    throw new DeltascopeError(
      'request-invalid',
      'engine',
      `A margin is defined at the output layer '${output}' only; leave out layer '${elsewhere ?? ''}'.`,
    );
  }
  return atOutput;
}

/** Checked for all examples first: a question that was begun would leave its tensors behind. */
export function checkExamples(run: ExplainableRun, references: readonly ExampleReference[]): void {
  for (const { split, index } of references) {
    const { count } = run.splits[split];
    if (Number.isInteger(index) && index >= 0 && index < count) continue;
    throw new DeltascopeError(
      'example-missing',
      'engine',
      `There is no example ${split}:${index}; the split has examples 0 to ${count - 1}.`,
    );
  }
}

/** The logits, and f and z of every traced layer, of one example in the final network. */
export function finalSignals(
  run: ExplainableRun,
  { split, index }: ExampleReference,
): { logits: Float32Array; signals: Map<string, LayerSignal> } {
  const examples = run.splits[split];
  const rows = rowsOf(examples, [index]);
  const { logits, layers } = run.network.signals(rows);
  const values = logits.dataSync<'float32'>();
  disposeRows(rows);
  logits.dispose();
  return { logits: values, signals: layers };
}

/** One question a layer; the signals' tensors are theirs from here on. */
export function askOf(
  { network }: ExplainableRun,
  layers: readonly TracedLayer[],
  signals: ReadonlyMap<string, LayerSignal>,
  weights: ReadonlyMap<string, LayerWeights>,
  target: ExplanationTarget,
  plan: PassPlan,
): Question[] {
  const questions = layers.map((layer): Question => {
    const node = nodeOf(network, layer.name);
    const map = linearMap(node);
    const { input, preActivation } = signals.get(layer.name) as LayerSignal;
    const own = weights.get(layer.name) as LayerWeights;
    const z = Float64Array.from(preActivation.dataSync<'float32'>());
    preActivation.dispose();
    const signal = signalOf(target, z, map.apply(input, own.initial));
    return {
      layer,
      input,
      signal,
      query: new LayerQuery(map, input, signal, own, plan, node.rows),
    };
  });
  for (const { input, preActivation } of unasked(signals, layers)) {
    input.dispose();
    preActivation.dispose();
  }
  return questions;
}

/** W_0 and W_T of the layers. */
export async function layerWeights(
  source: RecordSource,
  layers: readonly TracedLayer[],
): Promise<Map<string, LayerWeights>> {
  const initial = await source.weights('initial');
  const final = await source.weights('final');
  return new Map(
    layers.map(({ name }) => [
      name,
      { initial: flattenedKernel(initial, name), final: flattenedKernel(final, name) },
    ]),
  );
}

function* unasked(
  signals: ReadonlyMap<string, LayerSignal>,
  layers: readonly TracedLayer[],
): Iterable<LayerSignal> {
  for (const [name, signal] of signals) {
    if (!layers.some((layer) => layer.name === name)) yield signal;
  }
}

/** W flattened [rows, columns], the bias as last row. */
function flattenedKernel(
  weights: readonly { readonly name: string; readonly data: Float32Array }[],
  layer: string,
): Float32Array {
  const [kernel, bias] = ['kernel', 'bias'].map(
    (part) => weights.find(({ name }) => name === `${layer}/${part}`)?.data,
  );
  if (!kernel) throw new Error(`no kernel of ${layer}`);
  if (!bias) return kernel;
  const flat = new Float32Array(kernel.length + bias.length);
  flat.set(kernel);
  flat.set(bias, kernel.length);
  return flat;
}

function nodeOf(network: Network, name: string): ResolvedNode {
  const node = network.model.nodes.find(({ spec }) => spec.name === name);
  if (!node) throw new Error(`no layer ${name}`);
  return node;
}
