import {
  type AdamSpec,
  optimizerDefaults,
  type SamSpec,
} from '../../../src-shared/recipe/optimizer-spec';
import {
  type CodecSetting,
  type GhostGradient,
  type Recipe,
  type RecipeInput,
  type RecordingMode,
  recipeDefaults,
} from '../../../src-shared/recipe/recipe';
import type { StepEntry } from '../../../src-shared/recipe/schedule';

export type OptimizerName = 'sgd' | 'sam' | 'adam' | 'adamw';
export type ScheduleKind = 'constant' | 'steps' | 'cosine';

type Editable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Fields of a recipe that a window has no choice for; they come with a recipe from a file. */
export type Kept = Pick<Recipe, 'normalize' | 'initialWeights' | 'order'>;

/**
 * What can be chosen for a recording, each choice by itself: going from one optimizer to another and
 * back forgets nothing. `recipeOf` takes of it what applies together.
 */
export interface RecipeChoices {
  data: string;
  model: Recipe['model'];
  trainLimit: number | null;
  testLimit: number | null;
  recording: RecordingMode;
  batchSize: number;
  ghostSamples: number;
  ghostGradient: GhostGradient;
  perExample: boolean;
  optimizer: OptimizerName;
  /** Of SGD and SAM. */
  descent: Editable<Omit<SamSpec, 'name'>>;
  /** Of Adam and AdamW. */
  moments: Editable<Omit<AdamSpec, 'name' | 'decoupled'>>;
  schedule: ScheduleKind;
  /** 0: none. */
  warmUpSteps: number;
  drops: Editable<StepEntry>[];
  minimumFactor: number;
  crop: number;
  flip: boolean;
  epochs: number;
  maxSteps: number | null;
  seed: number;
  codec: CodecSetting;
  /** Layers to record; null: all that are trained. */
  traced: readonly string[] | null;
  kept: Kept;
}

const { name: _sam, ...sam } = optimizerDefaults.sam;
const { name: _adam, decoupled: _decoupled, ...adam } = optimizerDefaults.adam;
const descentDefaults: Omit<SamSpec, 'name'> = sam;
const momentDefaults: Omit<AdamSpec, 'name' | 'decoupled'> = adam;

/** What is offered at first: the sample audit's recipe. */
export function usualChoices(): RecipeChoices {
  return {
    data: 'mnist',
    model: 'lenet',
    trainLimit: 6000,
    testLimit: 1000,
    recording: recipeDefaults.recording,
    batchSize: recipeDefaults.batchSize,
    ghostSamples: recipeDefaults.ghostSamples,
    ghostGradient: recipeDefaults.ghostGradient,
    perExample: recipeDefaults.perExample,
    optimizer: 'sgd',
    descent: { ...descentDefaults, learningRate: 0.05 },
    moments: { ...momentDefaults },
    schedule: 'constant',
    warmUpSteps: 0,
    drops: [],
    minimumFactor: 0,
    crop: 0,
    flip: false,
    epochs: 4,
    maxSteps: null,
    seed: recipeDefaults.seed,
    codec: recipeDefaults.codec,
    traced: recipeDefaults.traced,
    kept: { normalize: null, initialWeights: null, order: null },
  };
}

/** What of the choices depends on data and model. */
export interface Circumstances {
  /** Batch normalisation is there for ghost samples to feed. */
  readonly normalizes: boolean;
  /** The examples are pictures, which can be cropped and mirrored. */
  readonly images: boolean;
}

/** Whether an optimizer's updates are stored as they were applied. */
export function storesWhole(optimizer: OptimizerName): boolean {
  return optimizer !== 'sgd';
}

