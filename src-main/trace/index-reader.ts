import type { Database } from 'better-sqlite3';
import type { StepTable } from '../engine/records';
import type { BlockFileRecord } from './block-file';
import { hashBytes } from './block-hash';
import { damaged } from './failures';
import { parseLayout, type StepLayout } from './layout';

/**
 * What the index says, checked: an index may come from elsewhere, so file names, sizes and counts
 * are not believed.
 */

/** A file of the run with the checksums of its blocks. */
export interface StoredFile extends BlockFileRecord {
  /** Path inside the run folder. */
  readonly file: string;
}

export interface StoredShard extends StoredFile {
  readonly shard: number;
}

export interface StoredCheckpoint extends StoredFile {
  readonly step: number;
  readonly sampler: string;
}

interface FileRow {
  readonly file: string;
  readonly bytes: number;
  readonly block_bytes: number;
  readonly hashes: Uint8Array;
}

const shardName = /^shards\/\d{6,12}\.safetensors$/;
const checkpointName = /^checkpoints\/(initial|final|\d{9,12})\.safetensors$/;

function storedFile(row: FileRow, name: RegExp, place: string): StoredFile {
  if (!name.test(row.file)) throw damaged(place, 'it names a file outside the run');
  const { file, bytes, block_bytes: blockBytes, hashes } = row;
  const blocks = Math.ceil(bytes / blockBytes);
  if (bytes < 1 || blockBytes < 1 || hashes.byteLength !== blocks * hashBytes) {
    throw damaged(place, `the size and the checksums of ${file} don't fit together`);
  }
  return { file, bytes, blockBytes, hashes };
}

/** Steps that are durable, and when the run was finished; null while it is not. */
export function readProgress(database: Database): { steps: number; finishedAt: string | null } {
  const row = database.prepare('SELECT committed_steps, finished_at FROM progress').get() as
    | { committed_steps: number; finished_at: string | null }
    | undefined;
  return { steps: row?.committed_steps ?? 0, finishedAt: row?.finished_at ?? null };
}

export function readShards(database: Database, place: string): StoredShard[] {
  const rows = database
    .prepare('SELECT shard, file, bytes, block_bytes, hashes FROM shards ORDER BY shard')
    .all() as (FileRow & { shard: number })[];
  return rows.map((row) => ({ ...storedFile(row, shardName, place), shard: row.shard }));
}

/** Checkpoints, the newest first. */
export function readCheckpoints(database: Database, place: string): StoredCheckpoint[] {
  const rows = database
    .prepare(
      'SELECT file, step, bytes, block_bytes, hashes, sampler FROM checkpoints ORDER BY step DESC, file',
    )
    .all() as (FileRow & { step: number; sampler: string })[];
  return rows.map((row) => ({
    ...storedFile(row, checkpointName, place),
    step: row.step,
    sampler: row.sampler,
  }));
}

export function readLayouts(database: Database, place: string): Map<number, StepLayout> {
  const rows = database.prepare('SELECT layout, bytes, entries FROM layouts').all() as {
    layout: number;
    bytes: number;
    entries: string;
  }[];
  return new Map(
    rows.map(({ layout, bytes, entries }) => [layout, parseLayout(entries, bytes, place)]),
  );
}

/** The step table, and where each step's tensors lie. */
export interface StoredSteps {
  readonly table: StepTable;
  readonly shard: Int32Array;
  readonly position: Float64Array;
  readonly layout: Int32Array;
}

/**
 * Reads the step table in one go.
 *
 * @throws DeltascopeError `trace-damaged` where steps are missing.
 */
export function readSteps(database: Database, count: number, place: string): StoredSteps {
  // The number is not believed before as much as one column is allocated for it.
  const present = database.prepare('SELECT count(*) FROM steps').pluck().get() as number;
  if (present < count) throw damaged(place, `it holds ${present} of ${count} steps`);
  const stored: StoredSteps = {
    table: {
      count,
      label: new Int32Array(count),
      epoch: new Int32Array(count),
      learningRate: new Float64Array(count),
      loss: new Float64Array(count),
      accuracy: new Float64Array(count),
    },
    shard: new Int32Array(count),
    position: new Float64Array(count),
    layout: new Int32Array(count),
  };
  const { table } = stored;
  const rows = database
    .prepare(
      `SELECT step, label, epoch, learning_rate, loss, accuracy, shard, position, layout
       FROM steps WHERE step < ? ORDER BY step`,
    )
    .raw()
    .iterate(count) as IterableIterator<(number | null)[]>;
  let next = 0;
  for (const row of rows) {
    const [step, label, epoch, rate, loss, accuracy, shard, position, layout] = row;
    if (step !== next) break;
    table.label[next] = label ?? -1;
    table.epoch[next] = epoch ?? 0;
    table.learningRate[next] = rate ?? Number.NaN;
    table.loss[next] = loss ?? Number.NaN;
    table.accuracy[next] = accuracy ?? Number.NaN;
    stored.shard[next] = shard ?? -1;
    stored.position[next] = position ?? 0;
    stored.layout[next] = layout ?? -1;
    next += 1;
  }
  if (next !== count) throw damaged(place, `step ${next} of ${count} is missing`);
  return stored;
}

/** A blob of little-endian 32-bit integers. */
export function int32Of(blob: Uint8Array): Int32Array {
  return new Int32Array(blob.slice().buffer, 0, Math.floor(blob.byteLength / 4));
}
