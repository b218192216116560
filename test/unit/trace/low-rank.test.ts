import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { beforeAll, describe, expect, it } from 'vitest';
import { startEngine } from '../../../src-main/engine/backend';
import { lowRankStorage } from '../../../src-main/engine/codecs/encode-low-rank';
import { packWholes } from '../../../src-main/engine/codecs/pack-wholes';
import { partStorage } from '../../../src-main/engine/codecs/storage';
import { lowRankGradient } from '../../../src-main/engine/codecs/whole-gradients';
import type { LayerStorage, PartHeader } from '../../../src-main/engine/records';
import { exportUpdates } from '../../../src-main/trace/exports';
import { repackTrace } from '../../../src-main/trace/repack';
import { plainSgd } from '../../../src-main/trace/replay';
import { readTensors } from '../../../src-main/trace/safetensors';
import { TraceReader } from '../../../src-main/trace/trace-reader';
import { TraceWriter } from '../../../src-main/trace/trace-writer';
import { verifyFiles } from '../../../src-main/trace/verify-files';
import { DeltascopeError } from '../../../src-shared/errors';
import { Random } from '../../../src-shared/random';
import { description, recordRun, small, stateAfter, stepRecord } from './fixtures';
import { temporaryFolder } from './temporary-folder';

beforeAll(() => startEngine());

const fc1 = description.tracedLayers[0] as (typeof description.tracedLayers)[number];
const mutations = Number(process.env.DELTASCOPE_FUZZ ?? 200);

/** fc1 as nine directions, ghosts' part and all; fc2 in fp32. */
function storageOf(ghosts: boolean): Map<string, LayerStorage> {
  const parts = lowRankStorage(fc1, ghosts);
  return new Map<string, LayerStorage>([
    ['fc1', { layer: 'fc1', parts, rank: 9, errorBound: 0.002 }],
    ['fc2', { layer: 'fc2', parts: [partStorage('gradient', 'dense', 0)], errorBound: 0 }],
  ]);
}

async function recordLowRank(folder: string, steps: number): Promise<void> {
  const storage = storageOf(true);
  const writer = await TraceWriter.create(folder, description, stateAfter(0), {
    ...small,
    storage,
  });
  for (let step = 0; step < steps; step++) {
    const record = stepRecord(step);
    const gradient = record.parts[0]?.data as Float32Array;
    const wholes = { gradient, ghost: gradient.map((value) => value / 3) };
    const packed = packWholes(fc1, storage.get('fc1') as LayerStorage, wholes, () => null);
    const parts = packed.map((part) => ({ layer: 'fc1', data: new Float32Array(0), ...part }));
    await writer.append({ ...record, parts: [...parts, ...record.parts.slice(1)] });
  }
  await writer.finish(stateAfter(steps));
  await writer.close();
}

const directions = ['basis', 'coordinates', 'ghostCoordinates'] as const;

type Numbers = PartHeader & { readonly data: Float32Array };

async function scanned(folder: string): Promise<Map<string, Numbers>> {
  const reader = await TraceReader.open(folder);
  const found = new Map<string, Numbers>();
  try {
    const query = { layers: ['fc1'], parts: [...directions, 'gradient'] } as const;
    for await (const batch of reader.scan(query)) {
      for (const { step, layer, part, shape, data } of batch) {
        found.set(`${step}/${part}`, { step, layer, part, shape, data: data.slice() });
      }
    }
  } finally {
    reader.close();
  }
  return found;
}

function error(found: Float32Array, exact: Float32Array): number {
  const off = found.map((value, i) => value - (exact[i] as number));
  return Math.hypot(...off) / Math.hypot(...exact);
}

/** Sines of one wave length have two directions, however many the rows. */
const exact = (step: number): Float32Array => stepRecord(step).parts[0]?.data as Float32Array;

