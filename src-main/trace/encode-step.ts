import type { EncodedArray, StepRecord } from '../engine/records';
import { bytesOfPart, layoutOfPart } from './codecs';
import { tensorBytes } from './dtypes';
import type { LayoutEntry, LayoutTensor, StepLayout, StoredGroup } from './layout';

/** What a step did, without its numbers. */
export type StepNote = Omit<StepRecord, 'parts' | 'sideState'>;

/** A step as it is written. */
export interface EncodedStep {
  readonly note: StepNote;
  readonly layout: StepLayout;
  /** The bytes of its tensors, in the layout's order. */
  readonly tensors: readonly Uint8Array[];
}

/** An array of a step, under its name in the trace. */
interface StepArray {
  readonly group: StoredGroup;
  readonly name: string;
  readonly shape: readonly number[];
  readonly encoded: EncodedArray;
}

/** Encodes one step after the other; steps of the same layout share the object that tells it. */
export class StepEncoder {
  readonly #layouts: StepLayout[] = [];

  /** A step's parts, then its side state, always in the order in which they came. */
  encode(record: StepRecord): EncodedStep {
    const arrays = arraysOf(record);
    let layout = this.#layouts.find((known) => describes(known, arrays));
    if (!layout) {
      layout = layoutOf(arrays);
      this.#layouts.push(layout);
    }
    return {
      note: noteOf(record),
      layout,
      tensors: arrays.flatMap(({ encoded }) => bytesOfPart(encoded)),
    };
  }
}

function arraysOf({ parts, sideState }: StepRecord): StepArray[] {
  const arrays: StepArray[] = [];
  for (const part of parts) {
    const { part: group, layer: name, shape } = part;
    arrays.push({ group, name, shape, encoded: part.encoded ?? dense(part.data) });
  }
  for (const { name, shape, data } of sideState) {
    arrays.push({ group: 'side', name, shape, encoded: dense(data) });
  }
  return arrays;
}

/** A copy: the note is written later, and the trainer may use its arrays again by then. */
function noteOf(record: StepRecord): StepNote {
  const { step, epoch, label, examples, ghosts, learningRate, loss, accuracy } = record;
  const own = { examples: examples.slice(), ghosts: ghosts.slice() };
  return { step, epoch, label, ...own, learningRate, loss, accuracy };
}

function dense(values: Float32Array): EncodedArray {
  return { codec: 'dense', values };
}

function blockOf(encoded: EncodedArray): number {
  return encoded.codec === 'dense' ? 0 : encoded.block;
}

function describes({ entries }: StepLayout, arrays: readonly StepArray[]): boolean {
  return (
    entries.length === arrays.length &&
    entries.every(({ group, name, codec, block = 0, shape }, index) => {
      const array = arrays[index] as StepArray;
      return (
        group === array.group &&
        name === array.name &&
        codec === array.encoded.codec &&
        block === blockOf(array.encoded) &&
        shape.length === array.shape.length &&
        shape.every((side, axis) => side === array.shape[axis])
      );
    })
  );
}

function layoutOf(arrays: readonly StepArray[]): StepLayout {
  let position = 0;
  const entries = arrays.map(({ group, name, shape, encoded }): LayoutEntry => {
    const { codec } = encoded;
    const block = blockOf(encoded);
    const tensors = layoutOfPart(codec, block, shape).map((tensor): LayoutTensor => {
      const begin = position;
      position += tensorBytes(tensor.dtype, tensor.shape) ?? 0;
      return { ...tensor, shape: [...tensor.shape], begin, end: position };
    });
    return { group, name, codec, ...(block > 0 ? { block } : {}), shape: [...shape], tensors };
  });
  return { entries, bytes: position };
}
