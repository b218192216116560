import * as tf from '@tensorflow/tfjs';
import { sizeOf } from '../../../src-shared/model/resolved';
import type { Gradients, TracedGradients } from '../network';
import type {
  EncodedArray,
  LayerStorage,
  PartRecord,
  PartStorage,
  RecordPart,
  TracedLayer,
} from '../records';
import { isLowRank } from './encode-low-rank';
import { type CarryOf, packWholes } from './pack-wholes';
import { type Asked, flattened, readEncoded } from './read-encoded';
import { OwnRooms, type RecordRooms } from './record-rooms';
import { decode } from './storage';

/**
 * Brings a step's records out of the tensor runtime, each byte once, quantised where the storage
 * says so. Gives a layer's `inputs`, or its `rows` where there are new ones, before its `deltas`.
 */
export function readParts(
  layers: readonly TracedLayer[],
  found: Gradients,
  storage: ReadonlyMap<string, LayerStorage>,
  updates: ReadonlyMap<string, tf.Tensor> = new Map(),
  kept: Kept = { carryOf: () => null, rooms: new OwnRooms(), fresh: new Int32Array(0) },
): PartRecord[] {
  kept.rooms.begin();
  const asked: Asked[] = [];
  const ask = (layer: TracedLayer, each: PartStorage, traced: TracedGradients): Place => {
    const { part } = each;
    const tensors =
      part === 'update'
        ? parametersOf(layer, updates)
        : part === 'rows'
          ? someRows(traced.inputs, kept.fresh)
          : tensorsOf(layer, part, found, traced);
    const shape = part === 'rows' ? shapeOfRows(tensors) : shapeOf(layer, part, traced);
    const count = sizeOf(shape);
    const room = kept.rooms.of(`${part}/${layer.name}`, each, count);
    asked.push({ tensors, shape, storage: each, carry: kept.carryOf(layer, each), room });
    return { layer: layer.name, part, shape };
  };
  const places = layers.flatMap((layer): (ReadPart | Place)[] => {
    const traced = found.traced.get(layer.name) as TracedGradients;
    const stored = storage.get(layer.name) as LayerStorage;
    if (isLowRank(stored)) return readLowRank(layer, found, traced, stored, kept);
    return stored.parts.flatMap((each) => {
      const isEmpty = each.part === 'rows' && kept.fresh.length === 0;
      return isEmpty ? [] : [ask(layer, each, traced)];
    });
  });
  const read = readEncoded(asked).values();
  return places.map((place) =>
    place instanceof ReadPart
      ? place
      : new ReadPart(place.layer, place.part, place.shape, read.next().value as EncodedArray),
  );
}

/** A part that is yet to be read. */
type Place = Pick<PartRecord, 'layer' | 'part' | 'shape'>;

/** What is kept from step to step. */
export interface Kept {
  readonly carryOf: CarryOf;
  /** Where a step's numbers are put. */
  readonly rooms: RecordRooms;
  /** Rows of X, counted through its groups, whose examples no earlier step has taken. */
  readonly fresh: Int32Array;
}

/** A part as it was read: decoded only for those who ask. */
class ReadPart implements PartRecord {
  constructor(
    readonly layer: string,
    readonly part: RecordPart,
    readonly shape: readonly number[],
    readonly encoded: EncodedArray,
  ) {}

  get data(): Float32Array {
    return decode(this.encoded, sizeOf(this.shape));
  }
}

/** A layer as few directions. */
function readLowRank(
  layer: TracedLayer,
  found: Gradients,
  traced: TracedGradients,
  stored: LayerStorage,
  { carryOf }: Kept,
): ReadPart[] {
  const [gradient, ghost] = (['gradient', 'ghost'] as const).map((part) =>
    flattened(tensorsOf(layer, part, found, traced), layer.rows * layer.columns),
  ) as [Float32Array, Float32Array];
  return packWholes(layer, stored, { gradient, ghost }, carryOf).map(
    ({ part, shape, encoded }) => new ReadPart(layer.name, part, shape, encoded),
  );
}

/** The tensors that make a part, one after another; none for the ghosts of a step without any. */
function tensorsOf(
  layer: TracedLayer,
  part: RecordPart,
  found: Gradients,
  traced: TracedGradients,
): readonly tf.Tensor[] {
  if (part === 'inputs' || part === 'deltas') return traced[part];
  if (part === 'examples') return ownGradients(layer, traced);
  if (part === 'gradient') return parametersOf(layer, found.parameters);
  return ['kernel', 'bias'].flatMap((key) => traced.ghost?.[key] ?? []);
}

/** x_iᵀ d_i of the batch's examples, each as the kernel's part and the bias'. */
function ownGradients(layer: TracedLayer, traced: TracedGradients): readonly tf.Tensor[] {
  const [x, d] = [traced.inputs[0], traced.deltas[0]] as [tf.Tensor2D, tf.Tensor2D];
  let at = 0;
  return Array.from(traced.exampleRows ?? []).flatMap((count) => {
    const [own, delta] = [x, d].map((rows) => tf.slice(rows, [at, 0], [count, -1]));
    at += count;
    if (!own || !delta) return [];
    const kernel = tf.matMul(own, delta, true, false);
    return layer.bias ? [kernel, tf.sum(delta, 0)] : [kernel];
  });
}

/** Some rows of groups of rows, places ascending; where it is all of a group, the group itself. */
function someRows(groups: readonly tf.Tensor[], places: Int32Array): readonly tf.Tensor[] {
  let first = 0;
  return groups.flatMap((group): tf.Tensor[] => {
    const [count = 0] = group.shape;
    const own = places.filter((place) => place >= first && place < first + count);
    const from = first;
    first += count;
    if (own.length === 0) return [];
    if (own.length === count) return [group];
    return [
      tf.gather(
        group,
        tf.tensor1d(
          own.map((place) => place - from),
          'int32',
        ),
      ),
    ];
  });
}

function parametersOf(
  { name }: TracedLayer,
  tensors: ReadonlyMap<string, tf.Tensor>,
): readonly tf.Tensor[] {
  return ['kernel', 'bias'].flatMap((key) => tensors.get(`${name}/${key}`) ?? []);
}

function shapeOf(
  { rows, columns }: TracedLayer,
  part: RecordPart,
  traced: TracedGradients,
): readonly number[] {
  if (part === 'examples') return [traced.exampleRows?.length ?? 0, rows, columns];
  return part === 'inputs' || part === 'deltas' ? shapeOfRows(traced[part]) : [rows, columns];
}

/** Groups of rows as one array. */
function shapeOfRows(groups: readonly tf.Tensor[]): readonly number[] {
  const count = groups.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0);
  return [count, ...(groups[0]?.shape.slice(1) ?? [])];
}
