import type { StepRecord } from '../engine/records';
import { numbersOf, StepEncoder } from './encode-step';
import type { StepLayout } from './layout';
import { StepPacker } from './packed-steps';
import { bytesOf } from './safetensors';
import type { StepRing } from './step-ring';
import type { SentSteps } from './writer-protocol';

/** Bytes of steps that are sent together: to wake a thread takes longer than to write a small step. */
const sentTogether = 4 * 1024 * 1024;

/** Steps that have been put into the ring and wait to be sent to the thread that writes. */
export class UnsentSteps {
  readonly #ring: StepRing;
  readonly #encoder = new StepEncoder();
  readonly #steps = new StepPacker();
  /** The numbers of all layouts that have been sent, or are sent with the next steps. */
  readonly #numbers = new Map<StepLayout, number>();
  #layouts: StepLayout[] = [];
  #count = 0;
  #bytes = 0;
  /** The bytes of the last step, where some of its arrays lie outside the ring. */
  #outside: readonly Uint8Array[] = [];
  /** Where the numbers of these steps lie. */
  #memory: SharedArrayBuffer;

  constructor(ring: StepRing) {
    this.#ring = ring;
    this.#memory = ring.buffer;
  }

  /** Whether those that wait lie in other memory than the next step: they have to be sent before it. */
  get isElsewhere(): boolean {
    return this.#count > 0 && this.#memory !== this.#ring.buffer;
  }

  /**
   * Keeps a step's numbers in the ring; those that lie outside it are copied as they are sent.
   *
   * @returns whether it is time to send: enough has come together, or something lies outside
   */
  add(record: StepRecord): boolean {
    const ring = this.#ring;
    const before = ring.kept;
    const numbers = numbersOf(record);
    const stretches = stretchesIn(ring.buffer, numbers);
    const place = ring.keep(stretches ? 0 : bytesBeside(numbers, ring.buffer));
    if (!stretches) this.#outside = numbers.map(bytesOf);
    this.#memory = ring.buffer;
    this.#bytes += place - before;
    this.#count += 1;
    const layout = this.#numberOf(this.#encoder.layoutOf(record));
    this.#steps.add(record, layout, place, stretches ?? []);
    return !stretches || this.#bytes >= sentTogether;
  }

  /** All that wait, to be sent; null where none do. */
  take(): SentSteps | null {
    if (this.#count === 0) return null;
    this.#count = 0;
    this.#bytes = 0;
    const outside = this.#outside;
    this.#outside = [];
    const layouts = this.#layouts.splice(0);
    return { type: 'steps', memory: this.#memory, layouts, steps: this.#steps.take(), outside };
  }

  #numberOf(layout: StepLayout): number {
    const known = this.#numbers.get(layout);
    if (known !== undefined) return known;
    this.#layouts.push(layout);
    this.#numbers.set(layout, this.#numbers.size);
    return this.#numbers.size - 1;
  }
}

/** Bytes of the arrays that lie outside a buffer. */
function bytesBeside(numbers: readonly ArrayBufferView[], buffer: ArrayBufferLike): number {
  return numbers.reduce((sum, each) => sum + (each.buffer === buffer ? 0 : each.byteLength), 0);
}

/**
 * Where arrays lie in a buffer, first byte and number of bytes; those that touch are one stretch. Null where
 * one lies outside.
 */
function stretchesIn(
  buffer: ArrayBufferLike,
  numbers: readonly ArrayBufferView[],
): number[] | null {
  const found: number[] = [];
  let begin = 0;
  let end = 0;
  for (const { buffer: own, byteOffset, byteLength } of numbers) {
    if (own !== buffer) return null;
    if (byteOffset !== end) {
      if (end > begin) found.push(begin, end - begin);
      begin = byteOffset;
    }
    end = byteOffset + byteLength;
  }
  if (end > begin) found.push(begin, end - begin);
  return found;
}
