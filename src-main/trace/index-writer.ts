import type { Database, Statement } from 'better-sqlite3';
import type { BlockFileRecord } from './block-file';
import type { StepNote } from './encode-step';
import type { StepLayout } from './layout';
import type { ShardRecord } from './shard-writer';

/** A step as the index keeps it: what it did, and where its tensors lie. */
export interface StepRow {
  readonly note: StepNote;
  readonly shard: number;
  readonly position: number;
  readonly layout: StepLayout;
}

export interface CheckpointRow extends BlockFileRecord {
  readonly file: string;
  readonly step: number;
  /** The sampler's state as JSON. */
  readonly sampler: string;
}

export interface Metric {
  readonly name: string;
  readonly step: number;
  readonly value: number;
}

/** Everything that becomes durable together. */
export interface IndexCommit {
  readonly committedSteps: number;
  readonly shards: readonly ShardRecord[];
  readonly steps: readonly StepRow[];
  readonly checkpoint?: CheckpointRow;
  /** Checkpoint files that are not kept any longer. */
  readonly dropCheckpoints: readonly string[];
  readonly metrics: readonly Metric[];
  readonly results: Readonly<Record<string, unknown>>;
  /** ISO 8601, where the run is finished by this commit. */
  readonly finishedAt?: string;
}

function int32Bytes(values: Int32Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}

/** The one writer of a run's index. */
export class IndexWriter {
  readonly #database: Database;
  /** By the text of a layout's entries. */
  readonly #layouts = new Map<string, number>();
  readonly #texts = new WeakMap<StepLayout, string>();
  readonly #statements: Record<
    'shard' | 'layout' | 'step' | 'checkpoint' | 'drop' | 'metric' | 'result' | 'progress',
    Statement
  >;

  constructor(database: Database) {
    this.#database = database;
    const prepare = (sql: string): Statement => database.prepare(sql);
    this.#statements = {
      shard: prepare('INSERT INTO shards VALUES (?, ?, ?, ?, ?)'),
      layout: prepare('INSERT INTO layouts (bytes, entries) VALUES (?, ?)'),
      step: prepare('INSERT INTO steps VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'),
      checkpoint: prepare('INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?, ?, ?, ?)'),
      drop: prepare('DELETE FROM checkpoints WHERE file = ?'),
      metric: prepare('INSERT OR REPLACE INTO metrics VALUES (?, ?, ?)'),
      result: prepare('INSERT OR REPLACE INTO results VALUES (?, ?)'),
      progress: prepare(
        'UPDATE progress SET committed_steps = ?, finished_at = coalesce(?, finished_at)',
      ),
    };
    const known = database.prepare('SELECT layout, entries FROM layouts').all();
    for (const { layout, entries } of known as { layout: number; entries: string }[]) {
      this.#layouts.set(entries, layout);
    }
  }

  /** Makes everything of a commit durable, or nothing. */
  commit(commit: IndexCommit): void {
    const added = new Map<string, number>();
    const { shard, step, checkpoint, drop, metric, result, progress } = this.#statements;
    const apply = this.#database.transaction(() => {
      for (const row of commit.shards) {
        shard.run(row.shard, row.file, row.bytes, row.blockBytes, row.hashes);
      }
      for (const { note, shard: inShard, position, layout } of commit.steps) {
        step.run(
          note.step,
          note.epoch,
          note.label,
          note.learningRate,
          note.loss,
          note.accuracy,
          int32Bytes(note.examples),
          int32Bytes(note.ghosts),
          inShard,
          position,
          this.#layoutId(layout, added),
        );
      }
      for (const file of commit.dropCheckpoints) drop.run(file);
      const row = commit.checkpoint;
      if (row) {
        checkpoint.run(row.file, row.step, row.bytes, row.blockBytes, row.hashes, row.sampler);
      }
      for (const { name, step: at, value } of commit.metrics) metric.run(name, at, value);
      for (const [name, value] of Object.entries(commit.results)) {
        result.run(name, JSON.stringify(value));
      }
      progress.run(commit.committedSteps, commit.finishedAt ?? null);
    });
    apply.immediate();
    // Only now do the new layouts exist: a rolled back transaction must not leave their numbers.
    for (const [entries, layout] of added) this.#layouts.set(entries, layout);
  }

  /**
   * Puts steps that were packed anew in place of those that stand, all or none.
   *
   * @param results kept under their names in the same transaction
   * @returns files that nothing names any longer
   */
  replaceSteps(
    rows: readonly StepRow[],
    shards: readonly ShardRecord[],
    results: Readonly<Record<string, unknown>>,
  ): readonly string[] {
    const database = this.#database;
    const apply = database.transaction((): readonly string[] => {
      const old = database.prepare('SELECT file FROM shards').pluck().all() as string[];
      for (const row of shards) {
        this.#statements.shard.run(row.shard, row.file, row.bytes, row.blockBytes, row.hashes);
      }
      const move = database.prepare(
        'UPDATE steps SET shard = ?, position = ?, layout = ? WHERE step = ?',
      );
      const added = new Map<string, number>();
      for (const { note, shard, position, layout } of rows) {
        move.run(shard, position, this.#layoutId(layout, added), note.step);
      }
      database.exec(`
        DELETE FROM shards WHERE shard NOT IN (SELECT shard FROM steps);
        DELETE FROM layouts WHERE layout NOT IN (SELECT layout FROM steps);
      `);
      for (const [name, value] of Object.entries(results)) {
        this.#statements.result.run(name, JSON.stringify(value));
      }
      return old;
    });
    const replaced = apply.immediate();
    this.#layouts.clear();
    return replaced;
  }

  /** Removes checkpoints that turned out to be unusable. */
  dropCheckpoints(files: readonly string[]): void {
    const apply = this.#database.transaction(() => {
      for (const file of files) this.#statements.drop.run(file);
    });
    apply.immediate();
  }

  /**
   * Ends the write-ahead log, so that a finished run is one plain file that can also be read from a
   * medium that can't be written. Readers that have the run open keep the log a little longer.
   */
  close(finished: boolean): void {
    if (finished) {
      try {
        this.#database.pragma('busy_timeout = 0');
        this.#database.pragma('journal_mode = DELETE');
      } catch {
        // A reader is at work; the log stays, and nothing is lost by it.
      }
    }
    this.#database.close();
  }

  #layoutId(layout: StepLayout, added: Map<string, number>): number {
    const entries = this.#texts.get(layout) ?? JSON.stringify(layout.entries);
    this.#texts.set(layout, entries);
    const known = this.#layouts.get(entries) ?? added.get(entries);
    if (known !== undefined) return known;
    const inserted = this.#statements.layout.run(layout.bytes, entries);
    const id = Number(inserted.lastInsertRowid);
    added.set(entries, id);
    return id;
  }
}
