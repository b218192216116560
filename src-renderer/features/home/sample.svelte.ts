import { type ErrorReport, reportOf } from '../../../src-shared/errors';
import { sampleRecipe } from '../../../src-shared/recipe/sample';
import { recorder } from '../monitor/recorder.svelte';

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
