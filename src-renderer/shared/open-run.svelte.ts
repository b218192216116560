import * as v from 'valibot';
import type { RunDetail } from '../../src-shared/contract/views';
import { call } from '../api/client';
import { AsyncValue } from './async-value.svelte';
import { recall, remember } from './memory';
import { reportDraft } from './report-draft.svelte';

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
    remember('run', id);
    void reportDraft.take(id);
    return this.detail.run((options) => call('runs.describe', { run: id }, options));
  }

  /** Opens the run that was open at the last start, if nothing else is open yet and it is still there. */
  async reopen(): Promise<void> {
    const id = recall('run', v.string());
    if (id === null || this.id !== null) return;
    await this.open(id);
    // What is gone by now is no error of this start.
    if (this.detail.error) this.close(id);
  }

  close(id: string): void {
    if (this.id !== id) return;
    this.id = null;
    remember('run', null);
    this.detail.clear();
  }
}

export const openRun = new OpenRun();
