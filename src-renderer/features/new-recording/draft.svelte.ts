import * as v from 'valibot';
import type { OpenedRecipe } from '../../../src-shared/contract/app/recording';
import type { CostEstimate, DataSetInfo, ModelInfo } from '../../../src-shared/contract/views';
import { type ErrorReport, reportOf } from '../../../src-shared/errors';
import { formatBytes } from '../../../src-shared/format/numbers';
import { trainedMaps } from '../../../src-shared/model/traced-choice';
import type { Recipe } from '../../../src-shared/recipe/recipe';
import { checkRecipe } from '../../../src-shared/recipe/schema';
import { call } from '../../api/client';
import { AsyncValue } from '../../shared/async-value.svelte';
import { FieldProblems } from '../../shared/field-problems.svelte';
import { recall, remember } from '../../shared/memory';
import { recorder } from '../monitor/recorder.svelte';
import { choicesOf, recipeOf, usualChoices } from './choices';
import { kindIn, LayerCosts, type RecordableLayer } from './layer-costs.svelte';
import type { Saver } from './savers';

/** Free space a recording needs beyond its upper bound before it may start. */
const diskReserve = 1.2;
const settleMs = 450;

/** A recording as it is being put together. It lives as long as the window: going back keeps it. */
class Draft {
  readonly data = new AsyncValue<readonly DataSetInfo[]>();
  readonly models = new AsyncValue<readonly ModelInfo[]>();
  readonly cost = new AsyncValue<CostEstimate>();
  /** What is wrong with the recipe stands at its fields. */
  readonly fieldProblems = new FieldProblems(() => this.faults);

  choices = $state(usualChoices());
  ownName = $state('');

