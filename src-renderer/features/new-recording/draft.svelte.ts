import type { CostEstimate, DataSetInfo, ModelInfo } from '../../../src-shared/contract/views';
import { type ErrorReport, reportOf } from '../../../src-shared/errors';
import {
  type CodecSetting,
  type GhostGradient,
  type RecipeInput,
  type RecordingMode,
  recipeDefaults,
} from '../../../src-shared/recipe/recipe';
import { call } from '../../api/client';
import { AsyncValue } from '../../shared/async-value.svelte';
import { FieldProblems } from '../../shared/field-problems.svelte';
import { recorder } from '../monitor/recorder.svelte';

/** Free space a recording needs beyond its upper bound before it may start. */
const diskReserve = 1.2;
const settleMs = 450;

/** A recording as it is being put together. It lives as long as the window: going back keeps it. */
class Draft {
  readonly data = new AsyncValue<readonly DataSetInfo[]>();
  readonly models = new AsyncValue<readonly ModelInfo[]>();
  readonly cost = new AsyncValue<CostEstimate>();
  readonly fieldProblems = new FieldProblems();

  dataName = $state('mnist');
  modelName = $state('lenet');
  trainLimit = $state<number | null>(6000);
  testLimit = $state<number | null>(1000);
  recording = $state<RecordingMode>('class-batches');
  batchSize = $state(128);
  ghostSamples = $state(40);
  ghostGradient = $state<GhostGradient>(recipeDefaults.ghostGradient);
  perExample = $state(false);
  epochs = $state(4);
  maxSteps = $state<number | null>(null);
  learningRate = $state(0.05);
  stepAfter = $state<number | null>(null);
  stepFactor = $state(0.1);
  seed = $state(7);
  codec = $state<CodecSetting>(recipeDefaults.codec);
  ownName = $state('');

  starting = $state(false);
  problem = $state.raw<ErrorReport | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;

  readonly dataSet = $derived(this.data.value?.find(({ name }) => name === this.dataName) ?? null);
  readonly model = $derived(this.models.value?.find(({ name }) => name === this.modelName) ?? null);
  /** Ghost samples feed batch normalization; a model without it has no use for them. */
  readonly normalizes = $derived(
    this.model?.layers.some(({ type }) => type === 'BatchNormalization') ?? true,
  );
  readonly name = $derived(this.ownName.trim() || `${this.dataName}-${this.modelName}`);

  readonly recipe = $derived.by((): RecipeInput => {
    const { stepAfter, stepFactor: factor, recording } = this;
    return {
      data: this.dataName,
      model: this.modelName,
      limit: { train: this.trainLimit, test: this.testLimit },
      recording,
      batchSize: recording === 'single' ? 1 : this.batchSize,
      ghostSamples: recording === 'class-batches' && this.normalizes ? this.ghostSamples : 0,
      ghostGradient: this.ghostGradient,
      perExample:
        recording === 'mini-batches' || (recording === 'class-batches' && this.perExample),
      optimizer: { learningRate: this.learningRate },
      schedule: stepAfter === null ? [] : [{ afterEpoch: stepAfter, factor }],
      epochs: this.epochs,
      maxSteps: this.maxSteps,
      seed: this.seed,
      codec: this.codec,
    };
  });

  /** Why the recording can't start now; null when it can. */
  readonly obstacle = $derived.by((): string | null => {
    if (!this.dataSet) return 'Choose a data set.';
    if (!this.model) return 'Choose a model.';
    if (!this.fieldProblems.none) return 'A field above needs another value.';
    if (
      this.recording === 'class-batches' &&
      this.normalizes &&
      this.ghostSamples >= this.batchSize
    ) {
      return 'The batch must hold more examples than ghost samples.';
    }
    if (this.cost.error) return 'The cost could not be measured.';
    if (this.cost.loading || !this.cost.value) return 'The cost is not yet measured.';
    const { bytes, freeBytes } = this.cost.value;
    return freeBytes < diskReserve * bytes.high
      ? 'Too little disk space: 1.2 times the upper bound must be free.'
      : null;
  });

  /** Reads what data and models there are. */
  async read(): Promise<void> {
    if (!this.data.value) await this.data.run((options) => call('data.list', {}, options));
    await this.readModels();
  }

  /** Reads the list anew and chooses a data set of it, all of its examples. */
  async takeNewData(name: string): Promise<void> {
    await this.data.run((options) => call('data.list', {}, options));
    this.dataName = name;
    this.trainLimit = null;
    this.testLimit = null;
    await this.readModels();
  }

  async readModels(): Promise<void> {
    const set = this.dataSet;
    if (!set) return;
    const params = { shape: [...set.shape], classes: set.classNames.length };
    await this.models.run((options) => call('models.list', params, options));
  }

  /** Measures the cost once the choices have settled; a newer choice cancels the older one. */
  measureSoon(recipe: RecipeInput): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.measure(recipe), settleMs);
  }

  async measure(recipe: RecipeInput = this.recipe): Promise<void> {
    await this.cost.run((options) => call('record.estimate', { recipe }, options));
  }

  leave(): void {
    clearTimeout(this.#timer);
    this.cost.cancel();
  }

  async start(): Promise<void> {
    this.starting = true;
    this.problem = null;
    try {
      await recorder.start(this.recipe, this.name);
      this.ownName = '';
    } catch (error) {
      this.problem = reportOf(error, 'app');
    } finally {
      this.starting = false;
    }
  }
}

export const draft = new Draft();
