import { type BlockFileRecord, BlockFileWriter, type BlockPool } from './block-file';
import type { HashBlock } from './block-hash';
import type { EncodedStep } from './encode-step';
import type { FileSystem } from './filesystem';
import { alignedHeaderBytes, headerBytes, maxHeaderBytes } from './safetensors-header';
import { entriesText } from './shard-entries';

/** Room for the braces and the metadata of a header, bytes. */
const headerMargin = 512;
/** Positions are longer than guessed from the first step, so more is reserved than it took. */
const headerSlack = 1.15;

export interface ShardRecord extends BlockFileRecord {
  readonly shard: number;
  /** Path inside the run folder. */
  readonly file: string;
}

/** Path of a shard inside the run folder. */
export function shardFile(shard: number): string {
  return `shards/${String(shard).padStart(6, '0')}.safetensors`;
}

/**
 * Bytes to keep free for the header of a shard that is to hold about `targetBytes`, judged by its
 * first step.
 */
export function reserveFor(
  first: EncodedStep,
  step: number,
  targetBytes: number,
  blockBytes: number,
): number {
  const perStep = entriesText(step, first.layout, targetBytes).length + 1;
  const steps = Math.ceil(targetBytes / Math.max(first.layout.bytes, 1)) + 1;
  const wanted = Math.max(steps * perStep * headerSlack, perStep * headerSlack) + headerMargin;
  const most = Math.min(maxHeaderBytes, blockBytes / 2);
  // A multiple of 64 keeps every tensor aligned as well as its own size allows.
  return Math.min(alignedHeaderBytes(wanted), Math.floor(most / 64) * 64);
}

/**
 * Streams steps into one `.tmp` shard. The header is written last, into the space that was kept for
 * it, when it is known which tensors there are.
 */
export class ShardWriter {
  readonly shard: number;
  readonly file: string;
  readonly #fileSystem: FileSystem;
  readonly #path: string;
  readonly #writer: BlockFileWriter;
  readonly #reserved: number;
  /** Each step's. */
  readonly #entries: string[] = [];
  #headerTextBytes = headerMargin;
  #next: { encoded: EncodedStep; begin: number; entries: string } | null = null;

  private constructor(
    fileSystem: FileSystem,
    folder: string,
    shard: number,
    reserved: number,
    writer: BlockFileWriter,
  ) {
    this.#fileSystem = fileSystem;
    this.shard = shard;
    this.file = shardFile(shard);
    this.#path = `${folder}/${this.file}`;
    this.#reserved = reserved;
    this.#writer = writer;
  }

  static async create(
    fileSystem: FileSystem,
    folder: string,
    shard: number,
    reserved: number,
    pool: BlockPool,
    hash: HashBlock,
  ): Promise<ShardWriter> {
    const path = `${folder}/${shardFile(shard)}.tmp`;
    const writer = await BlockFileWriter.create(fileSystem, path, pool, hash);
    const made = new ShardWriter(fileSystem, folder, shard, reserved, writer);
    try {
      await writer.append(new Uint8Array(reserved));
      return made;
    } catch (error) {
      await made.abandon();
      throw error;
    }
  }

  get bytes(): number {
    return this.#writer.bytes;
  }

  /** Whether the header has room for one more step. */
  fits(step: number, encoded: EncodedStep): boolean {
    const added = Buffer.byteLength(this.#entriesAt(step, encoded)) + 1;
    return this.#headerTextBytes + added + 8 <= this.#reserved;
  }

  /** Takes a copy of a step's tensors; resolves to the position of its first byte in the file. */
  async add(step: number, encoded: EncodedStep): Promise<number> {
    const position = this.#writer.bytes;
    const entries = this.#entriesAt(step, encoded);
    this.#headerTextBytes += Buffer.byteLength(entries) + 1;
    this.#entries.push(entries);
    await this.#writer.append(...encoded.pieces);
    return position;
  }

  /** Makes the shard durable under its own name; only the folder is still to be synced. */
  async finish(): Promise<ShardRecord> {
    const metadata = `"__metadata__":${JSON.stringify({ format: 'pt', deltascope: 'shard 1' })}`;
    const header = headerBytes(`{${[metadata, ...this.#entries].join(',')}}`, this.#reserved);
    try {
      const record = await this.#writer.finish(header);
      await this.#fileSystem.rename(`${this.#path}.tmp`, this.#path);
      return { shard: this.shard, file: this.file, ...record };
    } catch (error) {
      await this.abandon();
      throw error;
    }
  }

  /** Gives the shard up and frees its place on the disk. */
  async abandon(): Promise<void> {
    await this.#writer.abandon();
    await this.#fileSystem.remove(`${this.#path}.tmp`).catch(() => undefined);
  }

  /** The header's entries of a step that comes next; `fits` has asked for them when `add` does. */
  #entriesAt(step: number, encoded: EncodedStep): string {
    const begin = this.#writer.bytes - this.#reserved;
    const last = this.#next;
    if (last?.encoded === encoded && last.begin === begin) return last.entries;
    const entries = entriesText(step, encoded.layout, begin);
    this.#next = { encoded, begin, entries };
    return entries;
  }
}
