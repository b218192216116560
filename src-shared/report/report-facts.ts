import type { RunDetail, SystemDescription, TracedLayerInfo } from '../contract/views';
import { formatBytes, formatCount, formatNumber, formatPercent } from '../format/numbers';
import { shapeInWords } from '../model/graph-shape';
import { heightWidth, type LayerSpec, type PlanarSize } from '../model/layer-spec';
import type { Recipe } from '../recipe/recipe';
import { recordingNames } from '../words';
import type { ReportRow } from './report-model';
import type { RunHashes } from './report-source';

type LayerState = Pick<TracedLayerInfo, 'frozen'> & { readonly unrecorded?: boolean | undefined };

/** What a layer is that no updates are kept of, in a word or two; null of a recorded one. */
export function layerState({ frozen, unrecorded }: LayerState): string | null {
  if (frozen) return 'frozen';
  return unrecorded ? 'not recorded' : null;
}

/** Layers by name, those marked that no updates are kept of. */
export function layerNames(layers: readonly (LayerState & { readonly name: string })[]): string {
  return layers
    .map((layer) => {
      const state = layerState(layer);
      return state === null ? layer.name : `${layer.name} (${state})`;
    })
    .join(', ');
}

/** Who is spoken of: model, data, run, each with what identifies it. */
export function identityRows(run: RunDetail): ReportRow[] {
  const accuracy = run.testAccuracy === null ? 'not measured' : formatPercent(run.testAccuracy, 2);
  return [
    { label: 'Run', value: run.name },
    { label: 'Recorded', value: `${run.createdAt.slice(0, 16).replace('T', ' ')} UTC` },
    { label: 'State', value: run.state },
    {
      label: 'Steps recorded',
      value: `${formatCount(run.steps)} of ${formatCount(run.stepsPlanned)}`,
    },
    ...(run.resumed.length > 0
      ? [{ label: 'Interrupted', value: interruptedWords(run.resumed) }]
      : []),
    { label: 'Trace', value: formatBytes(run.bytes) },
    { label: 'Model', value: run.model },
    { label: 'Traced layers', value: layerNames(run.layers) },
    { label: 'Test accuracy', value: accuracy },
    { label: 'Data set', value: run.data },
    {
      label: 'Examples',
      value: `${formatCount(run.examples.train)} training, ${formatCount(run.examples.test)} test`,
    },
    { label: 'Example shape', value: shapeInWords(run.exampleShape) },
    { label: 'Classes', value: formatCount(run.classNames.length) },
    { label: 'Data fingerprint (SHA-256)', value: run.fingerprint || 'not recorded', exact: true },
  ];
}

/** `before step 40; it went on …` */
function interruptedWords(resumed: readonly number[]): string {
  const [first] = resumed;
  const where =
    resumed.length === 1
      ? `before step ${formatCount(first as number)}`
      : `${formatCount(resumed.length)} times, first before step ${formatCount(first as number)}`;
  return `${where}; the recording went on from what was saved`;
}

/** What identifies the files that the numbers come from. */
export function fileRows(
  { run, model, trace, files }: RunHashes,
  { bytes }: RunDetail,
): ReportRow[] {
  return [
    { label: `Run, all ${formatCount(files)} files`, value: run, exact: true },
    { label: 'Model, final weights', value: model, exact: true },
    { label: `Trace, ${formatBytes(bytes)}`, value: trace, exact: true },
  ];
}

/** What of this machine bears on the numbers. */
const reproducing = new Set(['Node', 'Engine', 'Threads', 'SQLite', 'Electron']);

const versionNames: Readonly<Record<string, string>> = {
  deltascope: 'Deltascope',
  tfjs: 'TensorFlow.js',
  node: 'Node',
};

/** Versions, hardware and settings of the recording and of this explanation. */
export function versionRows(run: RunDetail, system: SystemDescription): ReportRow[] {
  return [
    ...Object.entries(run.versions).map(([name, value]) => ({
      label: `${versionNames[name] ?? name}, recording`,
      value,
    })),
    ...Object.entries(run.engine).map(([name, value]) => ({
      label: `Engine ${name}, recording`,
      value: String(value),
    })),
    { label: 'Seed of the training', value: String(run.recipe.seed) },
    { label: 'Deltascope, explanation', value: system.version },
    ...system.checks
      .filter(({ name, ok }) => ok && reproducing.has(name))
      .map(({ name, detail }) => ({ label: `${name}, explanation`, value: detail })),
  ];
}

/** The recipe in words, every field that changes the result. */
export function recipeRows(recipe: Recipe): ReportRow[] {
  const { optimizer, limit } = recipe;
  const limits = [
    limit.train === null ? null : `first ${formatCount(limit.train)} training`,
    limit.test === null ? null : `first ${formatCount(limit.test)} test`,
  ].filter((text) => text !== null);
  const rows: ReportRow[] = [
    { label: 'Recording', value: recordingNames[recipe.recording] },
    { label: 'Examples used', value: limits.length === 0 ? 'all' : limits.join(', ') },
    { label: 'Batch size', value: batchWords(recipe) },
    { label: 'Epochs', value: epochWords(recipe) },
    { label: 'Optimizer', value: optimizerWords(optimizer) },
    { label: 'Schedule', value: scheduleWords(recipe) },
    { label: 'Seed', value: String(recipe.seed) },
    { label: 'Stored as', value: storageNames[recipe.codec] },
    // A run from before there was the choice has no word of it.
    { label: 'Recorded layers', value: recipe.traced?.join(', ') ?? 'all that are trained' },
  ];
  if (recipe.augment) {
    rows.push({ label: 'Augmentation', value: augmentWords(recipe.augment) });
  }
  if (recipe.normalize) {
    const list = (values: readonly number[]) => values.map((v) => formatNumber(v)).join(', ');
    const { mean, std } = recipe.normalize;
    rows.push({ label: 'Normalized', value: `mean ${list(mean)}; deviation ${list(std)}` });
  }
  if (typeof recipe.model !== 'string') {
    const value = recipe.model.layers.map(
      (layer) => `${layer.name} (${layerWords(layer) || layer.type})`,
    );
    rows.push({ label: 'Layers', value: value.join(', ') });
  }
  return rows;
}

