import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { openIndexForReading, openIndexForWriting } from '../../../src-main/trace/index-database';
import { indexVersion, migrate, migrations, versionOf } from '../../../src-main/trace/migrate';
import type { Migration } from '../../../src-main/trace/migration';
import { isRunFolder, readRunDescription } from '../../../src-main/trace/run-folder';
import { isBeingRecorded, lockRun } from '../../../src-main/trace/run-lock';
import { TraceReader } from '../../../src-main/trace/trace-reader';
import { TraceWriter } from '../../../src-main/trace/trace-writer';
import { DeltascopeError } from '../../../src-shared/errors';
import { FaultyFileSystem } from './faulty-filesystem';
import { description, recordRun, recordSteps, small, stateAfter } from './fixtures';
import { temporaryFolder } from './temporary-folder';

async function messageOf(work: Promise<unknown>): Promise<string> {
  const error = await work.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DeltascopeError);
  return error instanceof DeltascopeError ? `${error.code}: ${error.message}` : '';
}

describe('a folder that is no run', () => {
  it('is told in one sentence', async () => {
    const folder = temporaryFolder();
    expect(await messageOf(TraceReader.open(folder))).toBe(
      `run-not-a-run: ${folder} is not a Deltascope run: it has no run.json.`,
    );
    expect(await isRunFolder(folder)).toBe(false);
    expect(await messageOf(TraceWriter.open(`${folder}/x`))).toBe(
      `run-missing: ${folder}/x does not exist.`,
    );
    writeFileSync(`${folder}/file`, '');
    expect(await messageOf(TraceReader.open(`${folder}/file`))).toContain(
      'it is a file, not a folder',
    );
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it('is not written into where it holds something', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'thesis.txt'), '');
    const create = TraceWriter.create(folder, description, stateAfter(0), small);
    expect(await messageOf(create)).toContain('is not empty: it holds "thesis.txt"');
    expect(readdirSync(folder)).toEqual(['thesis.txt']);
    for (const below of ['thesis.txt', 'thesis.txt/run']) {
      const place = join(folder, below);
      const onFile = TraceWriter.create(place, description, stateAfter(0), small);
      expect(await messageOf(onFile)).toContain(`${place} can't be a folder: a file has that name`);
    }
    const run = temporaryFolder();
    await recordRun(run, 5);
    const again = TraceWriter.create(run, description, stateAfter(0), small);
    expect(await messageOf(again)).toContain('already holds a run');
  });

  it('is told where run.json is lost, and its steps are not thrown away', async () => {
    const folder = temporaryFolder();
    await recordRun(folder, 5);
    rmSync(join(folder, 'run.json'));
    const create = TraceWriter.create(folder, description, stateAfter(0), small);
    expect(await messageOf(create)).toContain('holds recorded steps but no run.json');
    expect(readdirSync(join(folder, 'shards'))).not.toEqual([]);
  });
});

describe('a run that is not ours to open', () => {
  it('of a newer version is refused in one sentence, unchanged', async () => {
    const folder = temporaryFolder();
    await recordRun(folder, 5);
    const database = new Sqlite(join(folder, 'index.sqlite'));
    database.pragma(`user_version = ${indexVersion + 1}`);
    database.close();
    const sentence = `run-newer: ${folder} was recorded by a newer version of Deltascope (index version ${indexVersion + 1}, this version reads up to ${indexVersion}); update Deltascope to open it.`;
    expect(await messageOf(TraceReader.open(folder))).toBe(sentence);
    expect(await messageOf(TraceWriter.open(folder))).toBe(sentence);
    const path = join(folder, 'run.json');
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replace('"formatVersion": 1', '"formatVersion": 7'),
    );
    expect(await messageOf(TraceReader.open(folder))).toContain('(run format 7, this version');
  });

  it('with a damaged run.json names the field', async () => {
    const folder = temporaryFolder();
    await recordRun(folder, 5);
    const path = join(folder, 'run.json');
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace('"train": 60', '"train": -60'));
    expect(await messageOf(readRunDescription(folder))).toMatch(
      /run.json is damaged: field "data.examples.train"/,
    );
    writeFileSync(path, text.slice(0, 300));
    expect(await messageOf(readRunDescription(folder))).toContain(
      'run.json is damaged: it is not JSON',
    );
  });

  it('without permission says so', async () => {
    const folder = temporaryFolder();
    await recordRun(folder, 5);
    const fileSystem = new FaultyFileSystem({ at: 1, code: 'EACCES' });
    expect(await messageOf(TraceReader.open(folder, { fileSystem }))).toMatch(
      /^no-permission: There is no permission to read .*run.json\.$/,
    );
  });

  it('whose index names files outside of it is refused', async () => {
    const folder = temporaryFolder();
    await recordRun(folder, 5);
    const database = new Sqlite(join(folder, 'index.sqlite'));
    database.exec("UPDATE shards SET file = '../../etc/passwd' WHERE shard = 0");
    database.close();
    expect(await messageOf(TraceReader.open(folder))).toContain('it names a file outside the run');
    expect(await messageOf(TraceWriter.open(folder))).toContain('it names a file outside the run');
  });
});