describe('few directions', () => {
  it('come back from the shards, the ghosts’ part too, and are verified', async () => {
    const folder = join(temporaryFolder(), 'run');
    await recordLowRank(folder, 6);
    const found = await scanned(folder);
    expect(found.size).toBe(18);
    for (let step = 0; step < 6; step++) {
      const [basis, coordinates, ghosts] = directions.map((part) => found.get(`${step}/${part}`));
      if (!basis || !coordinates || !ghosts) throw new Error('a part is missing');
      expect([basis.shape, coordinates.shape]).toEqual([
        [9, 25],
        [9, 10],
      ]);
      expect(error(lowRankGradient(basis, coordinates), exact(step))).toBeLessThan(1e-4);
      const third = exact(step).map((value) => value / 3);
      expect(error(lowRankGradient(basis, ghosts), third)).toBeLessThan(1e-4);
    }
    expect((await verifyFiles(folder)).filter(({ ok }) => !ok)).toEqual([]);
  });

  it('are what a run is packed into, and what it is packed from', async () => {
    const folder = join(temporaryFolder(), 'run');
    await recordRun(folder, 20);
    await repackTrace(folder, storageOf(false), small);
    const reader = await TraceReader.open(folder);
    expect(reader.storage).toEqual(storageOf(false));
    const out = join(folder, '../updates.safetensors');
    await exportUpdates(reader, 'fc1', { from: 3, to: 5 }, out, {
      apply: plainSgd,
      multiply: lowRankGradient,
    });
    const rate = reader.steps.learningRate[4] as number;
    reader.close();
    const update = (await readTensors(out)).find(({ name }) => name === '4');
    const wanted = exact(4).map((value) => -rate * value);
    expect(error(update?.data as Float32Array, wanted)).toBeLessThan(1e-3);

    const int16 = storageOf(false);
    const parts = [partStorage('gradient', 'int16', 250)];
    int16.set('fc1', { layer: 'fc1', parts, errorBound: 0.003 });
    await repackTrace(folder, int16, small);
    const found = await scanned(folder);
    expect(found.size).toBe(20);
    for (const { step, data } of found.values()) {
      expect(error(data, exact(step))).toBeLessThan(1e-3);
    }
    expect((await verifyFiles(folder)).filter(({ ok }) => !ok)).toEqual([]);
  });

  it(`are refused in one sentence where the index lies about them, ${mutations} times of ${mutations}`, async () => {
    const folder = join(temporaryFolder(), 'run');
    await recordLowRank(folder, 4);
    const sound = await scanned(folder);
    const database = new Sqlite(join(folder, 'index.sqlite'));
    const text = database.prepare('SELECT entries FROM layouts').pluck().get() as string;
    const write = database.prepare('UPDATE layouts SET entries = ?');
    const random = Random.seeded(4, 'lies');
    for (let k = 0; k < mutations; k++) {
      const lie = mutated(JSON.parse(text), random);
      write.run(JSON.stringify(lie));
      const found = await scanned(folder).catch((cause: unknown) => cause);
      if (found instanceof Map) {
        // What says the same in other words is no lie.
        expect(new Set(found.keys())).toEqual(new Set(sound.keys()));
        for (const [name, { shape, data }] of found) {
          expect([shape, data]).toEqual([sound.get(name)?.shape, sound.get(name)?.data]);
        }
        continue;
      }
      expect(found, JSON.stringify(lie)).toBeInstanceOf(DeltascopeError);
      expect(found).toMatchObject({ code: 'trace-damaged' });
      expect(String(found)).not.toContain('\n');
    }
    database.close();
  });
});

type Json = string | number | null | Json[] | { [key: string]: Json };

const lies: readonly Json[] = [0, -1, 1, 8, 9, 10, 25, 225, 2 ** 31, 2 ** 53, 1.5, null, '9', []];
const names: readonly string[] = [...directions, 'gradient', 'int8', 'int4', 'dense', '.scales'];

/** The entries with one or two of their numbers and names changed, or one of them lost. */
function mutated(entries: Json[], random: Random): Json[] {
  if (random.integer(8) === 0) return entries.filter((_, i) => i !== random.integer(3));
  for (let changes = 1 + random.integer(2); changes > 0; changes--) {
    let at = entries[random.integer(3)] as { [key: string]: Json };
    for (;;) {
      const keys = Object.keys(at);
      const key = keys[random.integer(keys.length)] as string;
      const value = at[key];
      if (typeof value === 'object' && value !== null && random.integer(9) > 0) {
        if (Object.keys(value).length === 0) break;
        at = value as { [key: string]: Json };
        continue;
      }
      const pool = typeof value === 'string' ? names : lies;
      at[key] = pool[random.integer(pool.length)] as Json;
      break;
    }
  }
  return entries;
}
