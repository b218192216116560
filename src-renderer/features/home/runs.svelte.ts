import type { RunSummary } from '../../../src-shared/contract/views';
import { type ErrorReport, reportOf } from '../../../src-shared/errors';
import { call } from '../../api/client';
import { AsyncValue } from '../../shared/async-value.svelte';
import { navigation } from '../../shared/navigation.svelte';
import { openRun } from '../../shared/open-run.svelte';

/** The runs that this user knows. */
class Runs {
  readonly list = new AsyncValue<readonly RunSummary[]>();
  /** Why the last folder could not be opened. */
  problem = $state.raw<ErrorReport | null>(null);

  async refresh(): Promise<void> {
    await this.list.run((options) => call('runs.list', {}, options));
  }

  /** Opens a run where it belongs: a running one in the monitor, a finished one for explanation. */
  async show(run: RunSummary): Promise<void> {
    if (run.problem) return;
    navigation.go(run.recordingNow || run.state !== 'finished' ? 'monitor' : 'explain');
    await openRun.open(run.id);
  }

  /** Asks for a folder and opens the run in it. */
  async openFolder(): Promise<void> {
    this.problem = null;
    try {
      const run = await call('runs.open', {});
      if (!run) return;
      await this.show(run);
      await this.refresh();
    } catch (error) {
      this.problem = reportOf(error, 'app');
      navigation.go('home');
    }
  }

  async forget(run: RunSummary): Promise<void> {
    await call('runs.forget', { run: run.id });
    openRun.close(run.id);
    await this.refresh();
  }
}

export const runs = new Runs();
