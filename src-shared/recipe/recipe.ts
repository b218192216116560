import type { LayerSpec } from '../model/layer-spec';
import { type OptimizerInput, type OptimizerSpec, optimizerDefaults } from './optimizer-spec';
import type { CosineSchedule, Schedule, ScheduleEntry } from './schedule';

/**
 * A recipe says what to train and how; a run is reproducible from it. This is the complete form:
 * every default is filled in (see `completeRecipe`), so that what is stored in a run leaves nothing
 * open.
 */
export interface Recipe {
  /** Name of a known data set, or path to an `.npz`. */
  readonly data: string;
  /** The first n examples of each split; null: all. Example indices stay those before `limit`. */
  readonly limit: { readonly train: number | null; readonly test: number | null };
  /** Name of a preset, or the layers themselves. */
  readonly model: string | { readonly layers: readonly LayerSpec[] };
  readonly recording: RecordingMode;
  /** Examples a step, ghosts included (as the paper counts). */
  readonly batchSize: number;
  /** Ghost samples a step; only `class-batches` has any. */
  readonly ghostSamples: number;
  /** Whether gradients flow into the ghost rows through the batch statistics. */
  readonly ghostGradient: GhostGradient;
  /** Keep each example's part of a step's gradient. Always true in `mini-batches` by SGD. */
  readonly perExample: boolean;
  readonly optimizer: OptimizerSpec;
  /** How the learning rate changes; see `learningRateAt`. */
  readonly schedule: Schedule;
  readonly epochs: number;
  /** Stop after so many steps even if epochs remain; null: no bound. */
  readonly maxSteps: number | null;
  readonly seed: number;
  readonly codec: CodecSetting;
  /** The linear maps whose updates are kept, by name; null: all that are trained. */
  readonly traced: readonly string[] | null;
  /** Per-channel (x − mean) / std after scaling to 0…1; null: none. */
  readonly normalize: { readonly mean: readonly number[]; readonly std: readonly number[] } | null;
  /** Random changes of the training images, ghost samples included; null: none. */
  readonly augment: Augmentation | null;
  /** Safetensors file in the export's names, in place of the seeded start; null: seeded. */
  readonly initialWeights: string | null;
  /** JSONL file in the shape that `export batches` writes; null: the seeded sampler. */
  readonly order: string | null;
}

/** Section 2.1 of the design: Alg. 1, Alg. 2, and ordinary shuffled batches. */
export type RecordingMode = 'single' | 'class-batches' | 'mini-batches';

export type GhostGradient = 'flow' | 'stop';

export type CodecSetting = 'dense' | 'auto' | 'fast' | 'compact';

/** Random crops and mirroring of the training images: see the engine's `augmenter`. */
export interface Augmentation {
  /** Pixels of padding on each side, out of which a window of the image's size is cut; 0: none. */
  readonly crop: number;
  /** Mirror left and right with probability ½. */
  readonly flip: boolean;
}

/** A recipe as an auditor writes it: only `data` and `model` are required. */
export type RecipeInput = Partial<Omit<Recipe, 'optimizer' | 'limit' | 'schedule' | 'augment'>> &
  Pick<Recipe, 'data' | 'model'> & {
    readonly limit?: { readonly train?: number | null; readonly test?: number | null };
    readonly optimizer?: OptimizerInput;
    readonly augment?: Partial<Augmentation> | null;
    readonly schedule?: readonly ScheduleEntry[] | Partial<CosineSchedule>;
  };

/**
 * Values of the fields that a recipe leaves out. `ghostGradient` is `stop` and `perExample` false
 * where the optimizer stores updates: of those the ghosts and the examples have no parts.
 */
export const recipeDefaults = {
  limit: { train: null, test: null },
  recording: 'class-batches',
  batchSize: 128,
  ghostSamples: 40,
  ghostGradient: 'flow',
  perExample: false,
  optimizer: optimizerDefaults.sgd,
  schedule: [],
  epochs: 1,
  maxSteps: null,
  seed: 7,
  codec: 'auto',
  traced: null,
  normalize: null,
  augment: null,
  initialWeights: null,
  order: null,
} as const satisfies Omit<Recipe, 'data' | 'model'>;
