import type { RunDetail } from '../contract/views';
import { formatBytes, formatCount, formatNumber, formatPercent } from '../format/numbers';
import type { LayerSpec } from '../model/layer-spec';
import type { Recipe } from '../recipe/recipe';
import { recordingNames } from '../words';
import type { ReportRow } from './report-model';

/** Who is spoken of: model, data, run, each with what identifies it. */
export function identityRows(run: RunDetail): ReportRow[] {
  const traced = run.layers.map(({ name }) => name).join(', ');
  const accuracy = run.testAccuracy === null ? 'not measured' : formatPercent(run.testAccuracy, 2);
  return [
    { label: 'Run', value: run.name },
    { label: 'Recorded', value: `${run.createdAt.slice(0, 16).replace('T', ' ')} UTC` },
    { label: 'State', value: run.state },
    {
      label: 'Steps recorded',
      value: `${formatCount(run.steps)} of ${formatCount(run.stepsPlanned)}`,
    },
    { label: 'Trace', value: formatBytes(run.bytes) },
    { label: 'Model', value: run.model },
    { label: 'Traced layers', value: traced },
    { label: 'Test accuracy', value: accuracy },
    { label: 'Data set', value: run.data },
    {
      label: 'Examples',
      value: `${formatCount(run.examples.train)} training, ${formatCount(run.examples.test)} test`,
    },
    { label: 'Example shape', value: run.exampleShape.join(' × ') },
    { label: 'Data fingerprint (SHA-256)', value: run.fingerprint || 'not recorded', exact: true },
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
    { label: 'Codec', value: recipe.codec === 'dense' ? 'dense fp32, no loss' : recipe.codec },
  ];
  if (recipe.normalize) {
    const list = (values: readonly number[]) => values.map((v) => formatNumber(v)).join(', ');
    const { mean, std } = recipe.normalize;
    rows.push({ label: 'Normalized', value: `mean ${list(mean)}; deviation ${list(std)}` });
  }
  if (typeof recipe.model !== 'string') {
    const value = recipe.model.layers.map((layer) => `${layer.name} (${layerWords(layer)})`);
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

function optimizerWords(optimizer: Recipe['optimizer']): string {
  const words = [`SGD, learning rate ${optimizer.learningRate}`];
  if (optimizer.momentum > 0) {
    words.push(`${optimizer.nesterov ? 'Nesterov ' : ''}momentum ${optimizer.momentum}`);
  }
  if (optimizer.dampening > 0) words.push(`dampening ${optimizer.dampening}`);
  if (optimizer.weightDecay > 0) {
    const form = optimizer.decoupled ? ' (decoupled)' : '';
    words.push(`weight decay ${optimizer.weightDecay}${form}`);
  }
  return words.join(', ');
}

function scheduleWords({ schedule }: Recipe): string {
  if (schedule.length === 0) return 'constant learning rate';
  return schedule
    .map(({ afterEpoch, factor }) => `× ${factor} after epoch ${afterEpoch}`)
    .join(', ');
}

/** A layer's settings in a few words. */
export function layerWords(layer: LayerSpec): string {
  switch (layer.type) {
    case 'Input':
      return layer.shape ? layer.shape.join(' × ') : 'the data’s shape';
    case 'Conv2D':
      return `${layer.filters} filters ${layer.kernelSize} × ${layer.kernelSize}, stride ${layer.strides ?? 1}, ${layer.padding ?? 'valid'}`;
    case 'Dense':
      return `${layer.units} units`;
    case 'MaxPooling2D':
    case 'AveragePooling2D':
      return `${layer.poolSize ?? 2} × ${layer.poolSize ?? 2}, stride ${layer.strides ?? layer.poolSize ?? 2}`;
    case 'BatchNormalization':
      return layer.affine ? 'affine' : 'no affine part';
    default:
      return layer.inputs ? `of ${layer.inputs.join(', ')}` : '';
  }
}
