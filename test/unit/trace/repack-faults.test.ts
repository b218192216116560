import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repackTrace } from '../../../src-main/trace/repack';
import { TraceReader } from '../../../src-main/trace/trace-reader';
import { TraceWriter } from '../../../src-main/trace/trace-writer';
import { verifyFiles } from '../../../src-main/trace/verify-files';
import { Random } from '../../../src-shared/random';
import { builtProgram } from './built-child';
import { canFailCalls, failingCalls } from './failing-calls';
import { FaultyFileSystem } from './faulty-filesystem';
import { recordRun, sameFloats, small, stepRecord, storedIn } from './fixtures';
import { testDisk } from './temporary-folder';

const steps = 20;
const kills = Number(process.env.DELTASCOPE_KILLS ?? 2);
/** Every how manyth call is tried, from another one each time. */
const stride = Number(process.env.DELTASCOPE_FAULT_STRIDE ?? 5);
const random = Random.seeded(Date.now(), 'repacks');
const program = builtProgram('repacking-child');
let root = '';
let sound = '';

beforeAll(async () => {
  root = mkdtempSync(join(testDisk, 'deltascope-repack-'));
  sound = join(root, 'sound');
  await recordRun(sound, steps);
});
afterAll(() => rmSync(root, { recursive: true }));

function copy(): string {
  const folder = join(mkdtempSync(join(root, 'copy-')), 'run');
  cpSync(sound, folder, { recursive: true });
  return folder;
}

/** As what a run is stored that holds every step as it was or as it is to be; and nothing beside them. */
async function storedAs(folder: string): Promise<'dense' | 'int8'> {
  expect((await verifyFiles(folder)).filter(({ ok }) => !ok)).toEqual([]);
  const reader = await TraceReader.open(folder);
  const { codec } = reader.storage.get('fc1')?.parts[0] ?? { codec: 'dense' };
  expect([...reader.storage.values()].map(({ parts: [part] }) => part?.codec)).toEqual([
    codec,
    codec,
  ]);
  let parts = 0;
  for await (const batch of reader.scan({ layers: ['fc1', 'fc2'], parts: ['gradient'] })) {
    for (const { step, layer, data } of batch) {
      const exact = stepRecord(step).parts.find((part) => part.layer === layer)?.data;
      if (codec === 'dense') expect(sameFloats(data, exact as Float32Array)).toBe(true);
      const missed = data.map((value, i) => Math.abs(value - (exact?.[i] as number)));
      // One rounding of this step and one of the step before, of numbers up to 1.
      expect(Math.max(...missed)).toBeLessThan(1.6 / 127);
      parts += 1;
    }
  }
  reader.close();
  expect(parts).toBe(2 * steps);
  // The next opening for writing removes what nothing names.
  await (await TraceWriter.open(folder, small)).close();
  const named = (await verifyFiles(folder)).filter(({ name }) => name.startsWith('shards/'));
  expect(readdirSync(join(folder, 'shards')).sort()).toEqual(
    named.map(({ name }) => name.slice('shards/'.length)).sort(),
  );
  return codec === 'int8' ? 'int8' : 'dense';
}

describe('packing anew', () => {
  it.each([false, true])(
    'leaves a whole run, whichever call of the file system fails (lasting: %s)',
    async (lasts) => {
      const all = new FaultyFileSystem(null);
      await repackTrace(copy(), storedIn('int8'), { ...small, fileSystem: all });
      // The new shards' names are on the disk before any old shard goes.
      const done = all.calls.slice(all.calls.lastIndexOf('rename'));
      expect(done.slice(0, 3)).toEqual(['rename', 'syncFolder', 'remove']);
      const seen = new Set<string>();
      for (let at = random.integer(stride); at < all.calls.length; at += stride) {
        const folder = copy();
        const fileSystem = new FaultyFileSystem({ at, code: 'EIO', lasts });
        const error = await repackTrace(folder, storedIn('int8'), { ...small, fileSystem }).then(
          () => null,
          (thrown: unknown) => thrown,
        );
        expect(fileSystem.retriedSyncs).toBe(0);
        const stored = await storedAs(folder);
        // Said to have failed where nothing was packed, and only there.
        expect([at, stored]).toEqual([at, error === null ? 'int8' : 'dense']);
        seen.add(stored);
        rmSync(folder, { recursive: true });
      }
      expect(seen).toEqual(new Set(['dense', 'int8']));
    },
  );

  it(`leaves a whole run when it is killed at ${kills} random moments`, {
    timeout: 60_000 + kills * 3000,
  }, async () => {
    for (let kill = 0; kill < kills; kill += 1) {
      const folder = copy();
      const child = spawn(process.execPath, [program, folder]);
      const ended = new Promise((done) => child.on('close', done));
      child.stdout.once('data', () =>
        setTimeout(() => child.kill('SIGKILL'), random.uniform() * 60),
      );
      await ended;
      await storedAs(folder);
      rmSync(folder, { recursive: true });
    }
  });

  it.runIf(canFailCalls)(
    'leaves a whole run where the index can’t be synced, nor anything after that',
    { timeout: 120_000 },
    async () => {
      const calls = failingCalls(root);
      const before = readdirSync(join(sound, 'shards'));
      const kept = new Set<string>();
      for (let at = 2; at < 5; at += 1) {
        const folder = copy();
        const env = calls.environment({ at, code: 'EIO', call: 'sync', lasts: true });
        const { stderr } = spawnSync(process.execPath, [program, folder], { env });
        const shards = readdirSync(join(folder, 'shards'));
        const isBoth =
          shards.length > before.length && before.every((name) => shards.includes(name));
        // Whether the transaction counts, only the next opening knows.
        if (isBoth) kept.add(`${calls.outcome()} ${String(stderr).replace(/^.*run /, '')}`);
        await storedAs(folder);
      }
      expect([...kept]).toEqual(['sync index.sqlite-wal could not be written (disk I/O error).']);
    },
  );
});
