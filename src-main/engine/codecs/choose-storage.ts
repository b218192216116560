import * as tf from '@tensorflow/tfjs';
import type { ResolvedNode } from '../../../src-shared/model/resolved';
import type { CodecSetting } from '../../../src-shared/recipe/recipe';
import { disposeRows, type Examples, labelsOf, rowsOf } from '../examples';
import type { LayerSignal } from '../layers/layer';
import type { Gradients, TracedGradients } from '../network';
import type { Optimizer } from '../optimizer-memory';
import type { LayerStorage, RecordPart, TracedLayer } from '../records';
import type { Batch } from '../sampler';
import type { Trainer } from '../step';
import {
  approximationsOf,
  type Candidate,
  candidatesFor,
  lowRankTerms,
  nameOf,
  type StorableLayer,
} from './candidates';
import { carried, type Rests } from './carried-rests';
import { encodeLowRank, lowRankStorage } from './encode-low-rank';
import { GammaErrors, queryCount } from './gamma-error';
import { productOfRows, type Rows, rebuildGradient } from './rebuild';
import { decode, encode, partStorage } from './storage';
import { storedOnce } from './stored-once';

/** Largest relative error of γ that a layer is stored with. */
export const largestError = 0.003;

/** How much larger than measured an error is taken to be: training goes on, and queries differ. */
const caution = 3;

/** How much more than that of few directions: what is left out comes back by more than the first steps show. */
const lowRankCaution = 2;

/** Factorising every step takes so long that while recording few directions have to be so much smaller. */
const worthFactorising = 1.5;

/** No smaller error is claimed of what is not exact, however little the first steps show. */
const leastError = 0.0005;

export interface StorageQuestion {
  readonly trainer: Trainer;
  readonly examples: Examples;
  /** Batches that errors are measured on, usually the first few of the training. */
  readonly batches: readonly Batch[];
  readonly kept: readonly RecordPart[];
  readonly setting: CodecSetting;
  /** Whether examples are changed at random from step to step. */
  readonly augments: boolean;
}

/** A layer whose ways to be stored are being compared. */
interface Compared {
  readonly storable: StorableLayer;
  readonly node: ResolvedNode;
  readonly candidates: readonly Candidate[];
  readonly queries: number;
  readonly errors: GammaErrors;
  /** What each approximation has left over of each part, as a recording would carry it on. */
  readonly rests: Rests;
}

/**
 * Chooses for each layer the smallest storage whose error of γ stays within `largestError`, measured
 * on real gradients against real signals: the input f and the pre-activation z of examples of the
 * batches. Takes no step. A layer that no approximation is good enough for stays fp32. What is the same of
 * an example in every step is stored once.
 */
export function chooseStorage(question: StorageQuestion): ReadonlyMap<string, LayerStorage> {
  const { trainer, batches } = question;
  const signals = askedExamples(batches).map((example) => signalsOf(question, example));
  const compared = new Map<string, Compared>();
  const optimizer = trainer.freshOptimizer();
  try {
    for (const batch of batches) {
      tf.tidy(() => {
        const found = storableOf(question, batch, optimizer);
        for (const layer of trainer.network.model.traced) {
          const traced = found.traced.get(layer.name) as TracedGradients;
          const known = compared.get(layer.name) ?? begin(question, layer, traced);
          compared.set(layer.name, known);
          if (known.candidates.length === 1) continue;
          const queries = signals.slice(0, known.queries).map((each) => {
            const { input, preActivation } = each.get(layer.name) as LayerSignal;
            return flattened(productOfRows(known.node, input, preActivation));
          });
          measure(known, found, traced, queries);
        }
      });
    }
  } finally {
    optimizer.dispose();
    for (const { input, preActivation } of signals.flatMap((each) => [...each.values()])) {
      input.dispose();
      preActivation.dispose();
    }
  }
  const { nodes } = trainer.network.model;
  const { augments } = question;
  return new Map(
    [...compared].map(([name, each]) => {
      const { layer } = each.storable;
      return [name, storedOnce(chosen(name, each), layer, { nodes, augments })];
    }),
  );
}

/** Examples whose γ is looked at, one by one: the batches' first, then their second, and so on. */
function askedExamples(batches: readonly Batch[]): Int32Array[] {
  const most = queryCount(0);
  const found: Int32Array[] = [];
  for (let row = 0; row < most && found.length < most; row++) {
    for (const { examples } of batches) {
      if (row < examples.length) found.push(examples.subarray(row, row + 1));
    }
  }
  return found.slice(0, most);
}

/** f and z of an example at every traced layer; the caller disposes the tensors. */
function signalsOf(
  { trainer, examples }: StorageQuestion,
  example: Int32Array,
): Map<string, LayerSignal> {
  const rows = rowsOf(examples, example);
  const { logits, layers } = trainer.network.signals(rows);
  disposeRows(rows);
  logits.dispose();
  return layers;
}

