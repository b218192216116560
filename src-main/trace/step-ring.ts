import type { RecordMemory, RecordPlace } from '../engine/records';

/** Every array begins on a multiple of this, so that numbers of up to 32 bits may lie there. */
const alignment = 4;

/** Bytes of a new ring: some times what is sent together. */
const startBytes = 16 * 1024 * 1024;

/**
 * Shared memory that steps are put into by the thread that trains and taken out of by the one that
 * writes. Places count on for ever; a place lies at its remainder by the ring's size, and no array
 * goes over the end. A step that finds no place keeps its numbers elsewhere, which count as if they
 * lay here, and the next one finds a larger ring.
 */
export class StepRing implements RecordMemory {
  #buffer: SharedArrayBuffer;
  /** Everything before it has been taken out. */
  #taken = 0;
  /** Everything from it on may be written over. */
  #kept = 0;
  #next = 0;
  /** Bytes that the step has asked for so far, and those of them that there was no place for. */
  #asked = 0;
  #refused = 0;
  /** Bytes of the largest step, with those that waited elsewhere, and of the longest array. */
  #largest = 0;
  #longest = 0;

  constructor(bytes = startBytes) {
    this.#buffer = new SharedArrayBuffer(bytes);
  }

  begin(): void {
    // Room for one step beside another one, and for what is left free where an array would go over the end.
    const wanted = aligned(2 * this.#largest + this.#longest);
    if (wanted > this.#buffer.byteLength) {
      // Who still reads the old one holds it.
      this.#buffer = new SharedArrayBuffer(wanted);
      this.#kept = Math.ceil(this.#kept / this.#buffer.byteLength) * this.#buffer.byteLength;
      this.#taken = this.#kept;
    }
    this.#next = this.#kept;
    this.#asked = 0;
    this.#refused = 0;
  }

  take(bytes: number): RecordPlace | null {
    const size = this.#buffer.byteLength;
    this.#asked += aligned(bytes);
    this.#largest = Math.max(this.#largest, this.#asked);
    this.#longest = Math.max(this.#longest, bytes);
    const from = aligned(this.#next);
    const offset = from % size;
    const begin = offset + bytes > size ? from - offset + size : from;
    if (begin + bytes > this.#taken + size) {
      this.#refused += bytes;
      return null;
    }
    this.#next = begin + bytes;
    return { buffer: this.#buffer, offset: begin % size };
  }

  /**
   * Keeps what the step has put in until it is taken out.
   *
   * @param elsewhere bytes of the step that wait for the writer outside the ring
   * @returns the place that the step ends at
   */
  keep(elsewhere: number): number {
    this.#largest = Math.max(this.#largest, this.#asked + elsewhere - this.#refused);
    this.#next += elsewhere;
    this.#kept = this.#next;
    return this.#kept;
  }

  /** The memory that the step at hand is put into. */
  get buffer(): SharedArrayBuffer {
    return this.#buffer;
  }

  /** The place that the last step kept ends at. */
  get kept(): number {
    return this.#kept;
  }

  /** Tells that everything before a place has been taken out. */
  takenUntil(place: number): void {
    this.#taken = Math.max(this.#taken, place);
  }

  /** Whether the next step may come: where nothing waits always, else where it will find a place. */
  get hasRoom(): boolean {
    const waiting = this.#kept - this.#taken;
    return waiting <= 0 || waiting + this.#largest <= this.#buffer.byteLength;
  }
}

/** The next multiple of the alignment. */
function aligned(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}
