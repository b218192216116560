import type { VerifyReport } from '../../../src-shared/contract/compute';
import { call } from '../../api/client';
import { AsyncValue } from '../../shared/async-value.svelte';

/** The check of a run's files and certificates that was asked for last. */
class Verification {
  readonly result = new AsyncValue<VerifyReport>();
  run = $state<string | null>(null);

  /** Checks every file against its sums, and each layer's certificate on sample inputs. */
  async verify(run: string): Promise<void> {
    if (this.run !== run) this.result.clear();
    this.run = run;
    await this.result.run((options) => call('runs.verify', { run }, options));
  }

  dismiss(): void {
    this.run = null;
    this.result.clear();
  }
}

export const verification = new Verification();
