import type { EncodedArray, PartRecord, StepRecord } from '../engine/records';
import { arraysOfPart, layoutOfPart } from './codecs';
import { tensorBytes } from './dtypes';
import type { LayoutEntry, LayoutTensor, StepLayout, StoredGroup } from './layout';
import { bytesOf } from './safetensors';

/** What a step did, without its numbers. */
export type StepNote = Omit<StepRecord, 'parts' | 'sideState'>;

/** A step as it is written. */
export interface EncodedStep {
  readonly note: StepNote;
  readonly layout: StepLayout;
  /** The bytes of its tensors, in the layout's order; a piece may hold several. */
  readonly pieces: readonly Uint8Array[];
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
  layoutOf(record: StepRecord): StepLayout {
    const known = this.#layouts.find((layout) => describes(layout, record));
    if (known) return known;
    const made = layoutOf(arraysOf(record));
    this.#layouts.push(made);
    return made;
  }

  encode(record: StepRecord): EncodedStep {
    const pieces = numbersOf(record).map(bytesOf);
    return { note: noteOf(record), layout: this.layoutOf(record), pieces };
  }
}

/** The arrays that a step's tensors are made of, in the layout's order. */
export function numbersOf({ parts, sideState }: StepRecord): ArrayBufferView[] {
  const numbers: ArrayBufferView[] = [];
  for (const part of parts) {
    if (part.encoded) numbers.push(...arraysOfPart(part.encoded));
    else numbers.push(part.data);
  }
  for (const { data } of sideState) numbers.push(data);
  return numbers;
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

function blockOf(encoded: EncodedArray | undefined): number {
  return !encoded || encoded.codec === 'dense' ? 0 : encoded.block;
}

function describes({ entries }: StepLayout, { parts, sideState }: StepRecord): boolean {
  return (
    entries.length === parts.length + sideState.length &&
    parts.every((part, index) => isPart(entries[index] as LayoutEntry, part)) &&
    sideState.every(({ name, shape }, index) => {
      const entry = entries[parts.length + index] as LayoutEntry;
      return entry.group === 'side' && entry.name === name && isShape(entry.shape, shape);
    })
  );
}

function isPart(entry: LayoutEntry, { part, layer, shape, encoded }: PartRecord): boolean {
  return (
    entry.group === part &&
    entry.name === layer &&
    entry.codec === (encoded?.codec ?? 'dense') &&
    (entry.block ?? 0) === blockOf(encoded) &&
    isShape(entry.shape, shape)
  );
}

function isShape(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((side, axis) => side === other[axis]);
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