  /** File of the recipe that the choices came from. */
  loaded = $state<string | null>(null);
  /** File in which the recipe stands as it is now. */
  readonly saved = $derived.by(() => {
    const last = this.#lastSaved;
    return last !== null && last.text === JSON.stringify(this.complete) ? last.file : null;
  });
  /** What it cost before the last saver was taken. */
  before = $state.raw<CostEstimate | null>(null);
  starting = $state(false);
  /** Why the recording did not start. */
  problem = $state.raw<ErrorReport | null>(null);
  /** Why a recipe could not be read or written. */
  fileProblem = $state.raw<ErrorReport | null>(null);
  #lastSaved = $state.raw<{ readonly file: string; readonly text: string } | null>(null);
  /** The recipe that the cost was measured of last, as text. */
  #measured = $state('');
  readonly #layers = new LayerCosts();
  #recalled = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  readonly dataSet = $derived(
    this.data.value?.find(({ name }) => name === this.choices.data) ?? null,
  );
  readonly model = $derived(
    this.models.value?.find(({ name }) => name === this.choices.model) ?? null,
  );
  /** Ghost samples feed batch normalisation; a model without it has no use for them. */
  readonly normalizes = $derived.by(() => {
    const { model } = this.choices;
    const layers = typeof model === 'string' ? this.model?.layers : model.layers;
    return layers?.some(({ type }) => type === 'BatchNormalization') ?? true;
  });
  /** The linear maps that can be recorded, in the network's order. */
  readonly maps = $derived.by((): readonly RecordableLayer[] => {
    const { model } = this.choices;
    if (typeof model !== 'string') {
      return trainedMaps(model.layers).map((name) => ({ name, kind: kindIn(model.layers, name) }));
    }
    return (this.model?.tracedLayers ?? []).filter(({ frozen }) => !frozen);
  });
  /** Names of those that are to be recorded. */
  readonly traced = $derived(this.choices.traced ?? this.maps.map(({ name }) => name));
  readonly images = $derived((this.dataSet?.shape.length ?? 3) === 3);
  readonly modelTitle = $derived(
    typeof this.choices.model === 'string' ? this.choices.model : 'own-layers',
  );
  readonly usualName = $derived(`${dataTitle(this.choices.data)}-${this.modelTitle}`);
  readonly name = $derived(this.ownName.trim() || this.usualName);

  /** A copy: what the window watches can't be sent. */
  readonly recipe = $derived($state.snapshot(recipeOf(this.choices, this)));
  readonly #checked = $derived(checkRecipe(this.recipe));
  readonly faults = $derived('faults' in this.#checked ? this.#checked.faults : []);
  /** The recipe with every default filled in; null while something is wrong with it. */
  readonly complete = $derived('recipe' in this.#checked ? this.#checked.recipe : null);

  /** What it costs: as measured or, until that is done again, by what was measured of its layers. */
  readonly expected = $derived.by((): CostEstimate | null => {
    const { complete, cost } = this;
    if (!cost.value || !complete) return cost.value;
    return this.#layers.costOf(complete, this.traced, cost.value);
  });

  /** Bytes of each step that a layer takes, where they were measured with the other choices as now. */
  bytesOf(layer: string): number | null {
    return this.complete ? this.#layers.bytesOf(this.complete, layer) : null;
  }

  /** Something that was entered can't be taken. */
  readonly wrong = $derived.by(() => !this.fieldProblems.none || this.faults.length > 0);

  /** Why the recording can't start now; null when it can. */
  readonly obstacle = $derived.by((): string | null => {
    if (!this.dataSet && this.loaded === null) return 'Choose a data set.';
    if (!this.model && typeof this.choices.model === 'string') return 'Choose a model.';
    if (this.wrong) return 'A field needs another value.';
    if (this.cost.error) return 'The cost could not be measured.';
    const measured = this.#measured === JSON.stringify(this.complete);
    if (this.cost.loading || !this.cost.value || !measured) return 'The cost is not yet measured.';
    const { bytes, freeBytes } = this.cost.value;
    const needed = diskReserve * bytes.high;
    return freeBytes < needed
      ? `Too little disk space: ${formatBytes(needed)} must be free, ${diskReserve} times the upper bound.`
      : null;
  });

  /** Another model has other layers: all of them are recorded again. */
  chooseModel(name: string): void {
    Object.assign(this.choices, { model: name, traced: null });
  }

  /** Records these layers; all of them is what a recipe says by saying nothing. */
  trace(names: ReadonlySet<string>): void {
    const chosen = this.maps.map(({ name }) => name).filter((name) => names.has(name));
    this.choices.traced = chosen.length === this.maps.length ? null : chosen;
  }

  /** Takes a saver; what the recording cost before stays beside what it costs now. */
  takeSaver(saver: Saver): void {
    this.before = this.cost.value;
    Object.assign(this.choices, saver.change);
  }

  /** Takes the choices that were being made at the last start, once, and keeps them from then on. */
  recall(): void {
    if (this.#recalled) return;
    this.#recalled = true;
    const kept = recall('draft', v.object({ recipe: v.unknown(), name: v.string() }));
    const checked = kept && checkRecipe(kept.recipe);
    if (!checked || !('recipe' in checked)) return;
    this.choices = choicesOf(checked.recipe);
    this.ownName = kept.name;
  }

  /** Keeps what was chosen so far for the next start; what can't be a recipe yet waits. */
  keep(): void {
    if (this.complete !== null) remember('draft', { recipe: this.recipe, name: this.ownName });
  }

  /** Reads what data and models there are. */
  async read(): Promise<void> {
    if (!this.data.value) await this.data.run((options) => call('data.list', {}, options));
    await this.readModels();
  }

  /** Reads the list anew and chooses a data set of it, all of its examples. */
  async takeNewData(name: string): Promise<void> {
    await this.data.run((options) => call('data.list', {}, options));
    Object.assign(this.choices, { data: name, trainLimit: null, testLimit: null });
    await this.readModels();
  }

  async readModels(): Promise<void> {
    const set = this.dataSet;
    if (!set) return;
    const params = { shape: [...set.shape], classes: set.classNames.length };
    await this.models.run((options) => call('models.list', params, options));
  }

  /** Measures the cost once the choices have settled; a newer choice cancels the older one. */
  measureSoon(recipe: Recipe): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.measure(recipe), settleMs);
  }

  async measure(recipe: Recipe | null = this.complete): Promise<void> {
    if (recipe === null) return;
    const found = await this.cost.run((options) => call('record.estimate', { recipe }, options));
    if (!found) return;
    this.#measured = JSON.stringify(recipe);
    this.#layers.take(recipe, found);
  }

  leave(): void {
    clearTimeout(this.#timer);
    this.cost.cancel();
  }

  /** Takes the choices of a recipe that the auditor picks. */
  async load(): Promise<void> {
    await this.#withFile(async () => {
      const opened = await call('recipe.open', {});
      if (opened !== null) await this.take(opened);
    });
  }

  /** Takes the choices of a recipe from a file. */
  async take({ recipe, file }: OpenedRecipe): Promise<void> {
    this.choices = choicesOf(recipe);
    this.loaded = file;
    await this.readModels();
  }

  /** Saves the recipe, complete, where the auditor says. */
  async save(): Promise<void> {
    const recipe = this.complete;
    if (recipe === null) return;
    await this.#withFile(async () => {
      const file = await call('recipe.save', { recipe, name: this.name });
      if (file !== null) this.#lastSaved = { file, text: JSON.stringify(recipe) };
    });
  }

  async #withFile(job: () => Promise<void>): Promise<void> {
    this.fileProblem = null;
    try {
      await job();
    } catch (error) {
      this.fileProblem = reportOf(error, 'app');
    }
  }

  async start(): Promise<void> {
    const recipe = this.complete;
    if (recipe === null) return;
    this.starting = true;
    this.problem = null;
    try {
      await recorder.start(recipe, this.name);
      this.ownName = '';
    } catch (error) {
      this.problem = reportOf(error, 'app');
    } finally {
      this.starting = false;
    }
  }
}

/** A data set by its name, or of a file only its own. */
function dataTitle(data: string): string {
  return (data.split(/[\\/]/).at(-1) ?? data).replace(/\.npz$/, '');
}

export const draft = new Draft();
