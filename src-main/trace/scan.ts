import { throwIfCancelled } from '../../src-shared/errors';
import { LazyPart } from '../engine/codecs/lazy-part';
import type { EncodedArray, StoredPart } from '../engine/records';
import type { HashBlock } from './block-hash';
import { partOfTensors } from './codecs';
import { fileOfRun, readingError } from './failures';
import { blockLength, checkBlock, checkLength } from './file-check';
import { type FileSystem, type OpenFile, readFully } from './filesystem';
import type { LayoutEntry } from './layout';
import type { ScanBatch } from './scan-plan';
import { verifiedBlocks } from './verified-blocks';

/** What a scan reads from. */
export interface ScanFiles {
  readonly fileSystem: FileSystem;
  readonly folder: string;
  readonly hash: HashBlock;
  /** Gives the memory to read into, for one of two slots that take turns. */
  readonly buffer?: ((slot: number, bytes: number) => Uint8Array) | undefined;
}

/** A part of a batch whose bytes have been checked. */
export interface CheckedPart {
  readonly step: number;
  readonly entry: LayoutEntry;
  readonly encoded: EncodedArray;
}

/** A batch in memory: whole blocks, checked. */
interface LoadedBatch {
  readonly batch: ScanBatch;
  readonly buffer: Uint8Array;
}

/** The parts of a batch, mostly views of its buffer. */
function partsOfBatch({ batch, buffer }: LoadedBatch): CheckedPart[] {
  const base = batch.firstBlock * batch.shard.blockBytes;
  return batch.parts.map(({ step, entry, position }) => {
    const tensors = entry.tensors.map(({ begin, end }) =>
      buffer.subarray(position + begin - base, position + end - base),
    );
    return { step, entry, encoded: partOfTensors(entry.codec, entry.block ?? 0, tensors) };
  });
}

/** Reads batches one after the other, each into the buffer the last but one has left. */
class BatchLoader {
  readonly #files: ScanFiles;
  readonly #buffers: [Uint8Array, Uint8Array] = [new Uint8Array(0), new Uint8Array(0)];
  #turn = 0;
  #file: { shard: number; handle: OpenFile; checked: Uint8Array } | null = null;
  #last: LoadedBatch | null = null;

  constructor(files: ScanFiles) {
    this.#files = files;
  }

  /** Reads and checks a batch; its buffer stays until the next but one is asked for. */
  async load(batch: ScanBatch, signal: AbortSignal | undefined): Promise<LoadedBatch> {
    const place = fileOfRun(this.#files.folder, batch.shard.file);
    try {
      const { handle, checked } = await this.#open(batch);
      const buffer = this.#bufferFor(batch);
      const skip = this.#copyShared(batch, buffer);
      const { blockBytes } = batch.shard;
      const start = (batch.firstBlock + skip) * blockBytes;
      const read = await readFully(handle, buffer.subarray(skip * blockBytes), start);
      const present = buffer.subarray(0, skip * blockBytes + read);
      for (let block = batch.firstBlock + skip; block <= batch.lastBlock; block += 1) {
        throwIfCancelled(signal, 'trace');
        if (checked[block] === 1 && present.byteLength === buffer.byteLength) continue;
        const at = (block - batch.firstBlock) * blockBytes;
        const content = present.subarray(at, at + blockLength(batch.shard, block));
        checkBlock(batch.shard, block, content, this.#files.hash, place);
        checked[block] = 1;
      }
      this.#last = { batch, buffer };
      return this.#last;
    } catch (error) {
      throw readingError(error, place);
    }
  }

  async close(): Promise<void> {
    await this.#file?.handle.close().catch(() => undefined);
    this.#file = null;
  }

  async #open({ shard }: ScanBatch): Promise<{ handle: OpenFile; checked: Uint8Array }> {
    if (this.#file?.shard === shard.shard) return this.#file;
    await this.close();
    const { fileSystem, folder, hash } = this.#files;
    const status = await checkLength(fileSystem, folder, shard);
    const handle = await fileSystem.openForReading(`${folder}/${shard.file}`);
    this.#file = { shard: shard.shard, handle, checked: verifiedBlocks(shard, status, hash) };
    return this.#file;
  }

  #bufferFor({ shard, firstBlock, lastBlock }: ScanBatch): Uint8Array {
    const whole = (lastBlock - firstBlock) * shard.blockBytes + blockLength(shard, lastBlock);
    this.#turn = 1 - this.#turn;
    const index = this.#turn === 0 ? 0 : 1;
    const given = this.#files.buffer?.(index, whole);
    if (given) return given;
    if (this.#buffers[index].byteLength < whole) this.#buffers[index] = new Uint8Array(whole);
    return this.#buffers[index].subarray(0, whole);
  }

  /**
   * Takes over what is wanted of blocks that the last batch has read and checked already.
   *
   * @returns the number of these blocks
   */
  #copyShared(batch: ScanBatch, buffer: Uint8Array): number {
    const last = this.#last;
    if (!last || last.batch.shard !== batch.shard) return 0;
    const shared = last.batch.lastBlock - batch.firstBlock + 1;
    if (shared <= 0) return 0;
    const { blockBytes } = batch.shard;
    const from = (batch.firstBlock - last.batch.firstBlock) * blockBytes;
    const wanted = firstByte(batch) - batch.firstBlock * blockBytes;
    buffer.set(last.buffer.subarray(from + wanted), wanted);
    return shared;
  }
}

/** Position in the file of the first byte that a batch hands out. */
function firstByte({ parts }: ScanBatch): number {
  const begins = parts.map(({ position, entry }) => position + (entry.tensors[0]?.begin ?? 0));
  return begins.reduce((least, begin) => Math.min(least, begin), Number.POSITIVE_INFINITY);
}

/**
 * Streams the batches of a plan, reading one ahead of the consumer.
 *
 * @throws DeltascopeError `trace-damaged` before anything of a damaged block is handed on,
 * `no-permission`, or `cancelled`.
 */
export async function* scanBatches(
  plan: Iterable<ScanBatch>,
  files: ScanFiles,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly CheckedPart[]> {
  const loader = new BatchLoader(files);
  const batches = plan[Symbol.iterator]();
  const loadNext = (): Promise<LoadedBatch> | null => {
    const next = batches.next();
    if (next.done) return null;
    const loading = loader.load(next.value, signal);
    // The error is told when the consumer asks for this batch.
    loading.catch(() => undefined);
    return loading;
  };
  let ahead = loadNext();
  try {
    while (ahead) {
      throwIfCancelled(signal, 'trace');
      const loaded: LoadedBatch = await ahead;
      ahead = loadNext();
      yield partsOfBatch(loaded);
    }
  } finally {
    await ahead?.catch(() => undefined);
    await loader.close();
  }
}

/** A checked part of a layer as the explanation takes it; null for side state. */
export function storedPartOf({ step, entry, encoded }: CheckedPart): StoredPart | null {
  const { group, name, shape } = entry;
  return group === 'side' ? null : new LazyPart(step, name, group, shape, encoded);
}
