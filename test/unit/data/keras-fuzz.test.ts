import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { openKerasModel } from '../../../src-main/data/keras/model-file';
import { startEngine } from '../../../src-main/engine/backend';
import { Network } from '../../../src-main/engine/network';
import { DeltascopeError } from '../../../src-shared/errors';
import { resolveModel } from '../../../src-shared/model/shapes';
import type { Random } from '../../../src-shared/random';
import { completeRecipe } from '../../../src-shared/recipe/schema';
import { newFolder } from './files';
import { mutantCount, survives } from './mutants';
import { mutate } from './mutate';

const fixtures = join(import.meta.dirname, '../../fixtures/keras');
/** What a mutant may take to be built: those beyond are only resolved. */
const largestBuilt = 100_000;

beforeAll(() => startEngine());

/** What a field of JSON may turn into. */
const oddities: readonly unknown[] = [
  ...[null, true, 0, -1, 1, 1.5, 2, 65_536, 2 ** 31, 1e300, '', 'relu', 'softmax', '../up'],
  ...[[], [0], [-1, 7], [[]], {}, { name: 'x' }, 'conv', 'constructor', '__proto__', '\u0000'],
];

/** A value of a JSON tree changed, left out or put twice. */
function mutateTree(text: string, random: Random): string {
  const root: unknown = JSON.parse(text);
  const places: (readonly [Record<string, unknown>, string])[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const fields = value as Record<string, unknown>;
    for (const key of Object.keys(fields)) {
      places.push([fields, key]);
      visit(fields[key]);
    }
  };
  visit(root);
  const [parent, key] = places[random.integer(places.length)] as (typeof places)[number];
  const kind = random.integer(4);
  if (kind === 0 && !Array.isArray(parent)) delete parent[key];
  else if (kind === 1 && Array.isArray(parent)) parent.splice(Number(key), 0, parent[Number(key)]);
  else parent[key] = oddities[random.integer(oddities.length)];
  return JSON.stringify(root);
}

it.each(['cnn', 'joins', 'tokens', 'keras3', 'recurrent'])(
  'mutants of %s are read or refused',
  async (fixture) => {
    const folder = newFolder();
    cpSync(join(fixtures, fixture), folder, { recursive: true });
    const path = join(folder, 'model.json');
    const weightsFile = join(folder, 'group1-shard1.bin');
    const [json, weights] = [readFileSync(path), readFileSync(weightsFile)];
    const { shape } = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'));
    const read = async (random: Random): Promise<void> => {
      const kind = random.integer(4);
      writeFileSync(path, kind === 0 ? mutate(json, random) : json);
      writeFileSync(weightsFile, kind === 1 ? mutate(weights, random) : weights);
      if (kind > 1) writeFileSync(path, mutateTree(json.toString('utf8'), random));
      const { layers, weights: readWeights } = await openKerasModel(path, 'model.json');
      const start = (await readWeights?.()) ?? [];
      let model: ReturnType<typeof resolveModel>;
      try {
        const recipe = completeRecipe({ data: 'own', model: { layers } }, 'model.json');
        expect(recipe.model).toEqual({ layers });
        model = resolveModel(layers, shape, 3);
      } catch (error) {
        // Against the data, which the file can't know: the layer is named.
        if (error instanceof DeltascopeError && /^Layer '|^model\.json: /.test(error.message))
          return;
        throw error;
      }
      if (model.parameters > largestBuilt) return;
      const network = new Network(model, 1);
      try {
        if (readWeights) network.parameters.import(start, 'model.json');
      } finally {
        network.dispose();
      }
    };
    const refused = await survives(
      `keras ${fixture}`,
      read,
      (error) =>
        error instanceof DeltascopeError &&
        error.code !== 'internal' &&
        /^[^\n]*(model\.json|group1-shard\d\.bin)\b[^\n]+[.)]$/.test(error.message),
    );
    expect(refused).toBeGreaterThan(mutantCount / 4);
  },
);

it('mutants of a Keras 3 archive are read or refused', async () => {
  const sound = readFileSync(join(fixtures, 'keras3/model.keras'));
  const path = join(newFolder(), 'model.keras');
  const refused = await survives(
    'keras archive',
    async (random) => {
      writeFileSync(path, mutate(sound, random));
      await openKerasModel(path, 'model.keras');
    },
    (error) => error instanceof DeltascopeError && /^model\.keras\b[^\n]+[.)]$/.test(error.message),
  );
  expect(refused).toBeGreaterThan(0);
});
