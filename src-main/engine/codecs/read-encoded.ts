import type * as tf from '@tensorflow/tfjs';
import { type NativeBackend, nativeBackend } from '../backend';
import type { EncodedArray, PartStorage } from '../records';
import { type Carry, emptyQuantised, notFinite, type Quantised } from './quantisation';
import { encode } from './storage';

/**
 * Reads tensors one after another as one array, encoded. Where the binding to TensorFlow can, it
 * quantises straight from TensorFlow's memory, so that no fp32 copy is ever made.
 *
 * @param carry what earlier steps left over of quantised numbers
 * @param room arrays for just so many numbers in this storage, to be written over; null: new ones
 * @param shape of the whole; where there are no tensors, zeros in that shape
 * @throws `training-diverged` where a number that is to be quantised is not finite
 */
export function readEncoded(
  tensors: readonly tf.Tensor[],
  shape: readonly number[],
  storage: PartStorage,
  carry: Carry | null = null,
  room: EncodedArray | null = null,
): EncodedArray {
  const count = shape.reduce((product, side) => product * side, 1);
  const { codec, block } = storage;
  const native = codec === 'dense' || tensors.length === 0 ? null : nativeBackend();
  return codec !== 'dense' && native?.binding.quantiseTensors
    ? quantisedBy(
        native,
        tensors,
        quantisedRoom(room) ?? emptyQuantised(codec, count, block),
        carry,
      )
    : encode(flattened(tensors, count, room), storage, carry);
}

const bits = { int16: 16, int8: 8, int4: 4 } as const;

function quantisedRoom(room: EncodedArray | null): Quantised | null {
  return room && room.codec !== 'dense' ? room : null;
}

function quantisedBy(
  native: NativeBackend,
  tensors: readonly tf.Tensor[],
  made: Quantised,
  carry: Carry | null,
): EncodedArray {
  const ids = native.getInputTensorIds(tensors);
  const areFinite = native.binding.quantiseTensors?.(
    ids,
    bits[made.codec],
    made.block,
    made.values,
    made.scales,
    ...(carry ? ([carry.rest, carry.ratio] as const) : []),
  );
  if (!areFinite) throw notFinite();
  return made;
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
