import type * as tf from '@tensorflow/tfjs';
import { DeltascopeError } from '../../../src-shared/errors';
import type {
  ExampleReference,
  ExplanationTarget,
} from '../../../src-shared/explanation/explanation';
import type { ResolvedNode } from '../../../src-shared/model/resolved';
import { rowsOf } from '../examples';
import { inTurns } from '../kernels/multiplier';
import type { LayerSignal } from '../layers/layer';
import type { Network } from '../network';
import type { PartHeader, RecordSource } from '../records';
import { inScope } from '../scope';
import {
  type ExplainableRun,
  type ExplainedLayer,
  explainedLayers,
  unrecordedLayers,
} from './explainable-run';
import { LayerPass, type PassPlan } from './layer-pass';
import { type LayerInput, linearMap } from './linear-map';
import { inner, type Signal, signalOf } from './signal';

/** All examples' questions to one layer. */
export interface LayerQuestions<P extends PartHeader> {
  readonly layer: ExplainedLayer;
  readonly signals: readonly Signal[];
  readonly pass: LayerPass<P>;
}

/**
 * The layers that were asked for by name, or all that the target exists at.
 *
 * @throws `layer-missing`, `request-invalid` for a margin elsewhere than at the output layer
 */
export function chosenLayers(
  run: ExplainableRun,
  names: readonly string[] | null,
  target: ExplanationTarget,
): ExplainedLayer[] {
  const { network } = run;
  const output = network.model.nodes.at(-1)?.spec.name;
  const layers = explainedLayers(run);
  const unrecorded = unrecordedLayers(run);
  for (const name of names ?? []) {
    if (layers.some((layer) => layer.name === name)) continue;
    const known = layers.map((layer) => layer.name).join(', ');
    throw new DeltascopeError(
      'layer-missing',
      'engine',
      unrecorded.includes(name)
        ? `Layer '${name}' was not recorded, so it can't be taken apart; recorded are ${known}.`
        : `The run records no layer '${name}'. Its layers are ${known}.`,
    );
  }
  if (target.kind !== 'margin') return layers.filter((l) => names?.includes(l.name) ?? true);
  const [a, b] = target.over;
  const { classes } = network.model;
  if (a === b || a >= classes || b >= classes) {
    throw new DeltascopeError(
      'request-invalid',
      'engine',
      `A margin needs two different classes from 0 to ${classes - 1}, not ${a} and ${b}.`,
    );
  }
  if (output !== undefined && unrecorded.includes(output)) {
    throw new DeltascopeError(
      'request-invalid',
      'engine',
      `A margin is taken apart at the output layer '${output}', which was not recorded; record the run again with it.`,
    );
  }
  const atOutput = layers.filter((layer) => layer.name === output);
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

/** What the final network says of an example. */
export interface FinalSignals {
  readonly logits: Float32Array;
  /** f and z of every layer asked for. */
  readonly layers: ReadonlyMap<string, FinalSignal>;
}

interface FinalSignal {
  readonly input: LayerInput;
  readonly preActivation: Float32Array;
}

/** Examples that go through the network together. */
const together = 32;

/** What the final network says of the examples, in their order. */
export function finalSignals(
  run: ExplainableRun,
  references: readonly ExampleReference[],
  layers: readonly ExplainedLayer[],
): FinalSignals[] {
  const found: FinalSignals[] = [];
  for (const split of ['train', 'test'] as const) {
    const examples = run.splits[split];
    const places = [...references.keys()].filter((at) => references[at]?.split === split);
    // Graphs are of different sizes: each goes alone.
    const most = examples.graphs ? 1 : together;
    for (let from = 0; from < places.length; from += most) {
      const chunk = places.slice(from, from + most);
      const indices = chunk.map((at) => references[at]?.index as number);
      const signals = inScope(() => {
        const rows = rowsOf(examples, indices);
        return separated(run.network.signals(rows), chunk.length, layers);
      });
      for (const [k, at] of chunk.entries()) found[at] = signals[k] as FinalSignals;
    }
  }
  return found;
}

/** The signals of several examples one by one: one behind the other in memory, read once. */
function separated(
  signals: ReturnType<Network['signals']>,
  count: number,
  layers: readonly ExplainedLayer[],
): FinalSignals[] {
  const logits = eachOf(signals.logits, count);
  const read = layers.map(({ name }) => {
    const { input, preActivation } = signals.layers.get(name) as LayerSignal;
    const [rows = 1, ...rest] = input.shape;
    return {
      name,
      shape: [rows / count, ...rest],
      inputs: eachOf(input, count),
      outputs: eachOf(preActivation, count),
    };
  });
  return Array.from(
    { length: count },
    (_, k): FinalSignals => ({
      logits: logits[k] as Float32Array,
      layers: new Map(
        read.map(({ name, shape, inputs, outputs }) => [
          name,
          {
            input: { values: inputs[k] as Float32Array, shape },
            preActivation: outputs[k] as Float32Array,
          },
        ]),
      ),
    }),
  );
}

/** A tensor's numbers in so many parts of equal length. */
function eachOf(tensor: tf.Tensor, count: number): Float32Array[] {
  const values = tensor.dataSync<'float32'>();
  const size = values.length / count;
  return Array.from({ length: count }, (_, k) => values.subarray(k * size, (k + 1) * size));
}

/** The questions of all examples, layer by layer. */
export async function askOf<P extends PartHeader>(
  { network, source }: ExplainableRun,
  layers: readonly ExplainedLayer[],
  finals: readonly FinalSignals[],
  weights: AskedWeights,
  target: ExplanationTarget,
  planOf: (layer: ExplainedLayer) => PassPlan<P>,
): Promise<LayerQuestions<P>[]> {
  const began = layers.map((layer) => {
    const { name } = layer;
    const node = nodeOf(network, name);
    const found = finals.map(({ layers }) => layers.get(name) as FinalSignal);
    const initial = weights.initial.get(name) as Float32Array;
    const { map, asked } = beginOf(node, found, layer.frozen ? null : initial, target);
    const plan = planOf(layer);
    const pass = new LayerPass(map, node.rows, asked, plan);
    return { node, initial, asked, pass, plan };
  });
  const questions = layers.map((layer, at): LayerQuestions<P> => {
    const { asked, pass } = began[at] as (typeof began)[number];
    return { layer, signals: asked.map(({ signal }) => signal), pass };
  });
  await inTurns(
    began[0]?.plan.multiplier.together ?? false,
    began.map(({ node, initial, asked, pass }) => async () => {
      const final = weights.final?.get(node.spec.name);
      const stored = source.storage.get(node.spec.name)?.parts ?? [];
      const byQuery = stored.some(({ part }) => part === 'gradient' || part === 'update');
      const found = target.kind === 'learned' ? [] : await pass.initial(initial, byQuery);
      for (const [k, value] of found.entries()) {
        (asked[k] as (typeof asked)[number]).signal.initial = value;
      }
      if (final) await pass.measure({ initial, final });
    }),
  );
  return questions;
}

/**
 * A layer's map and what is asked of it: f and Z of every example, ⟨Z, W_0 f⟩ still to be found.
 *
 * @param initial W_0; null where the layer is frozen, so that z − W_0 f is nothing
 */
function beginOf(
  node: ResolvedNode,
  found: readonly FinalSignal[],
  initial: Float32Array | null,
  target: ExplanationTarget,
) {
  const map = linearMap(node);
  const inputs = found.map(({ input }) => input);
  const isLearned = target.kind === 'learned';
  const maps = isLearned && initial ? map.apply(inputs, initial) : [];
  const asked = found.map(({ input, preActivation: z }, k) => {
    const initialMap = maps[k] ?? (isLearned ? z : null);
    const signal = signalOf(target, z, initialMap);
    const known = initialMap ? inner(signal.direction, initialMap) : 0;
    return { input, signal: { ...signal, initial: known } };
  });
  return { map, asked };
}

/** Weights by layer, flattened [rows, columns]. */
export interface AskedWeights {
  readonly initial: ReadonlyMap<string, Float32Array>;
  /** Only norms and residual need them. */
  readonly final: ReadonlyMap<string, Float32Array> | null;
}

/** Weights of runs that stay open, so that the next question need not read them again. */
const known = new WeakMap<RecordSource, Map<string, Promise<ReadonlyMap<string, Float32Array>>>>();

/** W_0 and, for norms, W_T of all linear maps. */
export async function layerWeights(source: RecordSource, norms: boolean): Promise<AskedWeights> {
  const read = known.get(source) ?? new Map<string, Promise<ReadonlyMap<string, Float32Array>>>();
  known.set(source, read);
  const flattened = (at: 'initial' | 'final'): Promise<ReadonlyMap<string, Float32Array>> => {
    const found = read.get(at) ?? flattenedWeights(source, at);
    read.set(at, found);
    found.catch(() => read.delete(at));
    return found;
  };
  return { initial: await flattened('initial'), final: norms ? await flattened('final') : null };
}

async function flattenedWeights(
  source: RecordSource,
  at: 'initial' | 'final',
): Promise<ReadonlyMap<string, Float32Array>> {
  const stored = await source.weights(at);
  const layers = stored.flatMap(({ name }) => /^(.*)\/kernel$/.exec(name)?.[1] ?? []);
  return new Map(layers.map((name) => [name, flattenedKernel(stored, name)]));
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
