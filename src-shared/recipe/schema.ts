import * as v from 'valibot';
import { DeltascopeError } from '../errors';
import type { LayerSpec } from '../model/layer-spec';
import { presetNamed } from '../model/presets';
import { complaintAboutTraced } from '../model/traced-choice';
import {
  fieldOf,
  fields,
  flag,
  isUnknownField,
  number,
  numberAbove,
  oneOf,
  requirementOf,
  sentenceOf,
  text,
  whole,
} from './fields';
import { layerSchema } from './layer-schema';
import { optimizerSchema, scheduleSchema } from './optimizer-schema';
import { storesUpdates } from './optimizer-spec';
import type { Recipe, RecordingMode } from './recipe';
import { recipeDefaults } from './recipe';

const most = Number.MAX_SAFE_INTEGER;
const largestBatch = 65_536;
const path = text(4096, 'a path, or null');
const countOrNull = v.optional(v.nullable(whole(1, most)), null);
const defaults = recipeDefaults;

const modelName = text(200, 'the name of a model, the path of a model.json or {"layers": […]}');
const modelLayers = fields(
  { layers: v.array(layerSchema, 'a list of layers') },
  'the name of a model, the path of a model.json or {"layers": […]}',
);

const augmentSchema = fields(
  { crop: v.optional(whole(0, 4096), 0), flip: v.optional(flag(), false) },
  'an object {"crop": …, "flip": …}, or null',
);

const channelNumbers = (each: v.GenericSchema<unknown, number>) =>
  v.pipe(
    v.array(each, 'a list of numbers, one for each channel'),
    v.check((list) => list.length >= 1 && list.length <= 65_536, 'a list of one number or more'),
  );

/** `lossless` says in a word what `dense` does. */
const codecSchema = v.pipe(
  oneOf(['dense', 'lossless', 'auto', 'fast', 'compact']),
  v.transform((codec) => (codec === 'lossless' ? 'dense' : codec)),
);

/** Which layers these may name is checked in `completeRecipe`, where the model is known. */
const tracedSchema = v.pipe(
  v.array(text(200, 'the name of a layer'), 'a list of layers’ names, or null'),
  v.check((names) => names.length > 0, 'a list of one layer or more; leave it out to record all'),
);

/** Fields by themselves; what they must be together is checked in `completeRecipe`. */
const recipeSchema = fields(
  {
    data: text(4096, 'the name of a data set or the path of an .npz'),
    limit: v.optional(
      fields({ train: countOrNull, test: countOrNull }, 'an object {"train": …, "test": …}'),
      defaults.limit,
    ),
    model: v.lazy((input) => (typeof input === 'string' ? modelName : modelLayers)),
    recording: v.optional(oneOf(['single', 'class-batches', 'mini-batches']), defaults.recording),
    batchSize: v.optional(whole(1, largestBatch)),
    ghostSamples: v.optional(whole(0, largestBatch)),
    ghostGradient: v.optional(oneOf(['flow', 'stop'])),
    perExample: v.optional(flag()),
    optimizer: v.optional(optimizerSchema, {}),
    schedule: v.optional(scheduleSchema, []),
    epochs: v.optional(whole(1, 1_000_000), defaults.epochs),
    maxSteps: countOrNull,
    seed: v.optional(whole(0, most), defaults.seed),
    codec: v.optional(codecSchema, defaults.codec),
    traced: v.optional(v.nullable(tracedSchema), defaults.traced),
    normalize: v.optional(
      v.nullable(
        fields(
          { mean: channelNumbers(number(-1e6, 1e6)), std: channelNumbers(numberAbove(0, 1e6)) },
          'an object {"mean": […], "std": […]}, or null',
        ),
      ),
      null,
    ),
    augment: v.optional(v.nullable(augmentSchema), defaults.augment),
    initialWeights: v.optional(v.nullable(path), null),
    order: v.optional(v.nullable(path), null),
  },
  'an object with at least "data" and "model"',
);

type CheckedRecipe = v.InferOutput<typeof recipeSchema>;

/** Something that is wrong with a recipe. */
export interface RecipeFault {
  /** The field's path: `optimizer.momentum`, `schedule[0].factor`; empty: the recipe as a whole. */
  readonly field: string;
  /** One sentence that stands at the field. */
  readonly message: string;
  /** One sentence that stands by itself, and names the field. */
  readonly sentence: string;
}

/**
 * The recipe with every default filled in, or the first thing that is wrong with it.
 *
 * @param input what a recipe's JSON holds; a complete recipe comes back as it is
 * @param file how errors name it
 * @throws `recipe-invalid`, one sentence with the field's path
 */
export function completeRecipe(input: unknown, file = 'Recipe'): Recipe {
  const checked = checkRecipe(input, file);
  if ('recipe' in checked) return checked.recipe;
  throw new DeltascopeError('recipe-invalid', 'recipe', checked.faults[0].sentence);
}

