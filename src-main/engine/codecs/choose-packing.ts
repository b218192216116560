import { type ResolvedNode, sizeOf } from '../../../src-shared/model/resolved';
import type { CodecSetting } from '../../../src-shared/recipe/recipe';
import type { LayerStorage, PartStorage, RecordPart, RecordSource, TracedLayer } from '../records';
import {
  type Approximation,
  approximationsOf,
  type Candidate,
  candidatesFor,
  lowRankTerms,
  nameOf,
} from './candidates';
import { carried, type Rests } from './carried-rests';
import { largestError } from './choose-storage';
import { holdsRows } from './completed-inputs';
import { encodeLowRank, isLowRank, lowRankStorage, type Wholes } from './encode-low-rank';
import { GammaErrors } from './gamma-error';
import { rebuildGradient } from './rebuild';
import {
  type StepPart,
  type StepParts,
  sampledParts,
  sampledSteps,
  wholesOf,
} from './sampled-parts';
import { decode, encode, encodedBytes, partStorage } from './storage';
import { storedOnce } from './stored-once';

/** How much larger than measured an error is taken to be: other steps, other queries. */
const caution = 3;

/** No smaller error is claimed of what is not exact. */
const leastError = 0.0005;

export interface PackingQuestion {
  readonly source: RecordSource;
  readonly nodes: readonly ResolvedNode[];
  /** The parts that such a run keeps where nothing is packed. */
  readonly recorded: readonly RecordPart[];
  /** Q of some examples in the final network at a layer, flattened. */
  readonly queriesOf: (layer: string) => readonly Float32Array[];
  readonly setting: CodecSetting;
  /** Whether the run's examples were changed at random from step to step. */
  readonly augments: boolean;
}

/**
 * Chooses for each layer of a recorded run the smallest storage that what is stored can be turned
 * into, the error of γ that is added measured on steps of the run against the final network. A layer
 * stays as it is where nothing smaller keeps within `largestError`, what it carries already included. Rows of X
 * that are the same in every step are then stored once.
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
  const steps: StepParts[] = [];
  for await (const each of sampledParts(layer, current, source, sampledSteps)) steps.push(each);
  const first = steps[0];
  if (!first) return current;
  // A step's X is whole here, whichever way it is stored.
  const plain = { ...current, parts: current.parts.map(asInputs) };
  const once = storedOnce(plain, layer, question);
  const isOnce = once !== plain;
  const shapeOf = (part: 'inputs' | 'deltas') => {
    const shape = first.parts.get(part)?.shape ?? [0];
    return part === 'inputs' && isOnce ? [rowsOnce(question), ...shape.slice(1)] : shape;
  };
  const node = question.nodes.find(({ spec }) => spec.name === layer.name) as ResolvedNode;
  const lowRank = lowRankTerms(node, question.recorded, 1);
  // From few directions the whole matrices follow, as they were stored.
  const kept = isLowRank(current) ? question.recorded : plain.parts.map(({ part }) => part);
  const examples = first.parts.get('examples')?.shape[0] ?? null;
  const storable = {
    ...{ layer, kept, examples, lowRank },
    ...{ inputs: shapeOf('inputs'), deltas: shapeOf('deltas') },
  };
  const sizeWith = (inputs: number | undefined): number =>
    plain.parts.reduce((sum, part) => {
      const { length } = first.parts.get(part.part)?.data ?? [];
      return sum + encodedBytes(part, part.part === 'inputs' ? (inputs ?? length) : length);
    }, 0);
  const onceSize = isOnce ? sizeWith(sizeOf(storable.inputs)) : Number.POSITIVE_INFINITY;
  const size = holdsRows(source, layer.name) ? onceSize : sizeWith(undefined);
  const ways = candidatesFor(storable, setting);
  const candidates = [{ parts: plain.parts, approximations: [], bytes: onceSize }, ...ways]
    .filter(
      ({ parts, rank, bytes }: Candidate) =>
        bytes < size && (rank || parts.every(({ part }) => kept.includes(part))),
    )
    .sort((one, other) => one.bytes - other.bytes);
  if (candidates.length === 0) return current;
  const errors = measured(
    { layer, node, hasGhosts: lowRank?.ghosts ?? false },
    steps,
    candidates,
    question.queriesOf(layer.name),
  );
  for (const { parts, rank, approximations } of candidates) {
    const boundWith = (errorOf: (by: Approximation) => number): number => {
      if (approximations.length === 0) return current.errorBound;
      const added = Math.max(...approximations.map(errorOf));
      return current.errorBound + Math.max(caution * added, leastError);
    };
    if (boundWith((each) => errors.of(each)) > largestError) continue;
    const errorBound = boundWith((each) => errors.told(each));
    const found = { layer: layer.name, parts, rank, errorBound };
    return isOnce ? storedOnce(found, layer, question) : found;
  }
  return current;
}

function asInputs(each: PartStorage): PartStorage {
  return each.part === 'rows' ? { ...each, part: 'inputs' } : each;
}

/** How many rows of X a step stores where each example's is stored once, spread over all steps. */
function rowsOnce({ source, recorded }: PackingQuestion): number {
  const seen = new Set<number>();
  for (const { examples, ghosts } of source.allExamples()) {
    for (const example of examples) seen.add(example);
    if (recorded.includes('ghost')) for (const ghost of ghosts) seen.add(ghost);
  }
  return seen.size / source.steps.count;
}