/** The recipe of the choices, without what does not apply to them together. */
export function recipeOf(
  choices: RecipeChoices,
  { normalizes, images }: Circumstances,
): RecipeInput {
  const { recording, optimizer, kept, crop, flip } = choices;
  const whole = storesWhole(optimizer);
  const classes = recording === 'class-batches';
  const ghostSamples = classes && normalizes ? choices.ghostSamples : 0;
  return {
    data: choices.data,
    model: choices.model,
    limit: { train: choices.trainLimit, test: choices.testLimit },
    recording,
    batchSize: recording === 'single' ? 1 : choices.batchSize,
    ghostSamples,
    ...(whole ? {} : { ghostGradient: choices.ghostGradient }),
    ...(classes && !whole ? { perExample: choices.perExample } : {}),
    optimizer: optimizerOf(choices),
    schedule: scheduleOf(choices),
    epochs: choices.epochs,
    maxSteps: choices.maxSteps,
    seed: choices.seed,
    codec: whole ? 'dense' : choices.codec,
    traced: choices.traced,
    augment: images && (crop !== 0 || flip) ? { crop, flip } : null,
    ...kept,
  };
}

function optimizerOf({ optimizer, descent, moments }: RecipeChoices): RecipeInput['optimizer'] {
  if (optimizer === 'adam' || optimizer === 'adamw') return { name: optimizer, ...moments };
  const { rho: radius, ...rest } = descent;
  return optimizer === 'sam' ? { name: 'sam', ...rest, rho: radius } : { name: 'sgd', ...rest };
}

function scheduleOf(choices: RecipeChoices): RecipeInput['schedule'] {
  const { schedule, warmUpSteps, drops, minimumFactor } = choices;
  if (schedule === 'cosine') return { kind: 'cosine', warmUpSteps, minimumFactor };
  return [
    ...(warmUpSteps === 0 ? [] : [{ warmUpSteps }]),
    ...(schedule === 'steps' ? drops.map((drop) => ({ ...drop })) : []),
  ];
}

/** The choices that a complete recipe stands for. */
export function choicesOf(recipe: Recipe): RecipeChoices {
  const { optimizer, schedule, augment, limit } = recipe;
  const usual = usualChoices();
  const steps = 'kind' in schedule ? [] : schedule;
  const drops = steps.flatMap((entry) => ('afterEpoch' in entry ? [{ ...entry }] : []));
  const warmUp = steps.find((entry) => 'warmUpSteps' in entry);
  return {
    ...usual,
    ...{ data: recipe.data, model: recipe.model, recording: recipe.recording },
    ...{ trainLimit: limit.train, testLimit: limit.test },
    batchSize: recipe.recording === 'single' ? usual.batchSize : recipe.batchSize,
    ghostSamples: recipe.recording === 'class-batches' ? recipe.ghostSamples : usual.ghostSamples,
    ghostGradient: recipe.ghostGradient,
    perExample: recipe.perExample,
    ...optimizerChoices(optimizer, usual),
    schedule: 'kind' in schedule ? 'cosine' : drops.length > 0 ? 'steps' : 'constant',
    warmUpSteps: 'kind' in schedule ? schedule.warmUpSteps : (warmUp?.warmUpSteps ?? 0),
    drops,
    minimumFactor: 'kind' in schedule ? schedule.minimumFactor : usual.minimumFactor,
    crop: augment?.crop ?? 0,
    flip: augment?.flip ?? false,
    ...{ epochs: recipe.epochs, maxSteps: recipe.maxSteps, seed: recipe.seed, codec: recipe.codec },
    traced: recipe.traced,
    kept: {
      normalize: recipe.normalize,
      initialWeights: recipe.initialWeights,
      order: recipe.order,
    },
  };
}

function optimizerChoices(
  optimizer: Recipe['optimizer'],
  usual: RecipeChoices,
): Pick<RecipeChoices, 'optimizer' | 'descent' | 'moments'> {
  if (optimizer.name === 'adam') {
    const { name: _, decoupled: apart, ...moments } = optimizer;
    return { optimizer: apart ? 'adamw' : 'adam', moments, descent: usual.descent };
  }
  const { name, ...descent } = optimizer;
  return { optimizer: name, descent: { ...usual.descent, ...descent }, moments: usual.moments };
}
