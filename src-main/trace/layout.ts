import * as v from 'valibot';
import { sizeOf } from '../../src-shared/model/resolved';
import { type EncodedArray, type RecordPart, recordParts } from '../engine/records';
import { isCodec, layoutOfPart } from './codecs';
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
  readonly codec: EncodedArray['codec'];
  /** Numbers that share a scale; absent where there are no scales. */
  readonly block?: number | undefined;
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

/** Name of a tensor in a shard: `12/gradient/conv1`, `12/side/bn1/movingMean`. */
export function tensorName(step: number, entry: LayoutEntry, tensor: LayoutTensor): string {
  return `${step}/${entry.group}${tensor.suffix}/${entry.name}`;
}

const sizes = v.array(v.pipe(v.number(), v.safeInteger(), v.minValue(0)));
const position = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const layoutSchema = v.array(
  v.object({
    group: v.picklist([...recordParts, 'side']),
    name: v.string(),
    codec: v.string(),
    block: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
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
  const entries = parsed.output.map((entry): LayoutEntry => {
    const { codec } = entry;
    if (!isCodec(codec)) throw damaged(place, `the codec "${codec.slice(0, 40)}" is not known`);
    if (!fitsCodec({ ...entry, codec })) throw misfit(place, entry);
    for (const { dtype, shape, begin, end } of entry.tensors) {
      const size = isDtype(dtype) ? tensorBytes(dtype, shape) : null;
      if (size === null || begin !== next || end - begin !== size) throw misfit(place, entry);
      next = end;
    }
    return { ...entry, codec };
  });
  if (next !== bytes) throw damaged(place, 'a step layout has another size than its tensors');
  return { entries, bytes };
}

/** Whether an entry's tensors are those that its codec makes of its shape. */
function fitsCodec({ codec, block = 0, shape, tensors }: LayoutEntry): boolean {
  if ((codec === 'dense') !== (block === 0) || !Number.isSafeInteger(sizeOf(shape))) return false;
  const expected = layoutOfPart(codec, block, shape);
  return (
    tensors.length === expected.length &&
    expected.every(({ suffix, dtype, shape: sides }, index) => {
      const found = tensors[index];
      return (
        found?.suffix === suffix && found.dtype === dtype && found.shape.join() === sides.join()
      );
    })
  );
}

function misfit(place: string, entry: { readonly group: string; readonly name: string }) {
  return damaged(place, `the layout of "${entry.group}/${entry.name}" does not add up`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
