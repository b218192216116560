import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEngine } from '../../../src-main/engine/backend';
import { partStorage } from '../../../src-main/engine/codecs/storage';
import { MemoryTrace } from '../../../src-main/engine/memory-trace';
import type { LayerStorage, TrainingState } from '../../../src-main/engine/records';
import type { Batch, SamplerPlace } from '../../../src-main/engine/sampler';
import { train } from '../../../src-main/engine/training';
import { exportUpdates } from '../../../src-main/trace/exports';
import { repackTrace } from '../../../src-main/trace/repack';
import { readTensors } from '../../../src-main/trace/safetensors';
import { TraceReader } from '../../../src-main/trace/trace-reader';
import { verifyFiles } from '../../../src-main/trace/verify-files';
import { estimateCost } from '../../../src-main/worker/estimate-job';
import { openRun } from '../../../src-main/worker/open-run';
import { prepareTraining } from '../../../src-main/worker/prepare';
import { record, recordingInto } from '../../../src-main/worker/record-job';
import { repackRun } from '../../../src-main/worker/repack-job';
import { replayRules } from '../../../src-main/worker/replay-rules';
import { storageFor } from '../../../src-main/worker/storage-choice';
import type { Progress } from '../../../src-shared/contract/progress';
import { explained, recipe, recordedAs, wholeParts, withInputs } from './rows-once-runs';

const context = { signal: new AbortController().signal, onProgress: () => undefined };
let root: string;
let once: string;
let each: string;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'deltascope-rows-'));
  once = join(root, 'once');
  each = join(root, 'each');
  await recordedAs(once, recipe, null);
  await recordedAs(each, recipe, null, withInputs);
}, 120_000);

afterAll(() => rmSync(root, { recursive: true, force: true }));

type Explained = Awaited<ReturnType<typeof explained>>;
type Options = Parameters<typeof explained>[1];

async function of(folder: string, options: Options = {}): Promise<Explained> {
  const run = await openRun(folder);
  try {
    return await explained(run.explainable, options);
  } finally {
    run.close();
  }
}

/** The same numbers but for the order in which they were added up. */
function expectSame(found: Explained, wanted: Explained, tolerance = 1e-6): void {
  expect(found.length).toBe(wanted.length);
  for (const [i, { layer, byExample }] of wanted.entries()) {
    const other = found[i] as Explained[number];
    const columns = [
      [other.layer.steps.gamma, layer.steps.gamma],
      [other.layer.steps.cos, layer.steps.cos],
      [other.layer.steps.norm, layer.steps.norm],
      [other.byExample, byExample],
      [other.layer.classes.map(({ share }) => share), layer.classes.map(({ share }) => share)],
      [[other.layer.ghostShare], [layer.ghostShare]],
    ] as const;
    for (const [ours, theirs] of columns) {
      const most = Math.max(...Array.from(theirs, Math.abs));
      expect(ours.length).toBe(theirs.length);
      for (const [t, value] of Array.from(theirs).entries()) {
        expect(Math.abs((ours[t] as number) - value)).toBeLessThanOrEqual(tolerance * most);
      }
    }
    expect(layer.steps.gamma.some((value) => value !== 0)).toBe(true);
    if (Number.isNaN(layer.residual)) continue;
    expect(Math.abs(other.layer.residual - layer.residual)).toBeLessThanOrEqual(tolerance);
  }
}

async function storageOf(folder: string): Promise<ReadonlyMap<string, LayerStorage>> {
  const reader = await TraceReader.open(folder);
  reader.close();
  return reader.storage;
}

const partNames = async (folder: string): Promise<string[]> =>
  (await storageOf(folder)).get('fc1')?.parts.map(({ part, codec }) => `${part} ${codec}`) ?? [];

/** Of all steps, without headers. */
function bytesOf(folder: string): number {
  const index = new Sqlite(join(folder, 'index.sqlite'), { readonly: true });
  const sum = 'SELECT sum(bytes) FROM steps JOIN layouts USING (layout)';
  const bytes = index.prepare(sum).pluck().get() as number;
  index.close();
  return bytes;
}

async function updatesOf(folder: string, from: number, to: number) {
  const reader = await TraceReader.open(folder);
  const out = join(root, 'updates.safetensors');
  await exportUpdates(reader, 'fc1', { from, to }, out, await replayRules(reader));
  reader.close();
  return readTensors(out);
}

