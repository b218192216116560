import type { Database } from 'better-sqlite3';
import { DeltascopeError } from '../../src-shared/errors';
import { sizeOf } from '../../src-shared/model/resolved';
import { LazyPart } from '../engine/codecs/lazy-part';
import { copyOf, decode, partsOfStorage } from '../engine/codecs/storage';
import type {
  LayerStorage,
  LocatedPart,
  NamedArray,
  RecordPart,
  RecordSource,
  ScanQuery,
  StepTable,
  StoredPart,
  TracedLayer,
} from '../engine/records';
import { blockHasher, type HashBlock } from './block-hash';
import { readCheckpoint } from './checkpoints';
import { damaged, fileOfRun } from './failures';
import { type FileSystem, nodeFileSystem } from './filesystem';
import { checkLayouts } from './fitting-layouts';
import { openIndexForReading } from './index-database';
import {
  int32Of,
  readCheckpoints,
  readLayouts,
  readProgress,
  readShards,
  readSteps,
  type StoredCheckpoint,
} from './index-reader';
import type { Metric } from './index-writer';
import { locateParts } from './locate';
import { type RunDescription, readRunDescription, runFiles } from './run-folder';
import { scanBatches, storedPartOf } from './scan';
import { planScan, type ScanSource } from './scan-plan';
import { readStorage } from './stored-storage';

export interface TraceReaderOptions {
  readonly fileSystem?: FileSystem;
  /** Bytes read at a time; two such buffers are in use. */
  readonly batchBytes?: number;
}

/** Two of them fit into a cache, and the first is there soon. */
const defaultBatchBytes = 8 * 1024 * 1024;

/** Bytes whose parts are told of at a time where the files are read by others. */
const windowBytes = 256 * 1024 * 1024;

/** Indices of a step's examples and ghosts. */
export interface StepExamples {
  readonly step: number;
  readonly examples: Int32Array;
  readonly ghosts: Int32Array;
}

/** Everything that a step has left behind. */
export interface StoredStep {
  readonly step: number;
  readonly parts: StoredPart[];
  readonly sideState: NamedArray[];
}

/**
 * A run as it stood when it was opened, read-only; it may still be recorded meanwhile. Everything
 * handed out has been compared with its checksum.
 */
export class TraceReader implements RecordSource {
  readonly folder: string;
  readonly description: RunDescription;
  /** When the run was finished (ISO 8601); null while it is not. */
  readonly finishedAt: string | null;
  readonly steps: StepTable;
  readonly storage: ReadonlyMap<string, LayerStorage>;
  /** Checkpoints, the newest first. */
  readonly checkpoints: readonly StoredCheckpoint[];
  readonly #database: Database;
  readonly #fileSystem: FileSystem;
  readonly #hash: HashBlock;
  readonly #source: ScanSource;
  readonly #batchBytes: number;

  private constructor(
    folder: string,
    description: RunDescription,
    database: Database,
    hash: HashBlock,
    options: TraceReaderOptions,
  ) {
    this.folder = folder;
    this.description = description;
    this.#database = database;
    this.#hash = hash;
    this.#fileSystem = options.fileSystem ?? nodeFileSystem;
    this.#batchBytes = options.batchBytes ?? defaultBatchBytes;
    const place = fileOfRun(folder, runFiles.index);
    // One read transaction: a commit in between must not show steps without their shards.
    const load = database.transaction(() => {
      const progress = readProgress(database);
      return {
        progress,
        steps: readSteps(database, progress.steps, place),
        shards: new Map(readShards(database, place).map((shard) => [shard.shard, shard])),
        layouts: readLayouts(database, place),
        checkpoints: readCheckpoints(database, place),
        storage: readStorage(database, description, place),
      };
    });
    const { progress, steps, shards, layouts, checkpoints, storage } = load();
    checkLayouts(layouts.values(), description.tracedLayers, place);
    this.finishedAt = progress.finishedAt;
    this.steps = steps.table;
    this.checkpoints = checkpoints;
    this.storage = storage;
    this.#source = { steps, shards, layouts, place };
  }

