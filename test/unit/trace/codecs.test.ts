import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CarriedRests } from '../../../src-main/engine/codecs/carried-rests';
import { quantise } from '../../../src-main/engine/codecs/quantisation';
import { decode, encode, partStorage } from '../../../src-main/engine/codecs/storage';
import type { LayerStorage, StepRecord } from '../../../src-main/engine/records';
import { repackTrace } from '../../../src-main/trace/repack';
import { TraceReader } from '../../../src-main/trace/trace-reader';
import { TraceWriter } from '../../../src-main/trace/trace-writer';
import { verifyFiles } from '../../../src-main/trace/verify-files';
import { description, recordRun, recordSteps, small, stateAfter, stepRecord } from './fixtures';
import { temporaryFolder } from './temporary-folder';

/** fc1 in 8 bits, fc2 in another codec. */
function storageWith(codec: 'int16' | 'int8' | 'int4'): Map<string, LayerStorage> {
  const of = (layer: string, wanted: 'int16' | 'int8' | 'int4', errorBound: number) => ({
    layer,
    parts: [partStorage('gradient', wanted, 250)],
    errorBound,
  });
  return new Map([
    ['fc1', of('fc1', 'int8', 0.001)],
    ['fc2', of('fc2', codec, 0.002)],
  ]);
}

function packed(record: StepRecord, storage: ReadonlyMap<string, LayerStorage>): StepRecord {
  const parts = record.parts.map((part) => {
    const wanted = storage.get(part.layer)?.parts[0];
    if (!wanted || wanted.codec === 'dense') return part;
    return { ...part, encoded: quantise(part.data, wanted.codec, wanted.block) };
  });
  return { ...record, parts };
}

/** Steps as packing anew makes them: what rounding leaves over of one goes into the next. */
function carriedOn(steps: number, storage: ReadonlyMap<string, LayerStorage>): StepRecord[] {
  const rests = new CarriedRests(description.recipe.optimizer);
  return Array.from({ length: steps }, (_, step) => {
    const record = stepRecord(step);
    rests.begin(record);
    const parts = record.parts.map((part) => {
      const layer = description.tracedLayers.find(({ name }) => name === part.layer);
      const wanted = storage.get(part.layer)?.parts[0];
      if (!layer || !wanted) return part;
      return { ...part, encoded: encode(part.data, wanted, rests.of(layer, wanted)) };
    });
    return { ...record, parts };
  });
}

async function expectStored(
  folder: string,
  storage: ReadonlyMap<string, LayerStorage>,
  recordOf = (step: number): StepRecord => packed(stepRecord(step), storage),
) {
  const reader = await TraceReader.open(folder);
  try {
    expect(reader.storage).toEqual(storage);
    let parts = 0;
    for await (const batch of reader.scan({ layers: ['fc1', 'fc2'], parts: ['gradient'] })) {
      for (const { step, layer, encoded, data } of batch) {
        const expected = recordOf(step).parts.find((p) => p.layer === layer);
        expect(encoded).toEqual(expected?.encoded);
        expect(data).toEqual(decode(encoded, data.length));
        parts += 1;
      }
    }
    expect(parts).toBe(2 * reader.steps.count);
    expect(await reader.sideState(3)).toEqual(stepRecord(3).sideState);
  } finally {
    reader.close();
  }
  expect((await verifyFiles(folder)).filter(({ ok }) => !ok)).toEqual([]);
}

describe('quantised parts', () => {
  test.each(['int16', 'int8', 'int4'] as const)('come back bit for bit: %s', async (codec) => {
    const folder = join(temporaryFolder(), 'run');
    const storage = storageWith(codec);
    const writer = await TraceWriter.create(folder, description, stateAfter(0), {
      ...small,
      storage,
    });
    for (let step = 0; step < 12; step++) await writer.append(packed(stepRecord(step), storage));
    await writer.finish(stateAfter(12));
    await writer.close();
    await expectStored(folder, storage);
  });

  test('keep the storage that was chosen when a recording goes on', async () => {
    const folder = join(temporaryFolder(), 'run');
    const storage = storageWith('int4');
    const first = await TraceWriter.create(folder, description, stateAfter(0), {
      ...small,
      storage,
    });
    await first.close();
    const second = await TraceWriter.open(folder, small);
    expect(second.storage).toEqual(storage);
    await second.close();
  });

  test('are fp32 where a run says nothing of its storage', async () => {
    const folder = join(temporaryFolder(), 'run');
    await recordRun(folder, 4);
    const reader = await TraceReader.open(folder);
    expect([...reader.storage.values()].map(({ errorBound }) => errorBound)).toEqual([0, 0]);
    expect(reader.parts).toEqual(['gradient']);
    reader.close();
  });
});

describe('packing anew', () => {
  test('replaces every shard and keeps what the index says of the steps', async () => {
    const folder = join(temporaryFolder(), 'run');
    await recordRun(folder, 20);
    const before = await TraceReader.open(folder);
    const table = before.steps;
    const examples = [...before.allExamples()];
    before.close();
    const storage = storageWith('int4');
    const sizes = await repackTrace(folder, storage, small);
    expect(sizes.after).toBeLessThan(sizes.before);
    const steps = carriedOn(20, storage);
    await expectStored(folder, storage, (step) => steps[step] as StepRecord);
    const after = await TraceReader.open(folder);
    expect(after.steps).toEqual(table);
    expect([...after.allExamples()]).toEqual(examples);
    const files = readdirSync(join(folder, 'shards')).length;
    expect(after.shardBytes).toBe(sizes.after);
    expect(files).toBeGreaterThan(0);
    after.close();
  });

  test('leaves the run as it was when it is cut off before its end', async () => {
    const folder = join(temporaryFolder(), 'run');
    await recordRun(folder, 20);
    const files = readdirSync(join(folder, 'shards'));
    const stop = new AbortController();
    const onStep = (step: number): void => {
      if (step === 10) stop.abort();
    };
    const options = { ...small, signal: stop.signal, onStep };
    await expect(repackTrace(folder, storageWith('int4'), options)).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect((await verifyFiles(folder)).filter(({ ok }) => !ok)).toEqual([]);
    const writer = await TraceWriter.open(folder, small);
    await writer.close();
    expect(readdirSync(join(folder, 'shards'))).toEqual(files);
  });

  test('is for finished runs', async () => {
    const folder = join(temporaryFolder(), 'run');
    const writer = await TraceWriter.create(folder, description, stateAfter(0), small);
    await recordSteps(writer, { to: 5 });
    await writer.close();
    await expect(repackTrace(folder, storageWith('int8'), small)).rejects.toMatchObject({
      code: 'run-unfinished',
    });
  });
});