describe('rows that are stored once', () => {
  it('take the place of X in the first layer, each example’s once', async () => {
    expect(await partNames(once)).toEqual(['rows int16', 'deltas int16']);
    const reader = await TraceReader.open(once);
    const known = new Set<number>();
    const rows = new Map<number, number>();
    for await (const batch of reader.scan({ layers: ['fc1'], parts: ['rows'] })) {
      for (const { step, shape } of batch) rows.set(step, shape[0] as number);
    }
    for (const { step, examples, ghosts } of reader.allExamples()) {
      const before = known.size;
      for (const example of [...examples, ...ghosts]) known.add(example);
      expect(rows.get(step) ?? 0).toBe(known.size - before);
    }
    expect(known.size).toBe(150);
    expect(rows.size).toBeLessThan(reader.steps.count);
    const other = await TraceReader.open(each);
    expect(reader.shardBytes).toBeLessThan(0.6 * other.shardBytes);
    reader.close();
    other.close();
    expect((await verifyFiles(once)).filter(({ ok }) => !ok)).toEqual([]);
  });

  it('give the X of every step again to the bit, of a range of steps too', async () => {
    const [one, other] = [await TraceReader.open(once), await TraceReader.open(each)];
    const { count } = one.steps;
    const whole = await wholeParts(other);
    expect(whole.size).toBe(2 * count);
    expect(await wholeParts(one)).toEqual(whole);
    const late = await wholeParts(one, { from: count - 4, to: count - 1 });
    expect(late.size).toBe(6);
    for (const [name, part] of late) expect(part).toEqual(whole.get(name));
    one.close();
    other.close();
  });

  it.each([
    ['in the files', {}],
    ['as a scan reads them', { scans: true }],
    ['γ alone', { norms: false }],
    ['γ alone, as a scan reads them', { norms: false, scans: true }],
    ['by credit', { unit: 'credit' }],
  ] as const)('are explained as X is: %s', async (_, options) => {
    expectSame(await of(once, options), await of(each, options));
  });

  it('are replayed and exported', async () => {
    const { length } = await updatesOf(once, 0, 3);
    expect(length).toBe(3);
    expect(await updatesOf(once, 12, 14)).toEqual(await updatesOf(each, 12, 14));
  });

  it('are read from a run of which less is known', async () => {
    const reader = await TraceReader.open(once);
    const partial = await wholeParts(reader, { to: 3 });
    expect([...partial.keys()]).toEqual([0, 1, 2].flatMap((t) => [`${t}/inputs`, `${t}/deltas`]));
    reader.close();
  });
});

it('an example twice in a batch, as a ghost and again, has one row', async () => {
  const taken: [number[], number[]][] = [
    [
      [3, 3, 7, 9],
      [7, 11],
    ],
    [
      [11, 2, 3],
      [2, 2],
    ],
    [[5], [5, 3]],
    [
      [3, 9],
      [11, 7],
    ],
  ];
  const order = taken.map(
    ([examples, ghosts], step): Batch => ({
      ...{ step, epoch: 0, label: -1, learningRate: 0.05 },
      ...{ examples: Int32Array.from(examples), ghosts: Int32Array.from(ghosts) },
    }),
  );
  const folders = [join(root, 'repeated'), join(root, 'repeated-each')] as const;
  await recordedAs(folders[0], recipe, order);
  await recordedAs(folders[1], recipe, order, withInputs);
  const reader = await TraceReader.open(folders[0]);
  const rows: number[] = [];
  for await (const batch of reader.scan({ layers: ['fc1'], parts: ['rows'] })) {
    rows.push(...batch.map(({ shape }) => shape[0] as number));
  }
  expect(rows).toEqual([4, 1, 1]);
  const other = await TraceReader.open(folders[1]);
  expect(await wholeParts(reader)).toEqual(await wholeParts(other));
  reader.close();
  other.close();
  expectSame(await of(folders[0]), await of(folders[1]));
});

it('an estimate spreads what is stored once over all steps', async () => {
  const { bytesPerStep, layers } = await estimateCost(recipe, root, [], context.signal);
  const reader = await TraceReader.open(once);
  const { count } = reader.steps;
  reader.close();
  const real = bytesOf(once) / count;
  expect(Math.abs(bytesPerStep / real - 1)).toBeLessThan(0.1);
  expect(layers.map(({ name }) => name)).toEqual(['fc1', 'logits']);
});

it('ghosts that no gradient flows to have no rows', async () => {
  const still = { ...recipe, ghostGradient: 'stop', maxSteps: 7 };
  const folders = [join(root, 'still'), join(root, 'still-each')] as const;
  await recordedAs(folders[0], still, null);
  await recordedAs(folders[1], still, null, withInputs);
  expect(await partNames(folders[0])).toEqual(['rows int16', 'deltas int16']);
  const [one, other] = await Promise.all(folders.map((folder) => TraceReader.open(folder)));
  if (!one || !other) throw new Error('no run');
  expect(await wholeParts(one)).toEqual(await wholeParts(other));
  one.close();
  other.close();
  expectSame(await of(folders[0]), await of(folders[1]));
});

