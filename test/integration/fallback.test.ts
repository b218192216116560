import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Explanation } from '../../src-shared/explanation/explanation';
import { failure, oracleFolder, readJson, scratch, succeed } from '../support/command-line';

/** A machine on which the native engine's binding can't be loaded. */
describe('without the native engine', () => {
  let folder: string;
  let node: string[];

  beforeAll(() => {
    folder = scratch();
    const preload = join(folder, 'no-binding.cjs');
    writeFileSync(
      preload,
      `const load = process.dlopen;
process.dlopen = function (module, file, ...rest) {
  if (file.includes('tfjs_binding')) throw new Error('libtensorflow.so.2: cannot open');
  return load.call(this, module, file, ...rest);
};`,
    );
    node = ['--require', preload];
  });

  it('says so, records on WebAssembly and explains to the same numbers', async () => {
    const source = oracleFolder('conv-ghost-flow');
    const run = join(folder, 'run');
    await succeed(['record', join(source, 'recipe.json'), '--into', run], { node });
    const { engine } = readJson<{ engine: object }>(join(run, 'run.json'));
    expect(engine).toMatchObject({ backend: 'wasm', device: 'CPU' });
    const wanted = readJson<Explanation[]>(join(source, 'explanation.representation.update.json'));
    const examples = wanted.map(({ example }) => `${example.split}:${example.index}`);
    const found = JSON.parse(
      await succeed(['explain', run, '--json', '-', '--example', ...examples], { node }),
    ) as Explanation[];
    for (const [i, { layers }] of wanted.entries()) {
      for (const [l, layer] of layers.entries()) {
        const ours = found[i]?.layers[l];
        expect(ours?.initializationShare).toBeCloseTo(layer.initializationShare, 3);
        const most = Math.max(...Array.from(layer.steps.gamma, Math.abs));
        for (const [t, gamma] of Array.from(layer.steps.gamma).entries()) {
          expect(Math.abs((ours?.steps.gamma[t] ?? Number.NaN) - gamma)).toBeLessThan(5e-5 * most);
        }
      }
    }
    const doctor = JSON.parse(await succeed(['doctor', '--json', '-'], { node })) as object;
    expect(JSON.stringify(doctor)).toMatch(/WebAssembly|wasm/i);
  });

  it('does not go on with a run that the native engine began', async () => {
    const source = oracleFolder('sgd-decay');
    const run = join(folder, 'native');
    const recipe = {
      ...readJson<object>(join(source, 'recipe.json')),
      data: join(source, 'data.npz'),
      initialWeights: null,
      order: null,
      maxSteps: null,
    };
    writeFileSync(join(folder, 'native.json'), JSON.stringify(recipe));
    await succeed(['record', join(folder, 'native.json'), '--into', run]);
    expect(await failure(['record', join(folder, 'native.json'), '--into', run], { node })).toMatch(
      /another engine \(tensorflow on CPU\)/,
    );
  });
});
