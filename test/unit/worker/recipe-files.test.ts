import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readOrder } from '../../../src-main/worker/order-file';
import { recipePath } from '../../../src-main/worker/paths';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'deltascope-recipe-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a path of a recipe', () => {
  it('is taken from where the caller stands, else from the recipe’s folder', () => {
    const [caller, recipe] = [join(folder, 'caller'), join(folder, 'recipe')];
    for (const base of [caller, recipe]) mkdirSync(base);
    writeFileSync(join(recipe, 'data.npz'), '');
    expect(recipePath('data.npz', [caller, recipe])).toBe(join(recipe, 'data.npz'));
    writeFileSync(join(caller, 'data.npz'), '');
    expect(recipePath('data.npz', [caller, recipe])).toBe(join(caller, 'data.npz'));
    // Where neither has it, errors name the place where the caller looks first.
    expect(recipePath('none.npz', [caller, recipe])).toBe(join(caller, 'none.npz'));
    expect(recipePath('/data/x.npz', [caller])).toBe('/data/x.npz');
  });
});

describe('an order file', () => {
  const order = (name: string, rows: readonly object[] | string): string => {
    const path = join(folder, name);
    const text = typeof rows === 'string' ? rows : rows.map((r) => JSON.stringify(r)).join('\n');
    writeFileSync(path, text);
    return path;
  };
  const row = { step: 0, label: 1, examples: [4, 0], ghosts: [2], learningRate: 0.1, loss: 3 };

  it('gives batches with their steps and epochs', async () => {
    const rows = [
      row,
      { ...row, step: 1, examples: [1] },
      { label: -1, examples: [2], learningRate: 0 },
    ];
    const batches = await readOrder(order('good.jsonl', rows), 9, 3);
    expect(batches).toEqual([
      { ...pick(0, 0), label: 1, examples: ints(4, 0), ghosts: ints(2), learningRate: 0.1 },
      { ...pick(1, 0), label: 1, examples: ints(1), ghosts: ints(2), learningRate: 0.1 },
      // Three examples a epoch are through; what is left out is none.
      { ...pick(2, 1), label: -1, examples: ints(2), ghosts: ints(), learningRate: 0 },
    ]);
  });

  const pick = (step: number, epoch: number) => ({ step, epoch });
  const ints = (...values: number[]): Int32Array => Int32Array.from(values);

  it.each<[string, readonly object[] | string, string]>([
    ['no JSON', `${JSON.stringify(row)}\n{`, 'line 2, it is no JSON.'],
    ['no batch', '\n \n', 'it has no batch.'],
    [
      'an example beyond',
      [{ ...row, examples: [9] }],
      'line 1, example 9 is beyond the 9 there are.',
    ],
    ['a ghost beyond', [row, { ...row, ghosts: [12] }], 'line 2, example 12 is beyond'],
    ['a half example', [{ ...row, examples: [0.5] }], "line 1, field 'examples.0'"],
    ['no rate', [{ ...row, learningRate: undefined }], "line 1, field 'learningRate'"],
    ['a negative rate', [{ ...row, learningRate: -1 }], "line 1, field 'learningRate'"],
    ['no object', [[1]], 'line 1, field'],
  ])('with %s is refused', async (name, rows, message) => {
    const path = order(`${name}.jsonl`, rows);
    await expect(readOrder(path, 9, 9)).rejects.toMatchObject({
      code: 'data-corrupt',
      message: expect.stringContaining(message),
    });
    await expect(readOrder(path, 9, 9)).rejects.toThrow(path);
  });

  it('that is not there is missing', async () => {
    await expect(readOrder(join(folder, 'none.jsonl'), 9, 9)).rejects.toMatchObject({
      code: 'data-missing',
    });
  });
});
