import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CallContext } from '../../../src-shared/contract/rpc';
import { cancelledError, DeltascopeError } from '../../../src-shared/errors';
import { parseJson } from '../../../src-shared/recipe/json-text';
import type { Recipe } from '../../../src-shared/recipe/recipe';
import { completeRecipe } from '../../../src-shared/recipe/schema';
import { withImportedModel } from '../../worker/imported-model';
import { record } from '../../worker/record-job';
import { describeRun } from '../../worker/run-detail';
import { onePositional, readArguments, requiredValue } from '../arguments';
import { callerPath, say, writeJson } from '../output';

/** `record RECIPE.json --into DIR [--json]`: the last line of output is the run folder. */
export async function recordCommand(words: readonly string[], context: CallContext): Promise<void> {
  const given = readArguments(words, { '--into': 'one', '--json': 'flag' });
  const file = onePositional(given, 'the recipe');
  const folder = callerPath(requiredValue(given, '--into'));
  const bases = [process.cwd(), dirname(callerPath(file))];
  const recipe = await readRecipe(file, bases);
  const { finished } = await record({ recipe, folder, bases }, context);
  if (!finished) {
    say('Interrupted. Everything up to here is saved; the same command goes on from there.');
    throw cancelledError('cli');
  }
  const run = await describeRun(folder);
  if (given.options.has('--json')) {
    const { steps, bytes, testAccuracy, state } = run;
    await writeJson('-', { run: folder, state, steps, bytes, testAccuracy });
  } else {
    const accuracy =
      run.testAccuracy === null ? '' : `, test accuracy ${Number(run.testAccuracy.toFixed(4))}`;
    say(`recorded ${run.steps} steps, ${(run.bytes / 1e6).toFixed(1)} MB${accuracy}`);
  }
  process.stdout.write(`${folder}\n`);
}

async function readRecipe(file: string, bases: readonly string[]): Promise<Recipe> {
  let text: string;
  try {
    text = await readFile(callerPath(file), 'utf8');
  } catch {
    throw new DeltascopeError(
      'recipe-invalid',
      'recipe',
      `${file} cannot be read: there is no such recipe file.`,
    );
  }
  const { recipe, remarks } = await withImportedModel(parseJson(text, file), bases);
  for (const remark of remarks) say(remark);
  return completeRecipe(recipe, file);
}
