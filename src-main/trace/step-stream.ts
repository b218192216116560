import { DeltascopeError } from '../../src-shared/errors';
import type { EncodedStep } from './encode-step';
import type { StepRow } from './index-writer';
import { type OpenedRun, requirePlace } from './open-run';
import { reserveFor, type ShardRecord, ShardWriter } from './shard-writer';

/** Steps that were taken since the last cut, and the shards that hold them. */
export interface StreamedSteps {
  readonly rows: readonly StepRow[];
  /** Shards on their way to the disk. */
  readonly shards: readonly Promise<ShardRecord>[];
}

/** Streams steps into shards, one shard after the other. */
export class StepStream {
  readonly #run: OpenedRun;
  readonly #onFailure: (error: unknown) => void;
  #open: ShardWriter | null = null;
  #nextShard: number;
  /** Full shards whose steps have not been cut off yet. */
  #full: Promise<ShardRecord>[] = [];
  /** Every shard on its way to the disk. */
  readonly #finishing = new Set<Promise<ShardRecord>>();
  #rows: StepRow[] = [];

  /** @param onFailure told of a shard that could not be made durable, as soon as that is known */
  constructor(run: OpenedRun, onFailure: (error: unknown) => void) {
    this.#run = run;
    this.#onFailure = onFailure;
    this.#nextShard = run.nextShard;
  }

  /** Steps since the last cut. */
  get steps(): number {
    return this.#rows.length;
  }

  /** Whether a shard has reached its size. */
  get isFull(): boolean {
    return this.#full.length > 0 || (this.#open?.bytes ?? 0) >= this.#run.options.shardBytes;
  }

  /** Takes a copy of a step's tensors; resolves to their bytes. */
  async append(encoded: EncodedStep): Promise<number> {
    const { note, layout } = encoded;
    const shard = await this.#shardFor(note.step, encoded);
    const position = await shard.add(note.step, encoded);
    this.#rows.push({ note, shard: shard.shard, position, layout });
    return layout.bytes;
  }

  /** Ends the shard and hands over everything since the last cut; the next step begins a new one. */
  cut(): StreamedSteps {
    this.#finishOpen();
    return { rows: this.#rows.splice(0), shards: this.#full.splice(0) };
  }

  /** Waits for shards under way and gives up the one that was never cut. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#finishing);
    await this.#open?.abandon();
    this.#open = null;
  }

  async #shardFor(step: number, encoded: EncodedStep): Promise<ShardWriter> {
    const { folder, options, pool, hash } = this.#run;
    if (this.#open && !this.#open.fits(step, encoded)) this.#finishOpen();
    if (this.#open) return this.#open;
    requirePlace(this.#run);
    const reserved = reserveFor(encoded, step, options.shardBytes, options.blockBytes);
    const { fileSystem } = options;
    const number = this.#nextShard;
    this.#open = await ShardWriter.create(fileSystem, folder, number, reserved, pool, hash);
    this.#nextShard += 1;
    if (!this.#open.fits(step, encoded)) {
      const message = `Step ${step} has more tensors than the header of a shard can name.`;
      throw new DeltascopeError('internal', 'trace', message);
    }
    return this.#open;
  }

  #finishOpen(): void {
    const shard = this.#open;
    if (!shard) return;
    this.#open = null;
    const finished = shard.finish();
    this.#full.push(finished);
    this.#finishing.add(finished);
    finished
      .catch((error: unknown) => this.#onFailure(error))
      .finally(() => this.#finishing.delete(finished));
  }
}
