import type { VerifyReport } from '../../../src-shared/contract/compute';
import { call } from '../../api/client';
import { AsyncValue } from '../../shared/async-value.svelte';

/** The check of a run's files and certificates that was asked for last. */
class Verification {
  readonly result = new AsyncValue<VerifyReport>();
  run = $state<string | null>(null);
  /** Runs that were found damaged, as long as the window lives or until they are found whole. */
  #damaged = $state.raw<readonly string[]>([]);

  /** Checks every file against its sums, and each layer's certificate on sample inputs. */
  async verify(run: string): Promise<void> {
    if (this.run !== run) this.result.clear();
    this.run = run;
    const report = await this.result.run((options) => call('runs.verify', { run }, options));
    if (!report) return;
    const others = this.#damaged.filter((each) => each !== run);
    this.#damaged = report.ok ? others : [...others, run];
  }

  isDamaged(run: string): boolean {
    return this.#damaged.includes(run);
  }

  dismiss(): void {
    this.run = null;
    this.result.clear();
  }
}

export const verification = new Verification();
