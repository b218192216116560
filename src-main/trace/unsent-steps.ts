import type { StepRecord } from '../engine/records';
import { numbersOf, StepEncoder } from './encode-step';
import type { StepLayout } from './layout';
import { NotePacker } from './packed-notes';
import { bytesOf } from './safetensors';
import type { StepRing } from './step-ring';
import type { SentStep, SentSteps } from './writer-protocol';

/** Bytes of steps that are sent together: to wake a thread takes longer than to write a small step. */
const sentTogether = 1024 * 1024;

/** Steps that have been put into the ring and wait to be sent to the thread that writes. */
export class UnsentSteps {
  readonly #ring: StepRing;
  readonly #encoder = new StepEncoder();
  readonly #notes = new NotePacker();
  /** The numbers of all layouts that have been sent, or are sent with the next steps. */
  readonly #numbers = new Map<StepLayout, number>();
  #layouts: StepLayout[] = [];
  #steps: SentStep[] = [];
  #bytes = 0;
  /** Where the numbers of these steps lie. */
  #memory: SharedArrayBuffer;

  constructor(ring: StepRing) {
    this.#ring = ring;
    this.#memory = ring.buffer;
  }

  /** Whether those that wait lie in other memory than the next step: they have to be sent before it. */
  get isElsewhere(): boolean {
    return this.#steps.length > 0 && this.#memory !== this.#ring.buffer;
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
    const elsewhere = bytesBeside(numbers, ring.buffer);
    const place = ring.keep(elsewhere);
    this.#memory = ring.buffer;
    this.#bytes += place - before;
    this.#notes.add(record);
    this.#steps.push({
      ...{ layout: this.#numberOf(this.#encoder.layoutOf(record)), place },
      pieces: elsewhere === 0 ? stretches(numbers) : numbers.map(bytesOf),
    });
    return elsewhere > 0 || this.#bytes >= sentTogether;
  }

  /** All that wait, to be sent; null where none do. */
  take(): SentSteps | null {
    const steps = this.#steps.splice(0);
    this.#bytes = 0;
    if (steps.length === 0) return null;
    const layouts = this.#layouts.splice(0);
    return { type: 'steps', memory: this.#memory, layouts, notes: this.#notes.take(), steps };
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

/** Where arrays lie in their buffer, first byte and number of bytes; those that touch are one stretch. */
function stretches(numbers: readonly ArrayBufferView[]): number[] {
  const found: number[] = [];
  let end = -1;
  for (const { byteOffset, byteLength } of numbers) {
    if (byteOffset === end)
      found[found.length - 1] = byteOffset + byteLength - (found.at(-2) as number);
    else found.push(byteOffset, byteLength);
    end = byteOffset + byteLength;
  }
  return found;
}
