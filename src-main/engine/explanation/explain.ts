import type * as tf from '@tensorflow/tfjs';
import { DeltascopeError, throwIfCancelled } from '../../../src-shared/errors';
import {
  type ExampleReference,
  type ExampleSplit,
  type Explanation,
  type ExplanationTarget,
  type ExplanationUnit,
  type LayerExplanation,
  targetName,
} from '../../../src-shared/explanation/explanation';
import type { ResolvedNode } from '../../../src-shared/model/resolved';
import type { OptimizerSpec } from '../../../src-shared/recipe/recipe';
import { softmax } from '../evaluation';
import { batchTensor, type Examples } from '../examples';
import { Kernels } from '../kernels/kernels';
import type { LayerSignal, Network } from '../network';
import { coefficientsAt, type StepCoefficients } from '../optimizer';
import type { RecordPart, RecordSource, TracedLayer } from '../records';
import { type Credit, credit } from './credit';
import { LayerQuery, type LayerWeights, type PassPlan } from './layer-query';
import { linearMap } from './linear-map';
import { partsOf, type TrainingExamples } from './shares';
import { type Signal, signalOf } from './signal';

/** A finished run, as an explanation needs it. */
export interface ExplainableRun {
  readonly name: string;
  readonly source: RecordSource;
  /** Holds the final weights. */
  readonly network: Network;
  readonly optimizer: OptimizerSpec;
  readonly splits: { readonly train: Examples; readonly test: Examples };
  /** Whether the recipe asked for each example's part. */
  readonly perExample: boolean;
}

export interface ExplainOptions {
  readonly examples: readonly ExampleReference[];
  /** Null: every layer that the target exists at. */
  readonly layers: readonly string[] | null;
  readonly target: ExplanationTarget;
  readonly unit: ExplanationUnit;
  /** Null: exact where each example's part was kept. */
  readonly exampleSplit: ExampleSplit | null;
  readonly top: number;
  /** False: γ alone; norms and cos stay 0, the residual is NaN. */
  readonly norms?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (stepsRead: number, steps: number) => void;
}

interface Question {
  readonly layer: TracedLayer;
  readonly input: tf.Tensor;
  readonly signal: Signal;
  readonly query: LayerQuery;
}

/**
 * Explains examples in one streaming pass over the trace: γ_t, cos_t and ‖Δ_t f‖ of every step
 * (Eq. 6 and 7), shares by class with initialization, ghost share and residual, and influential
 * examples (Alg. 1, Alg. 2).
 *
 * @throws `layer-missing`, `example-missing`, `request-invalid`, `cancelled`
 */
export async function explain(
  run: ExplainableRun,
  options: ExplainOptions,
): Promise<Explanation[]> {
  const { source } = run;
  const layers = chosenLayers(run, options);
  const coefficients = Array.from(source.steps.learningRate, (rate, t) =>
    coefficientsAt(run.optimizer, t, rate),
  );
  const credits = credit(coefficients);
  const batches = Array.from(source.allExamples(), ({ examples }) => examples);
  const plan: PassPlan = {
    kernels: await Kernels.create(),
    coefficients,
    credit: credits,
    byCredit: options.unit === 'credit',
    norms: options.norms ?? true,
    batchSizes: Int32Array.from(batches, (batch) => batch.length),
  };
  const weights = await layerWeights(source, layers);
  const asked = options.examples.map((reference) => {
    const { logits, signals } = finalSignals(run, reference);
    const questions = layers.map((layer): Question => {
      const map = linearMap(nodeOf(run.network, layer.name));
      const { input, preActivation } = signals.get(layer.name) as LayerSignal;
      const own = weights.get(layer.name) as LayerWeights;
      const z = Float64Array.from(preActivation.dataSync<'float32'>());
      preActivation.dispose();
      const signal = signalOf(options.target, z, map.apply(input, own.initial));
      return { layer, input, signal, query: new LayerQuery(map, input, signal, own, plan) };
    });
    for (const { input, preActivation } of unasked(signals, layers)) {
      input.dispose();
      preActivation.dispose();
    }
    return { reference, logits, questions };
  });

  try {
    await streamPast(
      run,
      layers,
      asked.flatMap(({ questions }) => questions),
      plan.kernels,
      options,
    );
    const training: TrainingExamples = {
      batches,
      labels: run.splits.train.labels,
      classes: run.network.model.classes,
    };
    return asked.map(({ reference, logits, questions }) => {
      const probabilities = Array.from(softmax(logits));
      const predicted = probabilities.indexOf(Math.max(...probabilities));
      const label = Number(run.splits[reference.split].labels[reference.index]);
      return {
        run: run.name,
        example: { ...reference, label, predicted, probabilities },
        layers: questions.map((question) =>
          layerExplanation(run, question, training, coefficients, credits, options),
        ),
      };
    });
  } finally {
    for (const { questions } of asked) {
      for (const { input, query } of questions) {
        input.dispose();
        query.dispose();
      }
    }
  }
}