describe('the lock', () => {
  it('refuses a second writer in one sentence and lets readers in', async () => {
    const folder = temporaryFolder();
    const writer = await TraceWriter.create(folder, description, stateAfter(0), small);
    await recordSteps(writer, { to: 5 });
    expect(isBeingRecorded(folder)).toBe(true);
    expect(await messageOf(TraceWriter.open(folder))).toBe(
      `run-locked: ${folder} is being recorded by another process; wait until it ends, or stop it first.`,
    );
    const reader = await TraceReader.open(folder);
    expect(reader.steps.count).toBe(5);
    reader.close();
    await writer.close();
    expect(isBeingRecorded(folder)).toBe(false);
    const next = await TraceWriter.open(folder);
    await next.close();
  });

  it('can be taken again once released', () => {
    const folder = temporaryFolder();
    lockRun(folder).release();
    lockRun(folder).release();
    expect(isBeingRecorded(folder)).toBe(false);
  });
});

describe('the index', () => {
  it('syncs every commit and keeps a log that readers can share', () => {
    const folder = temporaryFolder();
    const database = openIndexForWriting(folder);
    expect(database.pragma('synchronous', { simple: true })).toBe(2);
    expect(database.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(versionOf(database)).toBe(indexVersion);
    const reader = openIndexForReading(folder);
    expect(() => reader.exec('DELETE FROM steps')).toThrow('readonly');
    reader.close();
    database.close();
  });

  it('of every older version is brought up to date with what it holds', () => {
    for (let version = 1; version <= indexVersion; version += 1) {
      const folder = temporaryFolder();
      const old = new Sqlite(join(folder, 'index.sqlite'));
      migrate(old, migrations.slice(0, version));
      old.exec(
        "INSERT INTO shards VALUES (0, 'shards/000000.safetensors', 9, 4194304, x'0011223344556677')",
      );
      old.exec("INSERT INTO layouts VALUES (1, 0, '[]')");
      old.exec("INSERT INTO steps VALUES (0, 2, 7, 0.5, 1.5, 0.25, x'01000000', x'', 0, 64, 1)");
      old.exec('UPDATE progress SET committed_steps = 1');
      old.close();
      const database = openIndexForReading(folder);
      expect(versionOf(database)).toBe(indexVersion);
      expect(database.prepare('SELECT step, epoch, label, loss FROM steps').get()).toEqual({
        step: 0,
        epoch: 2,
        label: 7,
        loss: 1.5,
      });
      database.close();
    }
  });

  it('takes each migration whole or not at all', () => {
    const database = new Sqlite(':memory:');
    const broken: Migration = { version: 2, sql: 'CREATE TABLE a (b); CREATE TABLE a (b);' };
    expect(() => migrate(database, [...migrations.slice(0, 1), broken])).toThrow('already exists');
    expect(versionOf(database)).toBe(1);
    expect(
      database.prepare("SELECT name FROM sqlite_schema WHERE name = 'a'").get(),
    ).toBeUndefined();
    expect(migrations.map(({ version }) => version)).toEqual(
      migrations.map((_, index) => index + 1),
    );
    database.close();
  });

  it('of a creation that was cut off gives way to a new run', async () => {
    const folder = temporaryFolder();
    openIndexForWriting(folder).close();
    mkdirSync(join(folder, 'shards'));
    const writer = await TraceWriter.create(folder, description, stateAfter(0), small);
    await recordSteps(writer, { to: 5 });
    await writer.close();
    expect((await readRunDescription(folder)).stepsPlanned).toBe(40);
  });
});