  /**
   * Opens a run, finished or not.
   *
   * @throws DeltascopeError `run-missing`, `run-not-a-run`, `run-newer`, `trace-damaged` or
   * `no-permission`.
   */
  static async open(folder: string, options: TraceReaderOptions = {}): Promise<TraceReader> {
    const description = await readRunDescription(folder, options.fileSystem);
    const hash = await blockHasher();
    const database = openIndexForReading(folder);
    try {
      return new TraceReader(folder, description, database, hash, options);
    } catch (error) {
      database.close();
      if (error instanceof DeltascopeError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw damaged(fileOfRun(folder, runFiles.index), reason, error);
    }
  }

  get layers(): readonly TracedLayer[] {
    return this.description.tracedLayers;
  }

  get parts(): readonly RecordPart[] {
    return partsOfStorage(this.storage);
  }

  /** Bytes of all shards and checkpoints. */
  get bytes(): number {
    const files = [...this.#source.shards.values(), ...this.checkpoints];
    return files.reduce((sum, file) => sum + file.bytes, 0);
  }

  /** Bytes of the shards alone. */
  get shardBytes(): number {
    return [...this.#source.shards.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  examplesOf(step: number): StepExamples {
    for (const found of this.allExamples(step, step + 1)) return found;
    throw new DeltascopeError('request-invalid', 'trace', `There is no step ${step} in this run.`);
  }

  /** The examples and ghosts of all steps in turn, in one query. */
  *allExamples(from = 0, to = this.steps.count): Iterable<StepExamples> {
    const rows = this.#database
      .prepare(
        'SELECT step, examples, ghosts FROM steps WHERE step >= ? AND step < ? ORDER BY step',
      )
      .iterate(from, Math.min(to, this.steps.count)) as IterableIterator<{
      step: number;
      examples: Uint8Array;
      ghosts: Uint8Array;
    }>;
    for (const { step, examples, ghosts } of rows) {
      yield { step, examples: int32Of(examples), ghosts: int32Of(ghosts) };
    }
  }

  async *scan(query: ScanQuery): AsyncGenerator<readonly StoredPart[]> {
    const plan = planScan(this.#source, query, this.#batchBytes);
    const files = { ...this.#files, buffer: query.buffer };
    for await (const batch of scanBatches(plan, files, query.signal)) {
      yield batch.map(storedPartOf).filter((part) => part !== null);
    }
  }

  locate(query: ScanQuery): AsyncGenerator<readonly LocatedPart[]> | null {
    // Other file systems are to be asked for every byte.
    if (this.#fileSystem !== nodeFileSystem) return null;
    const plan = planScan(this.#source, query, windowBytes, true);
    return locateParts(plan, this.#files, windowBytes, query.signal);
  }

  /** Everything that each step has left behind, side state included; valid until the next step. */
  async *storedSteps(signal?: AbortSignal): AsyncGenerator<StoredStep> {
    const entries = [...this.#source.layouts.values()].flatMap((layout) => layout.entries);
    const query = {
      layers: [...new Set(entries.map(({ name }) => name))],
      parts: [...new Set(entries.map(({ group }) => group))],
    };
    const plan = planScan(this.#source, query, this.#batchBytes);
    let current = null as StoredStep | null;
    for await (const batch of scanBatches(plan, this.#files, signal)) {
      for (const { step, entry, encoded } of batch) {
        if (current?.step !== step) {
          if (current) yield current;
          current = { step, parts: [], sideState: [] };
        }
        const { group, name, shape } = entry;
        // A copy: the rest of the step may come with the next batch.
        const own = copyOf(encoded);
        if (group === 'side') {
          current.sideState.push({ name, shape, data: decode(own, sizeOf(shape)) });
        } else {
          current.parts.push(new LazyPart(step, name, group, shape, own));
        }
      }
    }
    if (current) yield current;
  }

  async weights(at: 'initial' | 'final'): Promise<readonly NamedArray[]> {
    if (at === 'final' && this.finishedAt === null) {
      const { count } = this.steps;
      const message = `${this.folder} is unfinished: ${count} of ${this.description.stepsPlanned} steps are recorded; continue it with the same command.`;
      throw new DeltascopeError('run-unfinished', 'trace', message);
    }
    const file = runFiles[at];
    const stored = this.checkpoints.find((checkpoint) => checkpoint.file === file);
    if (!stored) throw damaged(this.#source.place, `it has no ${file}`);
    const tensors = await this.checkpointTensors(stored);
    return tensors.filter(({ name }) => !name.startsWith('optimizer/'));
  }

  /** All tensors of a checkpoint, the optimizer's under `optimizer/…`. */
  checkpointTensors(stored: StoredCheckpoint): Promise<readonly NamedArray[]> {
    return readCheckpoint(this.#fileSystem, this.folder, stored, this.#hash);
  }

  /** Untraced state after a step (batch norm's gamma, beta, moving statistics), as exported. */
  async sideState(step: number): Promise<readonly NamedArray[]> {
    const layout = this.#source.layouts.get(this.#source.steps.layout[step] ?? -1);
    const side = layout?.entries.filter(({ group }) => group === 'side') ?? [];
    const names = side.map(({ name }) => name);
    const plan = planScan(
      this.#source,
      { layers: names, parts: ['side'], from: step, to: step + 1 },
      this.#batchBytes,
    );
    const found: NamedArray[] = [];
    for await (const batch of scanBatches(plan, this.#files, undefined)) {
      for (const { entry, encoded } of batch) {
        const data = decode(encoded, sizeOf(entry.shape));
        found.push({ name: entry.name, shape: entry.shape, data: data.slice() });
      }
    }
    return found;
  }

  /** Values that were measured while recording, ordered by step. */
  metrics(name: string): readonly Metric[] {
    return this.#database
      .prepare('SELECT name, step, value FROM metrics WHERE name = ? ORDER BY step')
      .all(name) as Metric[];
  }

  /** What `finish` or `storeResult` kept under a name; undefined where nothing was kept. */
  result(name: string): unknown {
    const row = this.#database.prepare('SELECT json FROM results WHERE name = ?').get(name) as
      | { json: string }
      | undefined;
    return row === undefined ? undefined : (JSON.parse(row.json) as unknown);
  }

  close(): void {
    this.#database.close();
  }

  get #files() {
    return { fileSystem: this.#fileSystem, folder: this.folder, hash: this.#hash };
  }
}
