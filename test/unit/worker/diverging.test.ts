import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { TraceReader } from '../../../src-main/trace/trace-reader';
import { verifyFiles } from '../../../src-main/trace/verify-files';
import { record } from '../../../src-main/worker/record-job';

const root = mkdtempSync(join(tmpdir(), 'deltascope-diverging-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const context = { signal: new AbortController().signal, onProgress: () => undefined };

test.each(['lossless', 'fast'])(
  'a training that diverges keeps the steps before: %s',
  async (codec) => {
    const folder = join(root, codec);
    const recipe = {
      ...{ data: 'mnist', limit: { train: 200, test: 10 }, model: 'mlp', codec },
      ...{ recording: 'mini-batches', batchSize: 20, epochs: 20 },
      optimizer: { learningRate: 900 },
    };
    const recording = () => record({ recipe, folder, bases: [] }, context);
    await expect(recording()).rejects.toMatchObject({ code: 'training-diverged' });
    const kept = async () => {
      const reader = await TraceReader.open(folder);
      const { count, loss } = reader.steps;
      reader.close();
      expect([...loss].every(Number.isFinite)).toBe(true);
      expect((await verifyFiles(folder)).filter(({ ok }) => !ok)).toEqual([]);
      return count;
    };
    const count = await kept();
    expect(count).toBeGreaterThan(0);
    // It diverges at the same step when it is tried again, and nothing is lost by that.
    await expect(recording()).rejects.toMatchObject({ code: 'training-diverged' });
    expect(await kept()).toBe(count);
  },
);