/** W flattened [rows, columns], the bias as last row. */
export function flattenedKernel(
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

function chosenLayers({ source, network }: ExplainableRun, options: ExplainOptions): TracedLayer[] {
  const { layers: names, target } = options;
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

function finalSignals(
  run: ExplainableRun,
  { split, index }: ExampleReference,
): { logits: Float32Array; signals: Map<string, LayerSignal> } {
  const examples = run.splits[split];
  if (!Number.isInteger(index) || index < 0 || index >= examples.count) {
    throw new DeltascopeError(
      'example-missing',
      'engine',
      `There is no example ${split}:${index}; the split has examples 0 to ${examples.count - 1}.`,
    );
  }
  const tensor = batchTensor(examples, [index]);
  const { logits, layers } = run.network.signals(tensor);
  const values = logits.dataSync<'float32'>();
  tensor.dispose();
  logits.dispose();
  return { logits: values, signals: layers };
}

async function streamPast(
  { source }: ExplainableRun,
  layers: readonly TracedLayer[],
  questions: readonly Question[],
  kernels: Kernels,
  { exampleSplit, signal, onProgress }: ExplainOptions,
): Promise<void> {
  const byLayer = new Map(layers.map(({ name }) => [name, [] as LayerQuery[]]));
  for (const { layer, query } of questions) byLayer.get(layer.name)?.push(query);
  const scan = source.scan({
    layers: layers.map(({ name }) => name),
    parts: neededParts(source, layers, exampleSplit),
    buffer: kernels.buffer,
    ...(signal ? { signal } : {}),
  });
  for await (const parts of scan) {
    throwIfCancelled(signal, 'engine');
    for (const part of parts) {
      for (const query of byLayer.get(part.layer) ?? []) query.take(part);
    }
    const last = parts[parts.length - 1];
    if (last) onProgress?.(last.step + 1, source.steps.count);
  }
}

/** Rows are the larger record: they are read only where they are all there is, or asked for. */
function neededParts(
  { parts, storage }: RecordSource,
  layers: readonly TracedLayer[],
  exampleSplit: ExampleSplit | null,
): readonly RecordPart[] {
  const holdGradients = layers.every(({ name }) =>
    storage.get(name)?.parts.some(({ part }) => part === 'gradient'),
  );
  if (exampleSplit !== 'equal' || !holdGradients) return parts;
  return parts.filter((part) => part !== 'inputs' && part !== 'deltas');
}

async function layerWeights(
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

function layerExplanation(
  run: ExplainableRun,
  { layer, signal, query }: Question,
  training: TrainingExamples,
  coefficients: readonly StepCoefficients[],
  credits: Credit,
  options: ExplainOptions,
): LayerExplanation {
  const { steps } = run.source;
  const { target, unit } = options;
  const parts = partsOf(query.products, steps, training, {
    signal,
    learned: target.kind === 'learned',
    unit,
    coefficients,
    credit: credits,
    split: options.exampleSplit ?? (run.perExample ? 'exact' : 'equal'),
  });
  const { norm } = query.products;
  const cos = parts.gamma.map((gamma, t) => {
    const length = signal.directionNorm * (norm[t] as number);
    return length > 0 ? gamma / length : 0;
  });
  return {
    name: layer.name,
    kind: layer.kind,
    normSquared: signal.directionNorm ** 2,
    ...(target.kind === 'margin' ? { total: signal.total } : {}),
    initializationShare: parts.initialization / signal.total,
    ghostShare: parts.ghost / signal.total,
    residual: query.residual,
    errorBound: run.source.storage.get(layer.name)?.errorBound ?? 0,
    unit,
    target: targetName(target),
    steps: { gamma: parts.gamma, cos, norm, label: steps.label.slice() },
    classes: parts.classes,
    exampleSplit: parts.exampleSplit,
    examples: parts.examples.slice(0, options.top),
    opposing: parts.examples.slice(-options.top).reverse(),
  };
}

function nodeOf(network: Network, name: string): ResolvedNode {
  const node = network.model.nodes.find(({ spec }) => spec.name === name);
  if (!node) throw new Error(`no layer ${name}`);
  return node;
}