it('where each example’s part is kept in fp32, rows stand once beside the gradient', async () => {
  const kept = { ...recipe, perExample: true, codec: 'dense', maxSteps: 9 };
  const folders = [join(root, 'kept'), join(root, 'kept-each')] as const;
  await recordedAs(folders[0], kept, null);
  await recordedAs(folders[1], kept, null, withInputs);
  expect(await partNames(folders[0])).toContain('rows dense');
  expect(await partNames(folders[0])).toContain('gradient dense');
  expectSame(await of(folders[0]), await of(folders[1]), 1e-5);
});

describe('a recording that was stopped', () => {
  it('repeats steps from an earlier checkpoint to the bit', async () => {
    await startEngine();
    const prepared = await prepareTraining(recipe, []);
    const trainer = await prepared.trainer();
    const storage = storageFor(prepared, trainer);
    const initial = trainer.state();
    const run = async (from: TrainingState | null, committedSteps: number) => {
      const sink = new MemoryTrace(prepared.model.traced, []);
      const own = await prepared.trainer();
      own.recordAs(storage);
      own.restore(from?.tensors?.() ?? initial, 'a checkpoint');
      const place = from ? (from.sampler as SamplerPlace) : undefined;
      if (from) own.goOnAfter(whole.records.slice(0, from.step));
      const sampler = prepared.sampler(place);
      const states: TrainingState[] = [];
      await train({
        ...{ trainer: own, sampler, examples: prepared.data.train, sink, committedSteps },
        ...{ signal: new AbortController().signal, paused: () => false },
        admission: async () => undefined,
        onStep: () => {
          const tensors = [...own.state(), ...own.carried()];
          states.push({ step: sampler.place.step, sampler: sampler.place, tensors: () => tensors });
        },
      });
      own.dispose();
      return { sink, states };
    };
    let whole = new MemoryTrace([], []);
    const { sink, states } = await run(null, 0);
    whole = sink;
    // In the first epoch and after it; three steps are repeated.
    for (const at of [2, 9]) {
      const { sink: rest } = await run(states[at - 1] as TrainingState, at + 3);
      expect(rest.records).toEqual(whole.records.slice(at + 3));
    }
    trainer.dispose();
  });

  it('goes on from its checkpoint with the same bytes', async () => {
    const folder = join(root, 'stopped');
    const stop = {
      ...context,
      onProgress: (told: Progress) => {
        if (told.kind === 'record' && told.bytesWritten > 7e6) recordingInto(folder).stop();
      },
    };
    const begun = { ...recipe, epochs: 200 };
    expect((await record({ recipe: begun, folder, bases: [] }, stop)).finished).toBe(false);
    const whole = join(root, 'whole');
    await record({ recipe: begun, folder: whole, bases: [] }, context);
    const stopped = await TraceReader.open(folder);
    const { count: committed } = stopped.steps;
    expect(stopped.checkpoints[0]?.step).toBeGreaterThan(100);
    stopped.close();
    await record({ recipe: begun, folder, bases: [] }, context);
    const [one, other] = await Promise.all([folder, whole].map((f) => TraceReader.open(f)));
    if (!one || !other) throw new Error('no run');
    expect(committed).toBeLessThan(one.steps.count);
    const stored = async (reader: TraceReader) => {
      const found: unknown[] = [];
      for await (const batch of reader.scan({ layers: ['fc1'], parts: reader.parts })) {
        found.push(...batch.map(({ step, part, data }) => ({ step, part, data: data.slice() })));
      }
      return found;
    };
    expect(await stored(one)).toEqual(await stored(other));
    one.close();
    other.close();
  });
});

