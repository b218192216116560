import { type ErrorReport, reportOf } from '../../../src-shared/errors';
import type { RecipeInput } from '../../../src-shared/recipe/recipe';
import { recorder } from '../monitor/recorder.svelte';

/** What the sample audit records: enough of MNIST for a good LeNet within minutes. */
export const sampleRecipe: RecipeInput = {
  data: 'mnist',
  limit: { train: 6000, test: 1000 },
  model: 'lenet',
  recording: 'class-batches',
  batchSize: 128,
  ghostSamples: 40,
  epochs: 5,
  seed: 7,
  codec: 'dense',
};

/** Starts the sample audit; the monitor follows it. */
class Sample {
  starting = $state(false);
  problem = $state.raw<ErrorReport | null>(null);

  async start(): Promise<void> {
    this.starting = true;
    this.problem = null;
    try {
      await recorder.start(sampleRecipe, 'sample-audit');
    } catch (error) {
      this.problem = reportOf(error, 'app');
    } finally {
      this.starting = false;
    }
  }
}

export const sample = new Sample();