interface Approximated extends Wholes<Float32Array> {
  readonly by: Approximation;
}

/** A layer and what is to be told of it. */
interface Measured {
  readonly layer: TracedLayer;
  readonly node: ResolvedNode;
  readonly hasGhosts: boolean;
}

function measured(
  { layer, node, hasGhosts }: Measured,
  steps: readonly StepParts[],
  candidates: readonly Candidate[],
  queries: readonly Float32Array[],
): GammaErrors {
  const errors = new GammaErrors(queries.length);
  const rests: Rests = new Map();
  const all = approximationsOf(candidates);
  for (const { parts: step, batch } of steps) {
    const [x, d] = (['inputs', 'deltas'] as const).map((part) => step.get(part));
    const wholes = wholesOf(layer, node, { parts: step, batch });
    if (!wholes) continue;
    const made = all.flatMap((by): Approximated[] => {
      const carryOf = (part: 'gradient' | 'ghost') =>
        carried(rests, `${part} ${nameOf(by)}`, wholes.gradient.length);
      if (by.of === 'lowRank') {
        const stored = { parts: lowRankStorage(layer, hasGhosts), rank: by.rank };
        const told = hasGhosts ? wholes : { ...wholes, ghost: null };
        const carries = { gradient: carryOf('gradient'), ghost: told.ghost && carryOf('ghost') };
        const { decoded } = encodeLowRank(layer, stored, told, carries);
        return [{ by, ...decoded }];
      }
      if (by.of === 'gradient') {
        if (!step.has('gradient') && !step.has('update') && !step.has('basis')) return [];
        const approximate = (part: 'gradient' | 'ghost', exact: Float32Array): Float32Array => {
          const storage = partStorage(part, by.codec, exact.length);
          return decode(encode(exact, storage, carryOf(part)), exact.length);
        };
        const { gradient, ghost } = wholes;
        return [
          {
            by,
            gradient: approximate('gradient', gradient),
            ghost: ghost && approximate('ghost', ghost),
          },
        ];
      }
      if (!x || !d) return [];
      const [near, far] = [x, d].map((rows) => ({ ...rows, data: approximated(rows, by) }));
      return near && far ? [{ by, gradient: rebuildGradient(node, near, far), ghost: null }] : [];
    });
    errors.add(
      'gradient',
      queries,
      wholes.gradient,
      made.map(({ by, gradient: values }) => ({ by, values })),
    );
    if (!wholes.ghost) continue;
    const ghosts = made.flatMap(({ by, ghost: values }) => (values ? [{ by, values }] : []));
    errors.add('ghost', queries, wholes.ghost, ghosts);
  }
  return errors;
}

/** Rows of factors as packing stores them. */
function approximated({ shape, data }: StepPart, { codec }: Approximation): Float32Array {
  const storage = partStorage('inputs', codec, data.length / (shape[0] ?? 1));
  return decode(encode(data, storage), data.length);
}
