import type * as tf from '@tensorflow/tfjs';
import { sizeOf } from '../../../src-shared/model/resolved';
import { nativeBackend } from '../backend';
import type { EncodedArray, PartStorage } from '../records';
import { type Carry, emptyQuantised, notFinite, type Quantised } from './quantisation';
import { encode } from './storage';

/** Tensors that are to be read one after another as one array. */
export interface Asked {
  readonly tensors: readonly tf.Tensor[];
  /** Of the whole; where there are no tensors, zeros in that shape. */
  readonly shape: readonly number[];
  readonly storage: PartStorage;
  /** What earlier steps left over of quantised numbers; null where nothing is carried on. */
  readonly carry: Carry | null;
  /** Arrays for just so many numbers in this storage, to be written over; null: new ones. */
  readonly room: EncodedArray | null;
}

/**
 * Reads arrays out of the tensor runtime, encoded, in the order asked. Where the binding to TensorFlow can,
 * it quantises all of them in one call straight from TensorFlow's memory, so that no fp32 copy is ever made.
 *
 * @throws `training-diverged` where a number that is to be quantised is not finite
 */
export function readEncoded(all: readonly Asked[]): EncodedArray[] {
  const native = nativeBackend();
  if (!native?.binding.quantiseTensors) return all.map(encodedOf);
  const tensors: tf.Tensor[] = [];
  const plan: number[] = [];
  const arrays: (Quantised['values'] | Float32Array | null)[] = [];
  const read = all.map((asked) => {
    const { codec, block } = asked.storage;
    const made = roomFor(asked);
    if (!made) return encodedOf(asked);
    tensors.push(...asked.tensors);
    plan.push(asked.tensors.length, bits[codec], block, asked.carry?.ratio ?? 0);
    arrays.push(
      made.values,
      made.codec === 'dense' ? null : made.scales,
      asked.carry?.rest ?? null,
    );
    return made;
  });
  const ids = native.getInputTensorIds(tensors);
  const areFinite = native.binding.quantiseTensors(ids, Float64Array.from(plan), arrays);
  if (!areFinite) throw notFinite();
  return read;
}

const bits = { dense: 32, int16: 16, int8: 8, int4: 4 } as const;

/** Arrays that the binding writes to; null where the runtime had better give its own. */
function roomFor({ tensors, shape, storage, room }: Asked): EncodedArray | null {
  const { codec, block } = storage;
  if (tensors.length === 0) return null;
  if (room?.codec === codec || codec === 'dense') return room;
  return emptyQuantised(codec, sizeOf(shape), block);
}

function encodedOf({ tensors, shape, storage, carry, room }: Asked): EncodedArray {
  return encode(flattened(tensors, sizeOf(shape), room), storage, carry);
}

/**
 * The values of several tensors; of one tensor without a copy, unless there is a room for them; zeros of
 * none.
 */
export function flattened(
  tensors: readonly tf.Tensor[],
  count: number,
  room: EncodedArray | null = null,
): Float32Array {
  const [first] = tensors;
  const kept = room?.codec === 'dense' ? room.values : null;
  if (tensors.length === 1 && first && !kept) return first.dataSync<'float32'>();
  const values = kept ?? new Float32Array(count);
  let at = 0;
  for (const tensor of tensors) {
    values.set(tensor.dataSync<'float32'>(), at);
    at += tensor.size;
  }
  return tensors.length > 0 ? values : values.fill(0);
}
