import * as v from 'valibot';
import type { RecordPart, StepRecord } from '../engine/records';
import { type Codec, codecNamed, denseCodec, type EncodedTensor } from './codecs';
import { isDtype, tensorBytes } from './dtypes';
import { damaged } from './failures';

/**
 * Where a step's tensors lie, counted from the step's first byte. Nearly all steps of a run share
 * one layout, so the index stores each layout once and a step only names it.
 */
export type StoredGroup = RecordPart | 'side';

export interface LayoutEntry {
  /** The part of a layer, or `side` for untraced state. */
  readonly group: StoredGroup;
  /** Name of the layer, or of the state as exported. */
  readonly name: string;
  readonly codec: string;
  /** Shape of the decoded numbers. */
  readonly shape: readonly number[];
  readonly tensors: readonly LayoutTensor[];
}

export interface LayoutTensor {
  readonly suffix: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface StepLayout {
  readonly entries: readonly LayoutEntry[];
  readonly bytes: number;
}

/** A step's tensors in their order, and where they lie. */
export interface EncodedStep {
  readonly layout: StepLayout;
  readonly tensors: readonly EncodedTensor[];
}

/** Name of a tensor in a shard: `12/gradient/conv1`, `12/side/bn1/movingMean`. */
export function tensorName(step: number, entry: LayoutEntry, tensor: LayoutTensor): string {
  return `${step}/${entry.group}${tensor.suffix}/${entry.name}`;
}

/** Encodes a step's parts, then its side state, always in the order in which they came. */
export function encodeStep(record: StepRecord, codec: Codec = denseCodec): EncodedStep {
  const entries: LayoutEntry[] = [];
  const tensors: EncodedTensor[] = [];
  let position = 0;
  const add = (
    group: StoredGroup,
    name: string,
    shape: readonly number[],
    used: Codec,
    data: Float32Array,
  ): void => {
    const encoded = used.encode(data, shape);
    const placed = encoded.map((tensor) => {
      const begin = position;
      position += tensor.bytes.byteLength;
      const { suffix, dtype } = tensor;
      return { suffix, dtype, shape: [...tensor.shape], begin, end: position };
    });
    entries.push({ group, name, codec: used.name, shape: [...shape], tensors: placed });
    tensors.push(...encoded);
  };
  for (const { layer, part, shape, data } of record.parts) add(part, layer, shape, codec, data);
  for (const { name, shape, data } of record.sideState) add('side', name, shape, denseCodec, data);
  return { layout: { entries, bytes: position }, tensors };
}

const sizes = v.array(v.pipe(v.number(), v.safeInteger(), v.minValue(0)));
const position = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const layoutSchema = v.array(
  v.object({
    group: v.picklist(['gradient', 'ghost', 'inputs', 'deltas', 'side']),
    name: v.string(),
    codec: v.string(),
    shape: sizes,
    tensors: v.array(
      v.object({
        suffix: v.string(),
        dtype: v.string(),
        shape: sizes,
        begin: position,
        end: position,
      }),
    ),
  }),
);

/**
 * Reads a layout from the index and checks that its tensors follow each other without gaps.
 *
 * @param place how errors name the index
 */
export function parseLayout(text: string, bytes: number, place: string): StepLayout {
  const parsed = v.safeParse(layoutSchema, jsonOf(text));
  if (!parsed.success) throw damaged(place, 'a step layout is not what was written');
  let next = 0;
  for (const entry of parsed.output) {
    if (!codecNamed(entry.codec)) {
      throw damaged(place, `the codec "${entry.codec.slice(0, 40)}" is not known`);
    }
    for (const { dtype, shape, begin, end } of entry.tensors) {
      const size = isDtype(dtype) ? tensorBytes(dtype, shape) : null;
      if (size === null || begin !== next || end - begin !== size) {
        throw damaged(place, `the layout of "${entry.group}/${entry.name}" does not add up`);
      }
      next = end;
    }
  }
  if (next !== bytes) throw damaged(place, 'a step layout has another size than its tensors');
  return { entries: parsed.output, bytes };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
