import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { RunDetail } from '../../../src-shared/contract/views';
import { shapeInWords } from '../../../src-shared/model/graph-shape';
import { layerDefaults } from '../../../src-shared/model/layer-spec';
import { optimizerDefaults } from '../../../src-shared/recipe/optimizer-spec';
import { recipeDefaults } from '../../../src-shared/recipe/recipe';
import { cosineDefaults } from '../../../src-shared/recipe/schedule';
import { clearEmptied } from '../../trace/marked-folder';
import { isRunFolder } from '../../trace/run-folder';
import { everyModel } from '../../worker/models';
import { describeRun } from '../../worker/run-detail';
import { callerPath } from '../output';
import { list, listingArguments } from './list';

/** `models [--json FILE]`: sizes are those for ten classes at a shape that the model is meant for. */
export async function modelsCommand(words: readonly string[]): Promise<void> {
  const given = listingArguments(words, 0);
  const models = everyModel();
  const value = { models, layerDefaults, recipeDefaults, optimizerDefaults, cosineDefaults };
  await list(given, value, () =>
    models.flatMap(({ name, title, description, parameters, layers, shape }) => [
      `${name}: ${title}, ${parameters} weights for ${shapeInWords(shape)} and 10 classes. ${description}`,
      ...layers.map((layer) => `  ${JSON.stringify(layer)}`),
    ]),
  );
}

/** `runs [FOLDER] [--json FILE]` */
export async function runsCommand(words: readonly string[]): Promise<void> {
  const given = listingArguments(words, 1);
  const folder = callerPath(given.positional[0] ?? join(homedir(), 'Deltascope'));
  await clearEmptied(folder);
  const names = await readdir(folder).catch(() => []);
  const runs: RunDetail[] = [];
  for (const name of names.sort()) {
    const path = join(folder, name);
    if (await isRunFolder(path).catch(() => false)) runs.push(await describeRun(path));
  }
  const rows = runs.map(({ id, recipe: _recipe, metrics: _metrics, ...rest }) => ({
    folder: id,
    ...rest,
  }));
  await list(given, rows, () =>
    rows.length === 0
      ? [`There are no runs in ${folder}.`]
      : rows.map(
          ({ name, model, data, steps, stepsPlanned, state, bytes }) =>
            `${name}: ${model} on ${data}, ${steps} of ${stepsPlanned} steps, ${state}, ${(bytes / 1e6).toFixed(1)} MB`,
        ),
  );
}
