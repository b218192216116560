import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { manifestOf } from '../../../src-main/trace/manifest';
import { TraceReader } from '../../../src-main/trace/trace-reader';
import { TraceWriter } from '../../../src-main/trace/trace-writer';
import { verifyFiles } from '../../../src-main/trace/verify-files';
import { Random } from '../../../src-shared/random';
import { description, recordRun, recordSteps, small, stateAfter } from './fixtures';
import { temporaryFolder } from './temporary-folder';

const flips = Number(process.env.DELTASCOPE_FLIPS ?? 100);
const query = { layers: ['fc1', 'fc2'], parts: ['gradient'] } as const;

let folder = '';

beforeEach(async () => {
  folder = temporaryFolder();
  await recordRun(folder);
});

function pathOf(kind: string, name: string): string {
  return join(folder, kind, name);
}

function shardNames(): string[] {
  return readdirSync(join(folder, 'shards')).sort();
}

function flipBit(bytes: Uint8Array, at: number, bit: number): Uint8Array {
  const flipped = bytes.slice();
  flipped[at] = (flipped[at] ?? 0) ^ (1 << bit);
  return flipped;
}

/** Scans the run; the error that ended it, and the numbers that were handed on before. */
async function scanned(): Promise<{ error: unknown; values: number[][] }> {
  const values: number[][] = [];
  const reader = await TraceReader.open(folder, { batchBytes: 4096 });
  try {
    for await (const parts of reader.scan(query)) {
      for (const { data } of parts) values.push([...data]);
    }
    return { error: null, values };
  } catch (error) {
    return { error, values };
  } finally {
    reader.close();
  }
}

async function reasons(): Promise<string[]> {
  const files = await verifyFiles(folder);
  return files.filter(({ ok }) => !ok).map(({ name, reason }) => `${name}: ${reason}`);
}

describe('a flipped bit', () => {
  it(`is found before anything of its block is used, ${flips} times of ${flips}`, async () => {
    const { values: sound } = await scanned();
    expect(sound).toHaveLength(80);
    const random = Random.seeded(11, 'flips');
    const names = shardNames();
    for (let flip = 0; flip < flips; flip += 1) {
      const name = names[random.integer(names.length)] ?? '';
      const original = new Uint8Array(readFileSync(pathOf('shards', name)));
      const at = random.integer(original.byteLength);
      writeFileSync(pathOf('shards', name), flipBit(original, at, random.integer(8)));
      const { error, values } = await scanned();
      expect(error, `byte ${at} of ${name}`).toMatchObject({ code: 'trace-damaged' });
      expect(String(error)).toContain(name);
      expect(values).toEqual(sound.slice(0, values.length));
      writeFileSync(pathOf('shards', name), original);
    }
    expect((await scanned()).values).toEqual(sound);
  });

  it('in a checkpoint is found when the weights are read', async () => {
    const path = pathOf('checkpoints', 'final.safetensors');
    writeFileSync(path, flipBit(readFileSync(path), 400, 2));
    const reader = await TraceReader.open(folder);
    await expect(reader.weights('final')).rejects.toThrow(/final\.safetensors is damaged: bytes/);
    reader.close();
    expect(await reasons()).toEqual([
      expect.stringMatching(/^checkpoints\/final.safetensors: .* bytes 0 to \d+ differ/),
    ]);
  });
});

describe('a shard that is torn or missing', () => {
  it('is named by scan, verification and opening for writing', async () => {
    const last = shardNames().at(-1) ?? '';
    truncateSync(pathOf('shards', last), 4500);
    expect(String((await scanned()).error)).toMatch(/it has 4500 bytes in place of \d+/);
    expect(await reasons()).toEqual([expect.stringContaining(`shards/${last}: `)]);
    await expect(TraceWriter.open(folder)).rejects.toMatchObject({ code: 'trace-damaged' });
    rmSync(pathOf('shards', '000001.safetensors'));
    await expect(TraceWriter.open(folder)).rejects.toThrow(
      /000001.safetensors is damaged: the file/,
    );
    expect(await reasons()).toHaveLength(2);
  });

  it('at the tail is found by its checksums when recording would go on', async () => {
    const path = pathOf('shards', shardNames().at(-1) ?? '');
    writeFileSync(path, flipBit(readFileSync(path), 4200, 0));
    await expect(TraceWriter.open(folder)).rejects.toThrow(/differ from what was recorded/);
    // A refused run is not left locked.
    await expect(TraceWriter.open(folder)).rejects.toMatchObject({ code: 'trace-damaged' });
  });
});

describe('verification', () => {
  it('finds a sound run sound, tells its progress, and can be cancelled', async () => {
    const seen: number[] = [];
    const files = await verifyFiles(folder, {
      onProgress: (progress) => {
        if (progress.kind === 'verify') seen.push(progress.bytesChecked / progress.bytes);
      },
    });
    expect(files.filter(({ ok }) => !ok)).toEqual([]);
    expect(files.map(({ name }) => name)).toContain('checkpoints/initial.safetensors');
    expect(files).toHaveLength(
      2 + shardNames().length + readdirSync(join(folder, 'checkpoints')).length,
    );
    expect(seen.at(-1)).toBe(1);
    const signal = AbortSignal.abort();
    await expect(verifyFiles(folder, { signal })).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('finds a broken index', async () => {
    const path = join(folder, 'index.sqlite');
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.fill(0x5a, 4096, bytes.byteLength));
    const wrong = await reasons();
    expect(wrong.length).toBeGreaterThan(0);
    expect(wrong[0]).toMatch(/^index.sqlite: /);
    await expect(TraceReader.open(folder)).rejects.toMatchObject({ code: 'trace-damaged' });
    await expect(TraceWriter.open(folder)).rejects.toMatchObject({ code: 'trace-damaged' });
  });
});

describe('an unfinished run', () => {
  it('goes on from an older checkpoint where the newest is damaged', async () => {
    const other = join(temporaryFolder(), 'run');
    const writer = await TraceWriter.create(other, description, stateAfter(0), small);
    await recordSteps(writer, { to: 30 });
    await writer.close();
    const [newest = ''] = readdirSync(join(other, 'checkpoints')).sort().reverse().slice(1);
    expect(newest).toMatch(/^\d+\.safetensors$/);
    truncateSync(join(other, 'checkpoints', newest), 20);
    const again = await TraceWriter.open(other, small);
    expect(again.resume.committedSteps).toBe(30);
    expect(again.resume.checkpoint.step).toBeLessThan(Number.parseInt(newest, 10));
    await recordSteps(again, { to: 40, finish: true });
    await again.close();
    expect((await verifyFiles(other)).filter(({ ok }) => !ok)).toEqual([]);
  });
});

describe('a manifest', () => {
  it('names every file with its SHA-256, as other tools would', async () => {
    const { createHash } = await import('node:crypto');
    const manifest = await manifestOf(folder);
    expect(manifest.map(({ name }) => name)).toContain('index.sqlite');
    expect(manifest).toHaveLength((await verifyFiles(folder)).length);
    for (const { name, bytes, sha256 } of manifest) {
      const content = readFileSync(join(folder, name));
      expect(content.byteLength, name).toBe(bytes);
      expect(createHash('sha256').update(content).digest('hex'), name).toBe(sha256);
    }
  });
});
