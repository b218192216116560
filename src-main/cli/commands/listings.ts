import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { RunDetail } from '../../../src-shared/contract/views';
import { shapeInWords } from '../../../src-shared/model/graph-shape';
import { layerDefaults } from '../../../src-shared/model/layer-spec';
import { optimizerDefaults } from '../../../src-shared/recipe/optimizer-spec';
import { recipeDefaults } from '../../../src-shared/recipe/recipe';
import { cosineDefaults } from '../../../src-shared/recipe/schedule';
import { listDataSets } from '../../data/catalogue';
import { removeImported, renameImported } from '../../data/imports/upkeep';
import { isRunFolder } from '../../trace/run-folder';
import { everyModel } from '../../worker/models';
import { describeRun } from '../../worker/run-detail';
import { systemChecks } from '../../worker/system-checks';
import { type Arguments, optionValue, readArguments } from '../arguments';
import { callerPath, writeJson } from '../output';
import { UsageError } from '../usage';

/** `data [--json FILE]`, `data rename NAME TO`, `data remove NAME` */
export async function dataCommand(words: readonly string[]): Promise<void> {
  const [verb, ...rest] = words;
  if (verb === 'rename' || verb === 'remove') {
    await changeImported(verb, rest);
    return;
  }
  const given = listingArguments(words, 0);
  const sets = listDataSets();
  await list(given, sets, () =>
    sets.map(({ name, title, examples, shape, available, importedFrom }) => {
      const from = importedFrom === null ? '' : ` (imported, ${importedFrom})`;
      const where = available ? from : ' (not here yet)';
      return `${name}: ${title}, ${examples.train} training and ${examples.test} test examples of ${shape.join('×')}${where}`;
    }),
  );
}

async function changeImported(verb: 'rename' | 'remove', words: readonly string[]): Promise<void> {
  const { positional } = readArguments(words, {});
  const [name, to, extra] = positional;
  if (name === undefined) throw new UsageError('the name of the data set is missing');
  const tooMany = verb === 'rename' ? extra : to;
  if (tooMany !== undefined) throw new UsageError(`'${tooMany}' is one word too many`);
  if (verb === 'remove') return removeImported(name);
  if (to === undefined) throw new UsageError('the new name is missing');
  await renameImported(name, to);
}

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

/** `doctor [--json FILE]` */
export async function doctorCommand(words: readonly string[]): Promise<void> {
  const given = listingArguments(words, 0);
  const checks = await systemChecks();
  await list(given, { ok: checks.every(({ ok }) => ok), checks }, () =>
    checks.flatMap(({ name, ok, detail, advice }) => [
      `${ok ? 'ok  ' : 'LACK'}  ${name}: ${detail}`,
      ...(advice ? [`      ${advice}`] : []),
    ]),
  );
}

function listingArguments(words: readonly string[], most: number): Arguments {
  const given = readArguments(words, { '--json': 'one' });
  const extra = given.positional[most];
  if (extra !== undefined) throw new UsageError(`'${extra}' is one word too many`);
  return given;
}

/** Lines for a person, or JSON where it was asked for. */
async function list(
  given: Arguments,
  value: unknown,
  lines: () => readonly string[],
): Promise<void> {
  const out = optionValue(given, '--json');
  if (out !== undefined) await writeJson(out, value);
  else
    process.stdout.write(
      lines()
        .map((line) => `${line}\n`)
        .join(''),
    );
}
