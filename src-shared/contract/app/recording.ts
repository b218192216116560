import type { Recipe, RecipeInput } from '../../recipe/recipe';
import type { CostEstimate, RunDetail, RunSummary } from '../views';

/** Recipes and the recordings made from them. */
export interface RecordingMethods {
  'record.estimate': { params: { readonly recipe: RecipeInput }; result: CostEstimate };
  /** Loads a recipe through a dialog; null when cancelled. */
  'recipe.open': { params: Record<string, never>; result: OpenedRecipe | null };
  /** Saves a recipe, complete, through a dialog; the file's name, or null when cancelled. */
  'recipe.save': {
    params: { readonly recipe: RecipeInput; readonly name: string };
    result: string | null;
  };
  /** Starts into a new folder of the runs folder and gives its run at once. */
  'record.start': {
    params: { readonly recipe: RecipeInput; readonly name: string };
    result: RunSummary;
  };
  /** Follows a recording until it ends; progress streams. Cancelling only stops following. */
  'record.follow': { params: { readonly run: string }; result: RunDetail };
  'record.continue': { params: { readonly run: string }; result: RunSummary };
  /**
   * Asks for a folder on another disk, moves an unfinished run there and goes on with it; null when
   * cancelled. The run stays where it was until the other one is whole. Progress: MoveProgress.
   */
  'record.move': { params: { readonly run: string }; result: MovedRun | null };
  'record.pause': { params: { readonly run: string }; result: null };
  'record.resume': { params: { readonly run: string }; result: null };
  'record.stop': { params: { readonly run: string }; result: null };
}

/** A recipe from a file. */
export interface OpenedRecipe {
  /** The file's name. */
  readonly file: string;
  readonly recipe: Recipe;
}

/** A run that was moved. */
export interface MovedRun {
  /** Under its new id. */
  readonly run: RunSummary;
  /** Whether the old folder could not be removed, or not all of it. */
  readonly left: boolean;
}
