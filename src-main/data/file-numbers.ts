import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { corrupt, readingFailure, writingFailure } from './failures';

/** Numbers in memory or in a file: what a large array of a data set may be. */
export interface Numbers<Values extends Float32Array | Int32Array> {
  readonly length: number;
  readonly byteLength: number;
  set(values: ArrayLike<number>, at?: number): void;
  /** The numbers from `from` to before `to`; of a file a copy, read from where they lie. */
  subarray(from: number, to: number): Values;
}

export type Floats = Numbers<Float32Array>;
export type Ints = Numbers<Int32Array>;

/** The kinds of numbers by NumPy's names. */
const kinds = { f4: Float32Array, i4: Int32Array } as const;
type Kind = keyof typeof kinds;
type ValuesOf<Of extends Kind> = InstanceType<(typeof kinds)[Of]>;

/** Numbers that are read or written at once. */
const portion = 2 ** 21;

/** Files of arrays that nobody holds any more are closed with them. */
const abandoned = new FinalizationRegistry<number>((handle) => closeSync(handle));

/**
 * Numbers of 4 bytes in a file, little-endian, of which only what is asked for is ever in memory: each question is
 * one positional read, and what is read again comes from the memory that the system has to spare.
 */
export class FileNumbers<Of extends Kind> implements Numbers<ValuesOf<Of>> {
  readonly byteLength: number;
  /** Written numbers that are not in the file yet. */
  #pending: ValuesOf<Of> | null = null;
  #pendingCount = 0;
  #written = 0;

  private constructor(
    readonly kind: Of,
    private readonly handle: number,
    private readonly file: string,
    /** Byte of the first number. */
    private readonly start: number,
    readonly length: number,
  ) {
    this.byteLength = 4 * length;
    abandoned.register(this, handle, this);
  }

  /** The numbers of a file that is there, from a byte on. */
  static open<Of extends Kind>(
    kind: Of,
    path: string,
    start: number,
    length: number,
  ): FileNumbers<Of> {
    try {
      return new FileNumbers(kind, openSync(path, 'r'), path, start, length);
    } catch (error) {
      throw readingFailure(error, path);
    }
  }

  /** Room in a file without a name, which ends with the process at the latest. */
  static scratch<Of extends Kind>(kind: Of, folder: string, length: number): FileNumbers<Of> {
    const path = join(folder, `.scratch-${process.pid}-${randomBytes(8).toString('hex')}`);
    try {
      mkdirSync(folder, { recursive: true });
      const handle = openSync(path, 'wx+');
      unlinkSync(path);
      return new FileNumbers(kind, handle, folder, 0, length);
    } catch (error) {
      throw writingFailure(error, folder);
    }
  }

  /** Writes the next numbers: they come one after another. */
  set(values: ArrayLike<number>, at = 0): void {
    if (at !== this.#written + this.#pendingCount) throw new Error('numbers come in their order');
    const size = Math.max(portion, values.length);
    if (this.#pendingCount + values.length > (this.#pending?.length ?? 0)) {
      this.#flush();
      if ((this.#pending?.length ?? 0) < size) this.#pending = this.#room(size);
    }
    this.#pending?.set(values, this.#pendingCount);
    this.#pendingCount += values.length;
  }

  subarray(from: number, to: number): ValuesOf<Of> {
    this.#flush();
    const numbers = this.#room(to - from);
    const bytes = new Uint8Array(numbers.buffer);
    const begin = this.start + 4 * from;
    for (let done = 0; done < bytes.length; ) {
      const read = this.#read(bytes, done, begin + done);
      if (read === 0) {
        throw corrupt({ file: this.file, offset: begin + done }, 'the file ends inside its array.');
      }
      done += read;
    }
    return numbers;
  }

  close(): void {
    abandoned.unregister(this);
    closeSync(this.handle);
  }

  #room(length: number): ValuesOf<Of> {
    return new kinds[this.kind](length) as ValuesOf<Of>;
  }

  #read(into: Uint8Array, at: number, position: number): number {
    try {
      return readSync(this.handle, into, at, into.length - at, position);
    } catch (error) {
      throw readingFailure(error, this.file, position);
    }
  }

  #flush(): void {
    if (this.#pending === null || this.#pendingCount === 0) return;
    const bytes = new Uint8Array(this.#pending.buffer, 0, 4 * this.#pendingCount);
    try {
      for (let done = 0; done < bytes.length; ) {
        const position = this.start + 4 * this.#written + done;
        done += writeSync(this.handle, bytes, done, bytes.length - done, position);
      }
    } catch (error) {
      throw writingFailure(error, this.file);
    }
    this.#written += this.#pendingCount;
    this.#pendingCount = 0;
  }
}

/** Bytes of an array, part by part; of one in memory at once. */
export function* byteParts(array: Uint8Array | Floats | Ints): Iterable<Uint8Array> {
  if (ArrayBuffer.isView(array)) {
    yield new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    return;
  }
  for (let from = 0; from < array.length; from += portion) {
    const part = array.subarray(from, Math.min(array.length, from + portion));
    yield new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
  }
}
