import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip, createInflateRaw } from 'node:zlib';
import { bytesInWords, corrupt, missing, type Place, readingFailure } from './failures';

/** Deflate can't expand further, so no honest stream is longer than this times its file. */
const largestExpansion = 1032;
/** One array of a data set; what is larger doesn't fit into memory beside the training. */
const largestArray = 4 * 2 ** 30;

/** A stretch of a file, and how it is packed. */
export interface Stretch {
  readonly path: string;
  /** How errors name it: the file, or file and member. */
  readonly file: string;
  readonly start: number;
  /** Bytes in the file. */
  readonly length: number;
  readonly packing: 'stored' | 'gzip' | 'deflate';
}

/** Sees every unpacked byte of a source once, in order: for checksums, and to count or to stop. */
export type ByteWatch = (bytes: Uint8Array) => void;

/** Bytes read once from front to back, unpacked on the way; offsets are those after unpacking. */
export class ByteSource {
  readonly file: string;
  /** More bytes than this can't come. */
  readonly most: number;
  #offset = 0;
  #chunk: Uint8Array = new Uint8Array(0);
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #watch: ByteWatch | undefined;

  constructor(stretch: Stretch, watch?: ByteWatch) {
    this.file = stretch.file;
    this.most = stretch.packing === 'stored' ? stretch.length : stretch.length * largestExpansion;
    this.#chunks = unpacked(stretch);
    this.#watch = watch;
  }

  get place(): Place {
    return { file: this.file, offset: this.#offset };
  }

  /**
   * The next `length` bytes.
   *
   * @param what what they are, for errors
   * @throws `data-corrupt` where the file ends before
   */
  async read(length: number, what: string): Promise<Uint8Array> {
    const bytes = this.allocate(length, what);
    await this.fill(bytes, what);
    return bytes;
  }

  /** Room for `length` bytes that are to come, refused before it is taken where they can't. */
  allocate(length: number, what: string): Uint8Array<ArrayBuffer> {
    if (!Number.isSafeInteger(length) || length > this.most - this.#offset) {
      const rest = bytesInWords(Math.max(0, this.most - this.#offset));
      throw corrupt(
        this.place,
        `${what} would take ${bytesInWords(length)}, but ${this.most === 0 ? 'the file is empty' : `at most ${rest} can follow`}.`,
      );
    }
    if (length > largestArray) {
      throw corrupt(
        this.place,
        `${what} takes ${bytesInWords(length)}; at most ${bytesInWords(largestArray)} are supported.`,
      );
    }
    try {
      return new Uint8Array(length);
    } catch (error) {
      const rule = `${what} takes ${bytesInWords(length)}, more than the memory that is free.`;
      throw corrupt(this.place, rule, error);
    }
  }

  /** Fills `target` with the next bytes. */
  async fill(target: Uint8Array, what: string): Promise<void> {
    let done = 0;
    while (done < target.length) {
      if (this.#chunk.length === 0 && !(await this.#next())) {
        throw corrupt(
          this.place,
          `the file ends inside ${what}: ${target.length - done} bytes are lacking.`,
        );
      }
      const part = this.#chunk.subarray(0, target.length - done);
      target.set(part, done);
      done += part.length;
      this.#offset += part.length;
      this.#chunk = this.#chunk.subarray(part.length);
    }
  }

  /** Bytes that are next, as many as are at hand; null at the end. */
  async some(): Promise<Uint8Array | null> {
    if (this.#chunk.length === 0 && !(await this.#next())) return null;
    const bytes = this.#chunk;
    this.#offset += bytes.length;
    this.#chunk = new Uint8Array(0);
    return bytes;
  }

  /** @throws `data-corrupt` where more bytes follow than the header announced */
  async expectEnd(what: string): Promise<void> {
    if (this.#chunk.length > 0 || (await this.#next())) {
      throw corrupt(this.place, `${what} should end here, but more bytes follow.`);
    }
  }

  /** Lets go of the file; to be called on every way out. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #next(): Promise<boolean> {
    try {
      for (;;) {
        const { done, value } = await this.#chunks.next();
        if (done) return false;
        if (value.length === 0) continue;
        this.#watch?.(value);
        this.#chunk = value;
        return true;
      }
    } catch (error) {
      throw readingFailure(error, this.file, this.#offset);
    }
  }
}

async function* unpacked(stretch: Stretch): AsyncGenerator<Uint8Array> {
  if (stretch.length === 0) return;
  const file = createReadStream(stretch.path, {
    start: stretch.start,
    end: stretch.start + stretch.length - 1,
    highWaterMark: 2 ** 20,
  });
  if (stretch.packing === 'stored') {
    yield* file;
    return;
  }
  const unpack = stretch.packing === 'gzip' ? createGunzip() : createInflateRaw();
  // Its failures reach the loop below through `unpack`, which it destroys.
  pipeline(file, unpack, () => undefined);
  yield* unpack;
}

/**
 * A whole file as a stretch, gzip told by its first bytes.
 *
 * @param file how errors name it
 */
export async function wholeFile(path: string, file: string): Promise<Stretch> {
  try {
    // Looked at before it is opened: opening a pipe would wait for its other end.
    const found = await stat(path);
    if (found.isDirectory()) throw missing(`${file} is a folder, not a file.`);
    if (!found.isFile()) throw missing(`${file} is not a file.`);
    const handle = await open(path, 'r');
    try {
      const { size } = await handle.stat();
      const magic = new Uint8Array(2);
      await handle.read(magic, 0, 2, 0);
      const packing = magic[0] === 0x1f && magic[1] === 0x8b ? 'gzip' : 'stored';
      return { path, file, start: 0, length: size, packing };
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw readingFailure(error, file);
  }
}