function batchWords({ recording, batchSize, ghostSamples, ghostGradient }: Recipe): string {
  if (recording === 'single') return '1';
  if (recording === 'mini-batches') return String(batchSize);
  const gradient = ghostGradient === 'stop' ? 'stopped' : 'flowing';
  return `${batchSize}, of which ${ghostSamples} ghost samples (their gradient ${gradient})`;
}

function epochWords({ epochs, maxSteps }: Recipe): string {
  return maxSteps === null ? String(epochs) : `${epochs}, at most ${formatCount(maxSteps)} steps`;
}

export const storageNames = {
  dense: 'dense fp32, no loss',
  auto: 'fast: smallest with γ within 0.3 %, layer by layer',
  fast: 'fast: smallest with γ within 0.3 %, layer by layer',
  compact: 'compact: smallest with γ within 0.3 %, slower to explain',
} as const;

/** Fields of a recipe's part that are there or not, depending on its kind. */
type Fields = Readonly<Record<string, unknown>>;

/** Optimizers by the names that recipes have for them. */
export const optimizerNames: Readonly<Record<string, string>> = {
  sgd: 'SGD',
  sam: 'SAM over SGD',
  adam: 'Adam',
  adamw: 'AdamW',
};

/** An optimizer in words. */
export function optimizerWords(optimizer: Recipe['optimizer']): string {
  const fields: Fields = { ...optimizer };
  const known = optimizerNames[optimizer.name] ?? optimizer.name;
  const name = optimizer.name === 'adam' && fields.decoupled === true ? 'AdamW' : known;
  const words = [`${name}, learning rate ${optimizer.learningRate}`];
  const add = (key: string, text: string) => {
    if (typeof fields[key] === 'number' && fields[key] !== 0) words.push(`${text} ${fields[key]}`);
  };
  add('momentum', fields.nesterov === true ? 'Nesterov momentum' : 'momentum');
  add('dampening', 'dampening');
  add('beta1', 'β1');
  add('beta2', 'β2');
  add('epsilon', 'ε');
  add('rho', 'ρ');
  add('weightDecay', fields.decoupled === true ? 'decoupled weight decay' : 'weight decay');
  return words.join(', ');
}

/** How the learning rate changes, in words. */
export function scheduleWords(recipe: Pick<Recipe, 'schedule'>): string {
  const { schedule }: { readonly schedule: unknown } = recipe;
  const entries = (Array.isArray(schedule) ? schedule : [schedule]) as readonly Fields[];
  const words = entries.flatMap(({ kind, afterEpoch, factor, warmUpSteps, minimumFactor }) => [
    ...(typeof warmUpSteps === 'number' && warmUpSteps > 0
      ? [`warm-up over ${formatCount(warmUpSteps)} steps`]
      : []),
    ...(kind === 'cosine' ? [`cosine down to × ${String(minimumFactor)}`] : []),
    ...(afterEpoch === undefined ? [] : [`× ${String(factor)} after epoch ${String(afterEpoch)}`]),
  ]);
  return words.length === 0 ? 'constant learning rate' : words.join(', ');
}

/** Changes of the training images in words. */
export function augmentWords({ crop, flip }: NonNullable<Recipe['augment']>): string {
  const words = [
    ...(crop > 0 ? [`random crops of images padded by ${crop} pixels`] : []),
    ...(flip ? ['random mirroring left and right'] : []),
  ];
  return words.length === 0 ? 'none' : words.join(', ');
}

function sides(size: PlanarSize): string {
  return heightWidth(size).join(' × ');
}

/** One number where both directions have the same. */
function stride(size: PlanarSize): string {
  const [down, right] = heightWidth(size);
  return down === right ? String(down) : `${down} × ${right}`;
}

/** A layer's settings in a few words. */
export function layerWords(layer: LayerSpec): string {
  switch (layer.type) {
    case 'Input':
      return layer.shape ? layer.shape.join(' × ') : 'the data’s shape';
    case 'Conv2D':
      return `${layer.filters} filters ${sides(layer.kernelSize)}, stride ${stride(layer.strides ?? 1)}, ${layer.padding ?? 'valid'}`;
    case 'DepthwiseConv2D':
      return `${sides(layer.kernelSize)} for each channel, stride ${stride(layer.strides ?? 1)}, ${layer.padding ?? 'valid'}`;
    case 'Dense':
    case 'LSTM':
    case 'LSTMCell':
    case 'GRU':
    case 'GRUCell':
    case 'SimpleRNN':
    case 'SimpleRNNCell':
      return `${layer.units} units`;
    case 'MultiHeadAttention':
    case 'Attention':
      return `${layer.numHeads} heads${layer.useCausalMask ? ', causal' : ''}`;
    case 'Embedding':
      return `${layer.inputDim} × ${layer.outputDim}`;
    case 'Dropout':
      return `rate ${layer.rate}`;
    case 'Activation':
      return layer.activation;
    case 'MaxPooling2D':
    case 'AveragePooling2D':
      return `${sides(layer.poolSize ?? 2)}, stride ${stride(layer.strides ?? layer.poolSize ?? 2)}`;
    case 'BatchNormalization':
      return layer.affine ? 'affine' : 'no affine part';
    default:
      return layer.inputs ? `of ${layer.inputs.join(', ')}` : '';
  }
}
