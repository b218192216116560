import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { xxhash3 } from 'hash-wasm';
import { describe, expect, it, vi } from 'vitest';
import { TraceReader } from '../../../src-main/trace/trace-reader';
import { TraceWriter } from '../../../src-main/trace/trace-writer';
import { FaultyFileSystem } from './faulty-filesystem';
import {
  description,
  differences,
  recordRun,
  recordSteps,
  small,
  stateAfter,
  stepRecord,
} from './fixtures';
import { temporaryFolder } from './temporary-folder';

interface PlainTensor {
  readonly dtype: string;
  readonly shape: number[];
  readonly data_offsets: [number, number];
}

/** Reads a safetensors file with nothing but the rules of the format. */
function parsePlainly(path: string): Map<string, { shape: number[]; values: number[] }> {
  const bytes = readFileSync(path);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Record<string, PlainTensor>;
  const found = new Map<string, { shape: number[]; values: number[] }>();
  let end = 0;
  for (const [name, { dtype, shape, data_offsets: offsets }] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    expect(dtype).toBe('F32');
    const values: number[] = [];
    for (let at = offsets[0]; at < offsets[1]; at += 4)
      values.push(bytes.readFloatLE(8 + length + at));
    found.set(name, { shape, values });
    end = Math.max(end, offsets[1]);
  }
  expect(8 + length + end).toBe(bytes.byteLength);
  return found;
}

describe('a run on the disk', () => {
  it('can be read with the rules of safetensors and SQL alone', async () => {
    const folder = temporaryFolder();
    await recordRun(folder);
    const index = new Sqlite(join(folder, 'index.sqlite'), { readonly: true });
    const row = index
      .prepare('SELECT file, examples FROM steps JOIN shards USING (shard) WHERE step = 23')
      .get() as { file: string; examples: Buffer };
    index.close();
    const record = stepRecord(23);
    const tensors = parsePlainly(join(folder, row.file));
    const stored = tensors.get('23/gradient/fc1');
    expect(stored?.shape).toEqual([25, 10]);
    expect(stored?.values).toEqual([...(record.parts[0]?.data ?? [])]);
    expect(tensors.get('23/side/bn1/movingMean')?.shape).toEqual([5]);
    expect(row.examples.readInt32LE(4)).toBe(record.examples[1]);
    expect(readdirSync(folder).sort()).toEqual([
      'checkpoints',
      'index.sqlite',
      'lock.sqlite',
      'run.json',
      'shards',
    ]);
  });

  it('has the xxh3-64 of each block in its canonical form', async () => {
    const folder = temporaryFolder();
    await recordRun(folder, 9);
    const index = new Sqlite(join(folder, 'index.sqlite'), { readonly: true });
    const rows = index.prepare('SELECT file, block_bytes, hashes FROM shards').all() as {
      file: string;
      block_bytes: number;
      hashes: Buffer;
    }[];
    index.close();
    for (const { file, block_bytes: size, hashes } of rows) {
      const bytes = readFileSync(join(folder, file));
      for (let block = 0; block * size < bytes.byteLength; block += 1) {
        const digest = await xxhash3(bytes.subarray(block * size, (block + 1) * size));
        expect(hashes.toString('hex', block * 8, block * 8 + 8)).toBe(digest);
      }
    }
    expect(rows.length).toBeGreaterThan(1);
  });
});

describe('a commit', () => {
  it('is acknowledged only after sync, close, rename and the sync of the folder, in this order', async () => {
    const folder = join(temporaryFolder(), 'run');
    const fileSystem = new FaultyFileSystem(null);
    const writer = await TraceWriter.create(folder, description, stateAfter(0), {
      ...small,
      fileSystem,
    });
    fileSystem.calls.length = 0;
    await writer.append(stepRecord(0));
    await writer.commit(stateAfter(1));
    const file = 'create write sync close rename syncFolder';
    expect(fileSystem.calls.join(' ')).toBe(file);
    expect(writer.committedSteps).toBe(1);
    fileSystem.calls.length = 0;
    await writer.append(stepRecord(1));
    await writer.finish(stateAfter(2));
    // A shard, then the final weights.
    expect(fileSystem.calls.join(' ')).toBe(`${file} ${file}`);
    await writer.close();
  });

  it('is due when the shard is full or the time has come, by a clock that never goes back', async () => {
    let time = 5000;
    const options = { ...small, commitSeconds: 10, now: () => time };
    const folder = temporaryFolder();
    const writer = await TraceWriter.create(folder, description, stateAfter(0), options);
    expect(writer.commitDue).toBe(false);
    await writer.append(stepRecord(0));
    time += 9_999;
    expect(writer.commitDue).toBe(false);
    time += 1;
    expect(writer.commitDue).toBe(true);
    await writer.commit(stateAfter(1));
    expect(writer.commitDue).toBe(false);
    for (let step = 1; !writer.commitDue; step += 1) await writer.append(stepRecord(step));
    expect(writer.bytesWritten).toBeGreaterThan(5000);
    await writer.close();
  });

  it('and a run’s end keep their order when the wall clock is set', async () => {
    const folder = temporaryFolder();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2031-05-04T12:00:00Z') });
    try {
      const born = { ...description, createdAt: new Date().toISOString() };
      const options = { ...small, commitSeconds: 3600, shardBytes: 1 << 20 };
      const writer = await TraceWriter.create(folder, born, stateAfter(0), options);
      await writer.append(stepRecord(0));
      for (const set of ['2041-01-01T00:00:00Z', '2011-01-01T00:00:00Z']) {
        vi.setSystemTime(Date.parse(set));
        // An hour of the machine's running time is due, not of what its clock shows.
        expect(writer.commitDue).toBe(false);
      }
      await writer.finish(stateAfter(1));
      await writer.close();
      const reader = await TraceReader.open(folder);
      expect(reader.finishedAt).toBe(born.createdAt);
      reader.close();
      const again = await TraceWriter.open(folder, small);
      expect(again.finishedAt).toBe(born.createdAt);
      await again.close();
    } finally {
      vi.useRealTimers();
    }
  });

  it('may still be under way while the next steps are taken', async () => {
    const folder = temporaryFolder();
    const writer = await TraceWriter.create(folder, description, stateAfter(0), small);
    const commits: Promise<void>[] = [];
    for (let step = 0; step < 60; step += 1) {
      await writer.append(stepRecord(step));
      if (writer.commitDue) commits.push(writer.commit(stateAfter(step + 1)));
    }
    expect(commits.length).toBeGreaterThan(5);
    await writer.finish(stateAfter(60));
    await Promise.all(commits);
    await writer.close();
    const reader = await TraceReader.open(folder);
    expect(reader.steps.count).toBe(60);
    expect(await differences(reader)).toEqual([]);
    reader.close();
  });

  it('of nothing new is no commit, and misuse is told', async () => {
    const folder = temporaryFolder();
    const first = await TraceWriter.create(folder, description, stateAfter(0), small);
    await recordSteps(first, { to: 8 });
    await expect(first.append(stepRecord(9))).rejects.toThrow('step 9 came where step 8 was due');
    await expect(first.commit(stateAfter(9))).rejects.toMatchObject({ code: 'internal' });
    await first.close();
    const second = await TraceWriter.open(folder, small);
    await second.commit(stateAfter(second.resume.checkpoint.step));
    expect(second.committedSteps).toBe(8);
    await second.close();
    await expect(second.append(stepRecord(8))).rejects.toThrow('the run has been closed');
  });
});
