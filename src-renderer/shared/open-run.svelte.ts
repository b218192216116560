import type { RunDetail } from '../../src-shared/contract/views';
import { call } from '../api/client';
import { AsyncValue } from './async-value.svelte';

/** The run that Monitor, Explain and Report speak of. */
class OpenRun {
  id = $state<string | null>(null);
  readonly detail = new AsyncValue<RunDetail>();

  /** The run's description, while it belongs to the run that is open. */
  get run(): RunDetail | null {
    const { value } = this.detail;
    return value && value.id === this.id ? value : null;
  }

  /** Opens a run, or reads it anew. */
  async open(id: string): Promise<RunDetail | null> {
    if (id !== this.id) this.detail.clear();
    this.id = id;
    return this.detail.run((options) => call('runs.describe', { run: id }, options));
  }

  close(id: string): void {
    if (this.id !== id) return;
    this.id = null;
    this.detail.clear();
  }
}

export const openRun = new OpenRun();
