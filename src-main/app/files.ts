import { readFile, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { OpenedRecipe } from '../../src-shared/contract/app/recording';
import { DeltascopeError } from '../../src-shared/errors';
import { parseJson } from '../../src-shared/recipe/json-text';
import type { RecipeInput } from '../../src-shared/recipe/recipe';
import type { Compute } from './compute-client';

type Choose = () => Promise<string | null>;

/** What is to be written; asked for once it is known where to. */
export type Content = () => string | Uint8Array | Promise<string | Uint8Array>;

/**
 * Saves something where the auditor says; gives the file's name, or null when cancelled.
 *
 * @throws `write-failed`, `no-permission`, `disk-full`
 */
export async function saveChosen(choose: Choose, content: Content): Promise<string | null> {
  const file = await choose();
  if (file === null) return null;
  const written = await content();
  try {
    await writeFile(file, written);
  } catch (error) {
    const system = (error as NodeJS.ErrnoException).code ?? String(error);
    const [code, reason] = failures[system] ?? (['write-failed', system] as const);
    throw new DeltascopeError(code, 'app', `${basename(file)} was not saved: ${reason}.`);
  }
  return basename(file);
}

const failures: Readonly<
  Record<string, readonly ['write-failed' | 'no-permission' | 'disk-full', string]>
> = {
  ENOENT: ['write-failed', 'its folder is not there; choose another one'],
  ENOSPC: ['disk-full', 'the disk is full; free some space, or choose another folder'],
  EACCES: ['no-permission', 'you may not write there; choose another folder'],
  EPERM: ['no-permission', 'you may not write there; choose another folder'],
  EROFS: ['no-permission', 'this disk can only be read; choose another folder'],
};

/**
 * Loads the recipe that the auditor chooses; null when cancelled.
 *
 * @throws `recipe-invalid`
 */
export async function openChosenRecipe(
  compute: Compute,
  choose: Choose,
): Promise<OpenedRecipe | null> {
  const path = await choose();
  return path === null ? null : openRecipe(compute, path);
}

/**
 * Loads a recipe from a file, complete, its paths as they are seen from its folder.
 *
 * @throws `recipe-invalid`, one sentence with the place of the fault
 */
export async function openRecipe(compute: Compute, path: string): Promise<OpenedRecipe> {
  const file = basename(path);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    throw new DeltascopeError('recipe-invalid', 'recipe', `${file} cannot be read.`);
  }
  // The worker checks what it is.
  const input = parseJson(text, file) as RecipeInput;
  const recipe = await compute.call('recipe.complete', {
    recipe: input,
    file,
    from: dirname(path),
  });
  return { file, recipe };
}
