import type { Database } from 'better-sqlite3';
import { DeltascopeError } from '../../src-shared/errors';
import { denseStorage } from '../engine/codecs/storage';
import type { LayerStorage } from '../engine/records';
import { BlockPool } from './block-file';
import { blockBytes, blockHasher, type HashBlock } from './block-hash';
import { type SoundState, takeState, writeCheckpoint } from './checkpoints';
import { checkNewFolder, prepareFolder } from './create-run';
import { fileOfRun, writingError } from './failures';
import { type FileSystem, nodeFileSystem } from './filesystem';
import { openIndexForWriting } from './index-database';
import { IndexWriter } from './index-writer';
import { type ResumePoint, recoverRun } from './recovery';
import {
  type RunDescription,
  readRunDescription,
  runFiles,
  writeRunDescription,
} from './run-folder';
import { lockRun, type RunLock } from './run-lock';
import { readStorage, storageResult } from './stored-storage';
import { recordingError } from './writer-failure';

export interface TraceWriterOptions {
  readonly fileSystem?: FileSystem;
  /** Bytes after which a shard is committed. */
  readonly shardBytes?: number;
  /** Seconds after which steps are committed, however few. */
  readonly commitSeconds?: number;
  /** Bytes written and hashed at a time. */
  readonly blockBytes?: number;
  /** Blocks that may wait for the disk. */
  readonly blocks?: number;
  /** A clock that never goes back, milliseconds. */
  readonly now?: () => number;
}

const defaults = {
  fileSystem: nodeFileSystem,
  shardBytes: 64 * 1024 * 1024,
  commitSeconds: 10,
  blockBytes,
  blocks: 12,
  now: (): number => performance.now(),
} satisfies Required<TraceWriterOptions>;

/**
 * Looks whether a run still lies where it was opened, before anything is put there by its path.
 *
 * @throws DeltascopeError `run-missing`
 */
export function requirePlace(run: OpenedRun): void {
  const gone = goneError(run);
  if (gone) throw gone;
}

/** The error of a run that lies elsewhere by now; null where it stands. */
export function goneError({ folder, lock }: OpenedRun): DeltascopeError | null {
  if (lock.stands()) return null;
  const message = `Recording stopped: ${folder} was removed, moved or replaced meanwhile. What was saved is where the folder went; put it back and continue with the same command.`;
  return new DeltascopeError('run-missing', 'trace', message);
}

/** What a new run is created with besides. */
export interface CreateOptions extends TraceWriterOptions {
  /** How the layers are going to be stored; absent: the description's parts in fp32. */
  readonly storage?: ReadonlyMap<string, LayerStorage>;
}

/** A checkpoint that stands in the run. */
export interface KnownCheckpoint {
  readonly file: string;
  readonly step: number;
  readonly bytes: number;
}

/** A run that is open for writing, with all that a writer works with. */
export interface OpenedRun {
  readonly folder: string;
  readonly description: RunDescription;
  readonly storage: ReadonlyMap<string, LayerStorage>;
  readonly options: Required<TraceWriterOptions>;
  readonly index: IndexWriter;
  readonly lock: RunLock;
  readonly hash: HashBlock;
  readonly pool: BlockPool;
  readonly resume: ResumePoint;
  readonly finishedAt: string | null;
  readonly nextShard: number;
  /** Bytes of all shards and checkpoints. */
  readonly bytes: number;
  readonly checkpoints: readonly KnownCheckpoint[];
}

/**
 * Creates a run with the state training starts from. `run.json` is written last: a folder is a run
 * once everything else stands.
 *
 * @throws DeltascopeError `request-invalid` where the folder holds something, `run-locked`,
 * `disk-full`, `no-permission` or `write-failed`.
 */
export async function createRun(
  folder: string,
  description: RunDescription,
  initial: SoundState,
  { storage, ...given }: CreateOptions,
): Promise<OpenedRun> {
  const options = { ...defaults, ...given };
  const { fileSystem } = options;
  const state = takeState(initial, false);
  const hash = await blockHasher();
  const pool = new BlockPool(options.blocks, options.blockBytes);
  let lock: RunLock | undefined;
  let database: Database | undefined;
  try {
    await checkNewFolder(fileSystem, folder);
    await fileSystem.makeFolder(folder);
    lock = lockRun(folder);
    await prepareFolder(fileSystem, folder);
    database = openIndexForWriting(folder);
    const index = new IndexWriter(database);
    const file = runFiles.initial;
    const checkpoint = await writeCheckpoint(fileSystem, folder, file, state, pool, hash);
    const results = storage ? { [storageResult]: [...storage.values()] } : {};
    index.commit({ ...nothing, committedSteps: state.step, checkpoint, results });
    await fileSystem.syncFolder(folder);
    await writeRunDescription(folder, description, fileSystem);
    const sampler: unknown = JSON.parse(state.sampler);
    return {
      ...{ folder, description, options, index, lock, hash, pool },
      storage: storage ?? denseStorage(description.tracedLayers, description.parts),
      resume: {
        committedSteps: state.step,
        losses: new Float64Array(0),
        checkpoint: { step: state.step, sampler, tensors: state.tensors },
      },
      finishedAt: null,
      nextShard: 0,
      bytes: checkpoint.bytes,
      checkpoints: [checkpoint],
    };
  } catch (error) {
    database?.close();
    lock?.release();
    const place = { folder, step: 0, committedSteps: 0, bytesNeeded: options.shardBytes };
    throw recordingError(error, place);
  }
}

const nothing = { shards: [], steps: [], dropCheckpoints: [], metrics: [], results: {} } as const;

/**
 * Opens a run to go on with it, after bringing it back to its last commit.
 *
 * @throws DeltascopeError `run-missing`, `run-not-a-run`, `run-locked`, `run-newer`,
 * `trace-damaged`, `no-permission` or `write-failed`.
 */
export async function openRun(folder: string, given: TraceWriterOptions): Promise<OpenedRun> {
  const options = { ...defaults, ...given };
  const hash = await blockHasher();
  const description = await readRunDescription(folder, options.fileSystem);
  const lock = lockRun(folder);
  let database: Database | undefined;
  try {
    database = openIndexForWriting(folder);
    const recovered = await recoverRun(options.fileSystem, folder, database, hash);
    const index = new IndexWriter(database);
    index.dropCheckpoints(recovered.unusable);
    const pool = new BlockPool(options.blocks, options.blockBytes);
    const storage = readStorage(database, description, fileOfRun(folder, runFiles.index));
    return { folder, description, storage, options, index, lock, hash, pool, ...recovered };
  } catch (error) {
    database?.close();
    lock.release();
    throw writingError(error, folder);
  }
}
