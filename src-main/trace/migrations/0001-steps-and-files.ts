import type { Migration } from '../migration';

/** Steps, the files that hold their tensors, checkpoints, and what was measured. */
export const stepsAndFiles: Migration = {
  version: 1,
  sql: `
    CREATE TABLE progress (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      committed_steps INTEGER NOT NULL,
      finished_at TEXT
    ) STRICT;
    INSERT INTO progress (id, committed_steps) VALUES (1, 0);

    CREATE TABLE shards (
      shard INTEGER PRIMARY KEY,
      file TEXT NOT NULL UNIQUE,
      bytes INTEGER NOT NULL,
      block_bytes INTEGER NOT NULL,
      hashes BLOB NOT NULL
    ) STRICT;

    CREATE TABLE layouts (
      layout INTEGER PRIMARY KEY,
      bytes INTEGER NOT NULL,
      entries TEXT NOT NULL UNIQUE
    ) STRICT;

    -- loss and accuracy are NULL where they were not a number.
    CREATE TABLE steps (
      step INTEGER PRIMARY KEY,
      epoch INTEGER NOT NULL,
      label INTEGER NOT NULL,
      learning_rate REAL NOT NULL,
      loss REAL,
      accuracy REAL,
      examples BLOB NOT NULL,
      ghosts BLOB NOT NULL,
      shard INTEGER NOT NULL REFERENCES shards (shard),
      position INTEGER NOT NULL,
      layout INTEGER NOT NULL REFERENCES layouts (layout)
    ) STRICT;

    CREATE TABLE checkpoints (
      file TEXT PRIMARY KEY,
      step INTEGER NOT NULL,
      bytes INTEGER NOT NULL,
      block_bytes INTEGER NOT NULL,
      hashes BLOB NOT NULL,
      sampler TEXT NOT NULL
    ) STRICT;

    CREATE TABLE metrics (
      name TEXT NOT NULL,
      step INTEGER NOT NULL,
      value REAL,
      PRIMARY KEY (name, step)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE results (
      name TEXT PRIMARY KEY,
      json TEXT NOT NULL
    ) STRICT;
  `,
};
