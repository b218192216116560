import { type HashBlock, hashBytes } from './block-hash';
import { alignedBuffers } from './direct-file';
import { type FileSystem, type OpenFile, writeFully } from './filesystem';

/** A fixed number of block buffers: what bounds the bytes that wait for the disk. */
export class BlockPool {
  readonly blockBytes: number;
  readonly #free: Buffer[];
  readonly #waiting: { give: (block: Buffer) => void; refuse: (error: Error) => void }[] = [];
  #failure: Error | null = null;

  /** @param count buffers; at least 6, as each of three open files may hold back its first block */
  constructor(count: number, blockBytes: number) {
    this.blockBytes = blockBytes;
    // The system gives the pages when they are first written to.
    this.#free = alignedBuffers(Math.max(count, 6), blockBytes);
  }

  /** A buffer, once one is free. Rejects when the writer has failed. */
  acquire(): Promise<Buffer> {
    if (this.#failure) return Promise.reject(this.#failure);
    const block = this.#free.pop();
    if (block) return Promise.resolve(block);
    return new Promise((give, refuse) => this.#waiting.push({ give, refuse }));
  }

  release(block: Buffer): void {
    const next = this.#waiting.shift();
    if (next) next.give(block);
    else this.#free.push(block);
  }

  /** Lets everyone who waits, now or later, fail with `error`. */
  fail(error: Error): void {
    this.#failure ??= error;
    for (const { refuse } of this.#waiting.splice(0)) refuse(this.#failure);
  }
}

/** A finished file as the index keeps it. */
export interface BlockFileRecord {
  readonly bytes: number;
  readonly blockBytes: number;
  /** xxh3-64 of every block, 8 bytes each. */
  readonly hashes: Uint8Array;
}

/**
 * Streams a file in blocks: bytes are copied into a block, a full block is hashed and written while
 * the next one fills. The first block is held back until the end, so that a header whose content is
 * known last can still be put in.
 */
export class BlockFileWriter {
  readonly #file: OpenFile;
  readonly #pool: BlockPool;
  readonly #hash: HashBlock;
  readonly #hashes: Uint8Array[] = [];
  readonly #writes = new Set<Promise<void>>();
  #first: Buffer | null = null;
  #current: Buffer | null = null;
  #filled = 0;
  #bytes = 0;
  #failure: unknown = null;

  private constructor(file: OpenFile, pool: BlockPool, hash: HashBlock) {
    this.#file = file;
    this.#pool = pool;
    this.#hash = hash;
  }

  static async create(
    fileSystem: FileSystem,
    path: string,
    pool: BlockPool,
    hash: HashBlock,
  ): Promise<BlockFileWriter> {
    return new BlockFileWriter(await fileSystem.create(path), pool, hash);
  }

  /** Bytes taken so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Takes a copy of some arrays, one after the other; resolves when all of them are in blocks. */
  async append(...arrays: readonly Uint8Array[]): Promise<void> {
    for (const bytes of arrays) {
      let done = 0;
      while (done < bytes.byteLength) {
        if (this.#failure !== null) throw this.#failure;
        if (this.#current === null) {
          this.#current = await this.#pool.acquire();
          this.#filled = 0;
        }
        const room = this.#pool.blockBytes - this.#filled;
        const part = bytes.subarray(done, done + room);
        // Not `set`, which takes shared memory word by word, or even byte by byte.
        this.#current.fill(part, this.#filled, this.#filled + part.byteLength);
        this.#filled += part.byteLength;
        this.#bytes += part.byteLength;
        done += part.byteLength;
        if (this.#filled === this.#pool.blockBytes) this.#sendCurrent();
      }
    }
  }

  /**
   * Writes what is left and makes the file durable.
   *
   * @param head bytes that replace the beginning of the first block
   */
  async finish(head?: Uint8Array): Promise<BlockFileRecord> {
    if (this.#current !== null && this.#filled > 0) this.#sendCurrent();
    await Promise.all(this.#writes);
    if (this.#failure !== null) throw this.#failure;
    const first = this.#first;
    if (first !== null) {
      if (head) first.set(head, 0);
      const content = first.subarray(0, Math.min(this.#bytes, this.#pool.blockBytes));
      this.#hashes[0] = this.#hash(content);
      await writeFully(this.#file, content, 0);
    }
    await this.#file.sync();
    await this.#file.close();
    this.#releaseFirst();
    const hashes = new Uint8Array(this.#hashes.length * hashBytes);
    this.#hashes.forEach((hash, index) => {
      hashes.set(hash, index * hashBytes);
    });
    return { bytes: this.#bytes, blockBytes: this.#pool.blockBytes, hashes };
  }

  /** Gives the file up; what stands on the disk is removed by the next recovery. */
  async abandon(): Promise<void> {
    await Promise.allSettled(this.#writes);
    await this.#file.close().catch(() => undefined);
    this.#releaseFirst();
  }

  #releaseFirst(): void {
    if (this.#first !== null) this.#pool.release(this.#first);
    this.#first = null;
  }

  #sendCurrent(): void {
    const block = this.#current;
    if (block === null) return;
    this.#current = null;
    const index = this.#hashes.length;
    const content = block.subarray(0, this.#filled);
    if (index === 0) {
      this.#first = block;
      this.#hashes.push(new Uint8Array(hashBytes));
      return;
    }
    this.#hashes.push(this.#hash(content));
    const write = writeFully(this.#file, content, index * this.#pool.blockBytes)
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => {
        this.#writes.delete(write);
        this.#pool.release(block);
      });
    this.#writes.add(write);
  }
}
