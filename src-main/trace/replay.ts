import { CompletedInputs } from '../engine/codecs/completed-inputs';
import type { NamedArray, TracedLayer } from '../engine/records';
import { damaged, fileOfRun } from './failures';
import type { TraceReader } from './trace-reader';

/** A layer's weights as one [rows, columns] matrix (bias last), and the optimizer's memory of it. */
export interface LayerState {
  readonly weights: Float32Array;
  /** b_t of the design's recursion; null where the optimizer has none yet. */
  readonly velocity: Float32Array | null;
}

export interface AppliedUpdate extends LayerState {
  /** Δ_t as the optimizer formed it; absent: the difference of the weights after and before. */
  readonly update?: Float32Array;
}

/**
 * One step of the optimizer on one layer's matrix, with the arithmetic that trained the run: the
 * result must be the same bits. Must leave `state` as it is.
 */
export type ApplyUpdate = (
  state: LayerState,
  gradient: Float32Array,
  at: { readonly step: number; readonly learningRate: number },
) => AppliedUpdate;

/** Numbers of a part with their shape. */
export interface Rows {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** The gradient Xᵀ D of a layer that is stored as its factors, [rows, columns], bias last. */
export type RebuildGradient = (layer: TracedLayer, inputs: Rows, deltas: Rows) => Float32Array;

/** The gradient Bᵀ C of a layer that is stored as few directions, [rows, columns], bias last. */
export type MultiplyDirections = (basis: Rows, coordinates: Rows) => Float32Array;

/** How a replay gets from what is stored to weights. */
export interface ReplayRules {
  readonly apply: ApplyUpdate;
  /** Needed where a layer is stored as factors. */
  readonly rebuild?: RebuildGradient;
  /** Needed where a layer is stored as few directions. */
  readonly multiply?: MultiplyDirections;
}

/** Plain SGD in fp32: W − η g, each operation rounded as the tensor runtime rounds it. */
export const plainSgd: ApplyUpdate = ({ weights }, gradient, { learningRate }) => {
  const rate = Math.fround(learningRate);
  const update = new Float32Array(gradient.length);
  const next = new Float32Array(gradient.length);
  for (let index = 0; index < gradient.length; index += 1) {
    const change = Math.fround((gradient[index] ?? 0) * rate);
    update[index] = -change;
    next[index] = (weights[index] ?? 0) - change;
  }
  return { weights: next, velocity: null, update };
};

/** A step of a layer as the replay gives it. */
export interface ReplayedStep {
  readonly step: number;
  readonly layer: string;
  readonly before: LayerState;
  readonly after: AppliedUpdate;
}

function joined(arrays: readonly (NamedArray | undefined)[]): Float32Array | null {
  const present = arrays.filter((array) => array !== undefined);
  if (present.length === 0) return null;
  const all = new Float32Array(present.reduce((sum, { data }) => sum + data.length, 0));
  let position = 0;
  for (const { data } of present) {
    all.set(data, position);
    position += data.length;
  }
  return all;
}

/** Names of a layer's parameters in the export, in the order in which the matrix holds them. */
export function parameterNames(layer: TracedLayer): readonly string[] {
  return layer.bias ? [`${layer.name}/kernel`, `${layer.name}/bias`] : [`${layer.name}/kernel`];
}

function stateOf(
  layer: TracedLayer,
  tensors: ReadonlyMap<string, NamedArray>,
  place: string,
): LayerState {
  const names = parameterNames(layer);
  const weights = joined(names.map((name) => tensors.get(name)));
  if (weights?.length !== layer.rows * layer.columns) {
    throw damaged(place, `it does not hold the weights of "${layer.name}"`);
  }
  return { weights, velocity: joined(names.map((name) => tensors.get(`optimizer/${name}`))) };
}

/** The newest checkpoint that is not after `step`, with its tensors by name in the file's order. */
export async function checkpointBefore(
  reader: TraceReader,
  step: number,
): Promise<{ readonly step: number; readonly tensors: Map<string, NamedArray>; place: string }> {
  const stored = reader.checkpoints.find((checkpoint) => checkpoint.step <= step);
  const index = fileOfRun(reader.folder, 'index.sqlite');
  if (!stored) throw damaged(index, `it has no checkpoint before step ${step}`);
  const tensors = await reader.checkpointTensors(stored);
  return {
    step: stored.step,
    tensors: new Map(tensors.map((tensor) => [tensor.name, tensor])),
    place: fileOfRun(reader.folder, stored.file),
  };
}

/**
 * Applies the recorded gradients of some layers again, from the nearest checkpoint up to the step
 * before `to`, and gives each step's update from `from` on.
 *
 * @throws DeltascopeError `trace-damaged`, `no-permission` or `cancelled`.
 */
export async function* replay(
  reader: TraceReader,
  layers: readonly TracedLayer[],
  range: { readonly from: number; readonly to: number },
  rules: ReplayRules,
  signal?: AbortSignal,
): AsyncGenerator<ReplayedStep> {
  const start = await checkpointBefore(reader, range.from);
  const states = new Map(
    layers.map((layer) => [layer.name, stateOf(layer, start.tensors, start.place)]),
  );
  const steps = { from: start.step, to: range.to };
  for await (const { step, layer, gradient } of gradients(reader, layers, steps, rules, signal)) {
    const before = states.get(layer);
    if (!before || before.weights.length !== gradient.length) {
      throw damaged(reader.folder, `step ${step} does not fit layer "${layer}"`);
    }
    const learningRate = reader.steps.learningRate[step] ?? Number.NaN;
    const after = rules.apply(before, gradient, { step, learningRate });
    states.set(layer, after);
    if (step >= range.from) yield { step, layer, before, after };
  }
}

/** Whether a part is all that a step's update follows from. */
function isWhole({ part }: { readonly part: string }): boolean {
  return part === 'gradient' || part === 'update';
}

/** The gradients of some layers in the order of the steps, decoded, or rebuilt from factors. */
async function* gradients(
  reader: TraceReader,
  layers: readonly TracedLayer[],
  { from, to }: { readonly from: number; readonly to: number },
  { rebuild, multiply }: ReplayRules,
  signal: AbortSignal | undefined,
): AsyncGenerator<{ step: number; layer: string; gradient: Float32Array }> {
  const byFactors = new Map(
    layers
      .filter(({ name }) => !reader.storage.get(name)?.parts.some(isWhole))
      .map((layer) => [layer.name, layer]),
  );
  const names = layers.map(({ name }) => name);
  const parts = [
    'gradient',
    'update',
    ...(byFactors.size > 0 ? (['inputs', 'rows', 'deltas', 'basis', 'coordinates'] as const) : []),
  ] as const;
  const firsts = new Map<string, Rows>();
  const query = { layers: names, parts, from, to, ...(signal ? { signal } : {}) };
  for await (const batch of new CompletedInputs(reader, names).scan(query)) {
    for (const part of batch) {
      const { step, layer } = part;
      if (isWhole(part)) yield { step, layer, gradient: part.data };
      const factored = byFactors.get(layer);
      if (!factored) continue;
      if (part.part === 'inputs' || part.part === 'basis') {
        // Kept over to the next batch, when the scan's buffer is another step's.
        firsts.set(layer, { shape: part.shape, data: part.data.slice() });
        continue;
      }
      const first = firsts.get(layer);
      if (part.part === 'deltas' && first && rebuild) {
        yield { step, layer, gradient: rebuild(factored, first, part) };
      } else if (part.part === 'coordinates' && first && multiply) {
        yield { step, layer, gradient: multiply(first, part) };
      } else if (!isWhole(part)) {
        throw damaged(reader.folder, `layer "${layer}" has no gradient`);
      }
    }
  }
}