function chosen(layer: string, { candidates, errors }: Compared): LayerStorage {
  for (const { parts, rank, approximations } of candidates) {
    if (approximations.length === 0) return { layer, parts, errorBound: 0 };
    const measured = Math.max(...approximations.map((each) => errors.of(each)));
    const errorBound = Math.max(caution * measured, leastError);
    if (errorBound > largestError) continue;
    return { layer, parts, rank, errorBound: rank ? lowRankCaution * errorBound : errorBound };
  }
  throw new Error(`no storage for ${layer}`);
}

function storableOf(
  { trainer, examples }: StorageQuestion,
  batch: Batch,
  optimizer: Optimizer,
): Gradients {
  const rows = {
    batch: rowsOf(examples, batch.examples),
    labels: labelsOf(examples, batch.examples),
    ghosts: batch.ghosts.length > 0 ? rowsOf(examples, batch.ghosts) : null,
  };
  return trainer.storable(rows, batch, optimizer);
}

function begin(
  { trainer, kept, setting, batches }: StorageQuestion,
  layer: TracedLayer,
  traced: TracedGradients,
): Compared {
  const shapeOf = (groups: readonly tf.Tensor[]): number[] => [
    groups.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0),
    ...(groups[0]?.shape.slice(1) ?? []),
  ];
  const inputs = shapeOf(traced.inputs);
  const examples = traced.exampleRows && (batches[0]?.examples.length ?? 0);
  const node = trainer.network.model.nodes.find(({ spec }) => spec.name === layer.name);
  if (!node) throw new Error(`no layer ${layer.name}`);
  const lowRank = setting === 'compact' ? lowRankTerms(node, kept, worthFactorising) : null;
  const storable = { layer, inputs, deltas: shapeOf(traced.deltas), kept, examples, lowRank };
  const candidates = candidatesFor(storable, setting).filter(
    ({ parts, approximations }) =>
      !kept.includes('update') ||
      // The first updates of Adam are all of one size, and 8 bits would seem enough for any.
      (parts.every(({ part }) => part === 'update') &&
        approximations.every(({ codec }) => codec === 'int16')),
  );
  const queries = Math.min(queryCount(layer.rows * layer.columns), askedExamples(batches).length);
  return {
    storable,
    node,
    candidates,
    queries,
    errors: new GammaErrors(queries),
    rests: new Map(),
  };
}

function measure(
  { storable, node, candidates, errors, rests }: Compared,
  found: Gradients,
  traced: TracedGradients,
  queries: readonly Float32Array[],
): void {
  const { layer, kept } = storable;
  const whole = flattened(
    ['kernel', 'bias'].flatMap((key) => found.parameters.get(`${layer.name}/${key}`) ?? []),
  );
  const group = traced.ghost;
  const ghost =
    kept.includes('ghost') && group
      ? flattened(['kernel', 'bias'].flatMap((key) => group[key] ?? []))
      : null;
  const made = approximationsOf(candidates).map((by) => {
    const carryOf = (part: string) => carried(rests, `${part} ${nameOf(by)}`, whole.length);
    if (by.of === 'lowRank') {
      const stored = { parts: lowRankStorage(layer, ghost !== null), rank: by.rank };
      const carries = { gradient: carryOf('gradient'), ghost: ghost && carryOf('ghost') };
      const { decoded } = encodeLowRank(layer, stored, { gradient: whole, ghost }, carries);
      return { by, whole: decoded.gradient, ghost: decoded.ghost };
    }
    if (by.of === 'gradient') {
      const storage = partStorage('gradient', by.codec, whole.length);
      const approximate = (part: string, exact: Float32Array): Float32Array =>
        decode(encode(exact, storage, carryOf(part)), exact.length);
      return {
        by,
        whole: approximate('gradient', whole),
        ghost: ghost && approximate('ghost', ghost),
      };
    }
    const groups = traced.inputs.map((_, place) =>
      rebuildGradient(
        node,
        approximatedRows(traced.inputs[place] as tf.Tensor, by.codec),
        approximatedRows(traced.deltas[place] as tf.Tensor, by.codec),
      ),
    );
    return { by, whole: sumOf(groups), ghost: ghost && (groups[1] ?? null) };
  });
  errors.add(
    'gradient',
    queries,
    whole,
    made.map(({ by, whole: values }) => ({ by, values })),
  );
  if (!ghost) return;
  const ghosts = made.flatMap(({ by, ghost: values }) => (values ? [{ by, values }] : []));
  errors.add('ghost', queries, ghost, ghosts);
}

function approximatedRows(rows: tf.Tensor, codec: 'int16' | 'int8'): Rows {
  const { shape, size } = rows;
  const storage = partStorage('inputs', codec, size / (shape[0] ?? 1));
  return { shape, data: decode(encode(rows.dataSync<'float32'>(), storage), size) };
}

function flattened(tensors: readonly tf.Tensor[]): Float32Array {
  const all = new Float32Array(tensors.reduce((sum, { size }) => sum + size, 0));
  let at = 0;
  for (const tensor of tensors) {
    all.set(tensor.dataSync<'float32'>(), at);
    at += tensor.size;
  }
  return all;
}

function sumOf(groups: readonly Float32Array[]): Float32Array {
  const [first, ...others] = groups;
  const sum = (first as Float32Array).slice();
  for (const other of others) {
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (other[i] as number);
  }
  return sum;
}