/** The complete recipe, or everything that is found wrong with it, the gravest first. */
export function checkRecipe(
  input: unknown,
  file = 'Recipe',
): { readonly recipe: Recipe } | { readonly faults: readonly [RecipeFault, ...RecipeFault[]] } {
  const result = v.safeParse(recipeSchema, input);
  if (!result.success) {
    const faultOf = (issue: v.BaseIssue<unknown>): RecipeFault => ({
      field: fieldOf(issue),
      message: requirementOf(issue),
      sentence: sentenceOf(issue, file),
    });
    // A misspelt field explains the one that is missing, not the other way round.
    const issue = result.issues.find(isUnknownField) ?? result.issues[0];
    const others = result.issues.filter((each) => each !== issue);
    return { faults: [faultOf(issue), ...others.map(faultOf)] };
  }
  const checked = result.output;
  const { model } = checked;
  const layers = typeof model === 'string' ? presetNamed(model).layers(2, []) : model.layers;
  const normalizes = layers.some(({ type }) => type === 'BatchNormalization');
  const recording = checked.recording;
  const batchSize = checked.batchSize ?? (recording === 'single' ? 1 : defaults.batchSize);
  const ghostSamples = checked.ghostSamples ?? (normalizes ? usualGhosts(recording, batchSize) : 0);
  const complaint =
    batchComplaint(recording, batchSize, ghostSamples) ??
    partsComplaint(checked, ghostSamples) ??
    tracedComplaint(checked.traced, layers) ??
    complaintAbout(checked);
  if (complaint) {
    const { field, message } = complaint;
    return { faults: [{ field, message, sentence: `${file}: ${message}` }] };
  }
  const undivided = storesUpdates(checked.optimizer);
  const recipe = {
    ...checked,
    batchSize,
    ghostSamples,
    ghostGradient: checked.ghostGradient ?? (undivided ? 'stop' : defaults.ghostGradient),
    // Each example's part is what mini-batches are recorded for; a single example is its own part.
    perExample:
      !undivided &&
      (recording === 'mini-batches' || (recording !== 'single' && checked.perExample === true)),
  };
  return { recipe };
}

function tracedComplaint(
  names: CheckedRecipe['traced'],
  layers: readonly LayerSpec[],
): Complaint | null {
  const message = names && complaintAboutTraced(names, layers);
  return message === null ? null : { field: 'traced', message };
}

type Complaint = Pick<RecipeFault, 'field' | 'message'>;

/** A third of a batch, as the paper's 40 of 128, and at most those: they feed batch norm alone. */
function usualGhosts(recording: RecordingMode, batchSize: number): number {
  if (recording !== 'class-batches') return 0;
  return Math.min(defaults.ghostSamples, Math.floor(batchSize / 3));
}

function batchComplaint(
  recording: RecordingMode,
  batchSize: number,
  ghostSamples: number,
): Complaint | null {
  if (recording === 'single' && batchSize !== 1) {
    const message = `batchSize is ${batchSize}, but with recording 'single' each step has 1 example.`;
    return { field: 'batchSize', message };
  }
  if (recording !== 'class-batches' && ghostSamples !== 0) {
    const message = `ghostSamples is ${ghostSamples}, but only recording 'class-batches' has ghost samples.`;
    return { field: 'ghostSamples', message };
  }
  if (ghostSamples >= batchSize) {
    const message =
      `ghostSamples is ${ghostSamples} and batchSize ${batchSize}; ` +
      'batchSize counts the ghosts, so it must be larger.';
    return { field: 'ghostSamples', message };
  }
  return null;
}

/** Parts of a step that an optimizer without exact credit does not have. */
function partsComplaint(recipe: CheckedRecipe, ghostSamples: number): Complaint | null {
  const { optimizer, ghostGradient, perExample } = recipe;
  if (!storesUpdates(optimizer)) return null;
  if (ghostGradient === 'flow' && ghostSamples > 0) {
    const message =
      `ghostGradient is 'flow', but the ghosts have no part of their own in an update of ` +
      `'${optimizer.name}', so it would be counted for the class; use 'stop'.`;
    return { field: 'ghostGradient', message };
  }
  if (perExample) {
    const message =
      `perExample is true, but single examples have no part of their own in an update of ` +
      `'${optimizer.name}'; leave it out, or train by 'sgd'.`;
    return { field: 'perExample', message };
  }
  return null;
}

function complaintAbout(recipe: CheckedRecipe): Complaint | null {
  const { optimizer, schedule } = recipe;
  if (optimizer.name !== 'adam' && optimizer.nesterov) {
    if (optimizer.momentum === 0 || optimizer.dampening !== 0) {
      const message = 'optimizer.nesterov needs a momentum above 0 and a dampening of 0.';
      return { field: 'optimizer.nesterov', message };
    }
  }
  if (Array.isArray(schedule) && schedule.filter((e) => 'warmUpSteps' in e).length > 1) {
    const message = 'schedule has more than one entry with warmUpSteps; there is one start only.';
    return { field: 'schedule', message };
  }
  const { normalize } = recipe;
  if (normalize && normalize.mean.length !== normalize.std.length) {
    const message =
      `normalize.mean has ${normalize.mean.length} numbers and normalize.std ` +
      `${normalize.std.length}; give one of each for every channel.`;
    return { field: 'normalize', message };
  }
  return null;
}