describe('packing anew', () => {
  it('stores the rows of an older run once, nothing lost', async () => {
    const folder = join(root, 'older');
    await recordedAs(folder, recipe, null, withInputs);
    const before = await of(folder);
    const bytes = bytesOf(folder);
    await repackRun(folder, 'fast', context);
    expect(bytesOf(folder)).toBeLessThan(0.6 * bytes);
    expect(await partNames(folder)).toEqual(['rows int16', 'deltas int16']);
    expect((await storageOf(folder)).get('fc1')?.errorBound).toBe(
      (await storageOf(once)).get('fc1')?.errorBound,
    );
    expectSame(await of(folder), before);
    expect((await repackRun(folder, 'fast', context)).storage).toEqual(await storageOf(once));
  });

  it('makes any other storage of rows, and rows of what holds X', async () => {
    const folder = join(root, 'packed');
    const storage = await recordedAs(folder, recipe, null);
    const before = await of(folder);
    const withFc1 = (parts: LayerStorage['parts']) =>
      new Map(storage).set('fc1', { layer: 'fc1', parts, errorBound: 0.003 });
    const inDense = (['inputs', 'deltas'] as const).map((part) => partStorage(part, 'dense', 0));
    await repackTrace(folder, withFc1(inDense));
    expectSame(await of(folder), before);
    await repackTrace(folder, storage);
    expect(await partNames(folder)).toEqual(['rows int16', 'deltas int16']);
    expectSame(await of(folder), before);
    const rows = (['rows', 'deltas'] as const).map((part) => partStorage(part, 'dense', 0));
    await repackTrace(folder, withFc1(rows));
    expectSame(await of(folder), before);
    const wholes = (['gradient', 'ghost'] as const).map((part) => partStorage(part, 'dense', 0));
    await repackTrace(folder, withFc1(wholes));
    const [first] = await of(folder);
    const gamma = before[0]?.layer.steps.gamma as Float64Array;
    const most = Math.max(...gamma.map(Math.abs));
    for (const [t, value] of gamma.entries()) {
      expect(Math.abs((first?.layer.steps.gamma[t] as number) - value)).toBeLessThan(1e-4 * most);
    }
  });

  it('packs fp32 rows with 16 bits, within the bound it states', async () => {
    const folder = join(root, 'fp32');
    const asDense = (storage: ReadonlyMap<string, LayerStorage>) =>
      new Map(
        [...storage].map(([name, each]): [string, LayerStorage] => [
          name,
          {
            ...{ layer: name, errorBound: 0 },
            parts: each.parts.map(({ part }) => partStorage(part, 'dense', 0)),
          },
        ]),
      );
    await recordedAs(folder, recipe, null, asDense);
    expect(await partNames(folder)).toEqual(['rows dense', 'deltas dense']);
    const before = await of(folder);
    const bytes = bytesOf(folder);
    await repackRun(folder, 'compact', context);
    expect(bytesOf(folder)).toBeLessThan(0.7 * bytes);
    const bound = (await storageOf(folder)).get('fc1')?.errorBound as number;
    expectSame(
      await of(folder, { norms: false }),
      await of(folder, { norms: false, scans: true }),
      1e-3,
    );
    const after = await of(folder);
    for (const [i, { layer }] of before.entries()) {
      if (layer.name !== 'fc1') continue;
      const found = after[i]?.layer.steps.gamma as Float64Array;
      const missed = layer.steps.gamma.map((value, t) => value - (found[t] as number));
      expect(Math.hypot(...missed) / Math.hypot(...layer.steps.gamma)).toBeLessThan(bound);
    }
  });
});

describe('a damaged run', () => {
  it('is not read where the first shard is damaged', async () => {
    const folder = join(root, 'damaged');
    await recordedAs(folder, recipe, null);
    const path = join(folder, 'shards/000000.safetensors');
    const bytes = readFileSync(path);
    const at = bytes.length - 5000;
    bytes[at] = (bytes[at] as number) ^ 1;
    writeFileSync(path, bytes);
    await expect(of(folder)).rejects.toMatchObject({ code: 'trace-damaged' });
    await expect(of(folder, { scans: true })).rejects.toMatchObject({ code: 'trace-damaged' });
    await expect(updatesOf(folder, 12, 13)).rejects.toMatchObject({ code: 'trace-damaged' });
  });

  it('says so where a step takes an example whose row no step holds', async () => {
    const folder = join(root, 'misfit');
    await recordedAs(folder, recipe, null);
    const index = new Sqlite(join(folder, 'index.sqlite'));
    const last = index.prepare('SELECT max(step) FROM steps').pluck().get() as number;
    const taken = index.prepare('SELECT examples FROM steps WHERE step = ?').pluck();
    const stored = Buffer.from(taken.get(last) as Uint8Array);
    stored.writeInt32LE(149_000, 0);
    index.prepare('UPDATE steps SET examples = ? WHERE step = ?').run(stored, last);
    index.close();
    await expect(updatesOf(folder, last, last + 1)).rejects.toMatchObject({
      code: 'trace-damaged',
      message: expect.stringContaining('whose row no step holds') as string,
    });
  });

  it('is refused where rows are not as long as the layer', async () => {
    const folder = join(root, 'long');
    await recordedAs(folder, recipe, null);
    const index = new Sqlite(join(folder, 'index.sqlite'));
    const layouts = index.prepare('SELECT layout, entries FROM layouts').all() as {
      layout: number;
      entries: string;
    }[];
    for (const { layout, entries } of layouts) {
      const changed = entries.replaceAll(/\[(\d+),784\]/g, (_, count) => `[${count},392,2]`);
      index.prepare('UPDATE layouts SET entries = ? WHERE layout = ?').run(changed, layout);
    }
    index.close();
    await expect(TraceReader.open(folder)).rejects.toMatchObject({ code: 'trace-damaged' });
  });
});
