import type { ResolvedNode } from '../../../src-shared/model/resolved';
import type { CodecSetting } from '../../../src-shared/recipe/recipe';
import type { LayerStorage, RecordSource, StoredPart, TracedLayer } from '../records';
import { type Approximation, type Candidate, candidatesFor } from './candidates';
import { largestError } from './choose-storage';
import { GammaErrors } from './gamma-error';
import { rebuildGradient } from './rebuild';
import { copyOf, decode, encode, encodedBytes, partStorage } from './storage';

/** Steps that errors are measured on, spread over the run. */
const sampledSteps = 24;

/** How much larger than measured an error is taken to be: other steps, other queries. */
const caution = 3;

/** No smaller error is claimed of what is not exact. */
const leastError = 0.0005;

export interface PackingQuestion {
  readonly source: RecordSource;
  readonly nodes: readonly ResolvedNode[];
  /** Q of some examples in the final network at a layer, flattened. */
  readonly queriesOf: (layer: string) => readonly Float32Array[];
  readonly setting: CodecSetting;
}

/**
 * Chooses for each layer of a recorded run the smallest storage that what is stored can be turned
 * into, the error of γ that is added measured on steps of the run against the final network. A layer
 * stays as it is where nothing smaller keeps within `largestError`, what it carries already included.
 */
export async function choosePacking(
  question: PackingQuestion,
): Promise<ReadonlyMap<string, LayerStorage>> {
  const chosen = new Map<string, LayerStorage>();
  for (const layer of question.source.layers) {
    chosen.set(layer.name, await packingOf(layer, question));
  }
  return chosen;
}

async function packingOf(layer: TracedLayer, question: PackingQuestion): Promise<LayerStorage> {
  const { source, setting } = question;
  const current = source.storage.get(layer.name) as LayerStorage;
  const steps = await sampledParts(layer, current, source);
  const first = steps[0];
  if (!first) return current;
  const shapeOf = (part: 'inputs' | 'deltas') => first.get(part)?.shape ?? [0];
  const kept = current.parts.map(({ part }) => part);
  const examples = first.get('examples')?.shape[0] ?? null;
  const storable = {
    ...{ layer, kept, examples },
    ...{ inputs: shapeOf('inputs'), deltas: shapeOf('deltas') },
  };
  const size = current.parts.reduce((sum, part) => {
    const count = first.get(part.part)?.data.length ?? 0;
    return sum + encodedBytes(part, count);
  }, 0);
  const candidates = candidatesFor(storable, setting).filter(
    ({ parts, bytes }) => bytes < size && parts.every(({ part }) => kept.includes(part)),
  );
  if (candidates.length === 0) return current;
  const node = question.nodes.find(({ spec }) => spec.name === layer.name) as ResolvedNode;
  const errors = measured(node, steps, candidates, question.queriesOf(layer.name));
  for (const { parts, approximations } of candidates) {
    const added = Math.max(0, ...approximations.map((each) => errors.of(each)));
    const lossy = approximations.length > 0;
    const errorBound = current.errorBound + (lossy ? Math.max(caution * added, leastError) : 0);
    if (errorBound <= largestError) return { layer: layer.name, parts, errorBound };
  }
  return current;
}

type StepParts = ReadonlyMap<string, Pick<StoredPart, 'shape' | 'data'>>;

/** A layer's parts of some steps, in memory of their own. */
async function sampledParts(
  { name }: TracedLayer,
  { parts }: LayerStorage,
  source: RecordSource,
): Promise<StepParts[]> {
  const { count } = source.steps;
  const found: StepParts[] = [];
  const wanted = Math.min(sampledSteps, count);
  for (let i = 0; i < wanted; i++) {
    const from = Math.floor((i * count) / wanted);
    const step = new Map<string, Pick<StoredPart, 'shape' | 'data'>>();
    const query = { layers: [name], parts: parts.map(({ part }) => part), from, to: from + 1 };
    for await (const batch of source.scan(query)) {
      for (const { part, shape, encoded } of batch) {
        const size = shape.reduce((product, side) => product * side, 1);
        step.set(part, { shape, data: decode(copyOf(encoded), size) });
      }
    }
    found.push(step);
  }
  return found;
}

interface Approximated {
  readonly by: Approximation;
  readonly values: Float32Array;
}

function measured(
  node: ResolvedNode,
  steps: readonly StepParts[],
  candidates: readonly Candidate[],
  queries: readonly Float32Array[],
): GammaErrors {
  const errors = new GammaErrors(queries.length);
  const rests: Rests = new Map();
  const wanted = new Map<string, Approximation>();
  for (const each of candidates.flatMap(({ approximations }) => approximations)) {
    wanted.set(`${each.of} ${each.codec}`, each);
  }
  const all = [...wanted.values()];
  for (const step of steps) {
    const [ghost, x, d] = (['ghost', 'inputs', 'deltas'] as const).map((part) => step.get(part));
    // γ of an update is measured as that of a gradient is.
    const gradient = step.get('gradient') ?? step.get('update');
    const rebuilt = x && d ? rebuildGradient(node, x, d) : null;
    const whole = gradient?.data ?? rebuilt;
    if (!whole) continue;
    const made = all.flatMap((by): Approximated[] => {
      if (by.of === 'gradient')
        return gradient ? [{ by, values: carriedOn('gradient', gradient, by, rests) }] : [];
      if (!x || !d) return [];
      const [near, far] = [x, d].map((rows) => ({ ...rows, data: approximated(rows, by) }));
      return near && far ? [{ by, values: rebuildGradient(node, near, far) }] : [];
    });
    errors.add('gradient', queries, whole, made);
    if (!ghost) continue;
    const ghosts = all
      .filter((by) => by.of === 'gradient')
      .map((by) => ({ by, values: carriedOn('ghost', ghost, by, rests) }));
    errors.add('ghost', queries, ghost.data, ghosts);
  }
  return errors;
}

/** What rounding has left over of each part, by codec. */
type Rests = Map<string, Float32Array>;

/**
 * A part as packing stores it, what was left over of the step measured before added: that of the step
 * before is no larger or smaller.
 */
function carriedOn(
  part: 'gradient' | 'ghost',
  { data }: Pick<StoredPart, 'data'>,
  { codec }: Approximation,
  rests: Rests,
): Float32Array {
  const key = `${part} ${codec}`;
  const rest = rests.get(key) ?? new Float32Array(data.length);
  rests.set(key, rest);
  const storage = partStorage(part, codec, data.length);
  return decode(encode(data, storage, { rest, ratio: 1 }), data.length);
}

/** Rows of factors as packing stores them. */
function approximated(
  { shape, data }: Pick<StoredPart, 'shape' | 'data'>,
  { codec }: Approximation,
): Float32Array {
  const storage = partStorage('inputs', codec, data.length / (shape[0] ?? 1));
  return decode(encode(data, storage), data.length);
}
