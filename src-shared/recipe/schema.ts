import * as v from 'valibot';
import { DeltascopeError } from '../errors';
import { presetNamed } from '../model/presets';
import {
  fields,
  flag,
  isUnknownField,
  number,
  numberAbove,
  numberBelow,
  oneOf,
  sentenceOf,
  text,
  valued,
  whole,
} from './fields';
import { layerSchema } from './layer-schema';
import type { Recipe, RecordingMode } from './recipe';
import { recipeDefaults } from './recipe';

const most = Number.MAX_SAFE_INTEGER;
const largestBatch = 65_536;
const path = text(4096, 'a path, or null');
const countOrNull = v.optional(v.nullable(whole(1, most)), null);
const defaults = recipeDefaults;

const modelName = text(200, 'the name of a model or {"layers": […]}');
const modelLayers = fields(
  { layers: v.array(layerSchema, 'a list of layers') },
  'the name of a model or {"layers": […]}',
);

const optimizerSchema = fields(
  {
    name: v.optional(
      valued<'sgd'>((value) => value === 'sgd', "'sgd', the only optimizer supported so far"),
      'sgd',
    ),
    learningRate: v.optional(numberAbove(0, 1000), defaults.optimizer.learningRate),
    momentum: v.optional(numberBelow(0, 1), defaults.optimizer.momentum),
    dampening: v.optional(number(0, 1), defaults.optimizer.dampening),
    nesterov: v.optional(flag(), defaults.optimizer.nesterov),
    weightDecay: v.optional(number(0, 1000), defaults.optimizer.weightDecay),
    decoupled: v.optional(flag(), defaults.optimizer.decoupled),
  },
  'an object {"name": "sgd", "learningRate": …}',
);

const channelNumbers = (each: v.GenericSchema<unknown, number>) =>
  v.pipe(
    v.array(each, 'a list of numbers, one for each channel'),
    v.check((list) => list.length >= 1 && list.length <= 65_536, 'a list of one number or more'),
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
    ghostGradient: v.optional(oneOf(['flow', 'stop']), defaults.ghostGradient),
    perExample: v.optional(flag()),
    optimizer: v.optional(optimizerSchema, {}),
    schedule: v.optional(
      v.array(
        fields(
          { afterEpoch: whole(0, most), factor: numberAbove(0, 1000) },
          'an object {"afterEpoch": …, "factor": …}',
        ),
        'a list of {"afterEpoch": …, "factor": …}',
      ),
      [],
    ),
    epochs: v.optional(whole(1, 1_000_000), defaults.epochs),
    maxSteps: countOrNull,
    seed: v.optional(whole(0, most), defaults.seed),
    codec: v.optional(oneOf(['dense', 'auto', 'fast', 'compact']), defaults.codec),
    normalize: v.optional(
      v.nullable(
        fields(
          { mean: channelNumbers(number(-1e6, 1e6)), std: channelNumbers(numberAbove(0, 1e6)) },
          'an object {"mean": […], "std": […]}, or null',
        ),
      ),
      null,
    ),
    initialWeights: v.optional(v.nullable(path), null),
    order: v.optional(v.nullable(path), null),
  },
  'an object with at least "data" and "model"',
);

type CheckedRecipe = v.InferOutput<typeof recipeSchema>;

/**
 * The recipe with every default filled in, or the first thing that is wrong with it.
 *
 * @param input what a recipe's JSON holds; a complete recipe comes back as it is
 * @param file how errors name it
 * @throws `recipe-invalid`, one sentence with the field's path
 */
export function completeRecipe(input: unknown, file = 'Recipe'): Recipe {
  const result = v.safeParse(recipeSchema, input);
  if (!result.success) {
    // A misspelt field explains the one that is missing, not the other way round.
    const issue = result.issues.find(isUnknownField) ?? result.issues[0];
    throw invalid(sentenceOf(issue, file));
  }
  const checked = result.output;
  const { model } = checked;
  const layers = typeof model === 'string' ? presetNamed(model).layers(2) : model.layers;
  const normalizes = layers.some(({ type }) => type === 'BatchNormalization');
  const recording = checked.recording;
  const batchSize = checked.batchSize ?? (recording === 'single' ? 1 : defaults.batchSize);
  const ghostSamples = checked.ghostSamples ?? (normalizes ? usualGhosts(recording, batchSize) : 0);
  const complaint = batchComplaint(recording, batchSize, ghostSamples) ?? complaintAbout(checked);
  if (complaint) throw invalid(`${file}: ${complaint}`);
  return {
    ...checked,
    batchSize,
    ghostSamples,
    // Each example's part is what mini-batches are recorded for; a single example is its own part.
    perExample: recording === 'mini-batches' || (recording !== 'single' && !!checked.perExample),
  };
}

/** A third of a batch, as the paper's 40 of 128, and at most those: they feed batch norm alone. */
function usualGhosts(recording: RecordingMode, batchSize: number): number {
  if (recording !== 'class-batches') return 0;
  return Math.min(defaults.ghostSamples, Math.floor(batchSize / 3));
}

function batchComplaint(
  recording: RecordingMode,
  batchSize: number,
  ghostSamples: number,
): string | null {
  if (recording === 'single' && batchSize !== 1) {
    return `batchSize is ${batchSize}, but with recording 'single' each step has 1 example.`;
  }
  if (recording !== 'class-batches' && ghostSamples !== 0) {
    return `ghostSamples is ${ghostSamples}, but only recording 'class-batches' has ghost samples.`;
  }
  if (ghostSamples >= batchSize) {
    return (
      `ghostSamples is ${ghostSamples} and batchSize ${batchSize}; ` +
      'batchSize counts the ghosts, so it must be larger.'
    );
  }
  return null;
}

function complaintAbout(recipe: CheckedRecipe): string | null {
  const { momentum, dampening, nesterov } = recipe.optimizer;
  if (nesterov && (momentum === 0 || dampening !== 0)) {
    return 'optimizer.nesterov needs a momentum above 0 and a dampening of 0.';
  }
  const { normalize } = recipe;
  if (normalize && normalize.mean.length !== normalize.std.length) {
    return (
      `normalize.mean has ${normalize.mean.length} numbers and normalize.std ` +
      `${normalize.std.length}; give one of each for every channel.`
    );
  }
  return null;
}

function invalid(message: string): DeltascopeError {
  return new DeltascopeError('recipe-invalid', 'recipe', message);
}
