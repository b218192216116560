import type { Database } from 'better-sqlite3';
import type { Migration } from './migration';
import { stepsAndFiles } from './migrations/0001-steps-and-files';

/** Every migration, oldest first. */
export const migrations: readonly Migration[] = [stepsAndFiles];

/** Version of the index that is written, and the newest that is read. */
export const indexVersion = migrations.length;

export function versionOf(database: Database): number {
  return Number(database.pragma('user_version', { simple: true }));
}

/** Brings an index up to date: each missing migration is one transaction, its version in it. */
export function migrate(database: Database, steps: readonly Migration[] = migrations): void {
  for (const { version, sql } of steps) {
    if (versionOf(database) >= version) continue;
    const apply = database.transaction(() => {
      database.exec(sql);
      database.pragma(`user_version = ${version}`);
    });
    apply.immediate();
  }
}
