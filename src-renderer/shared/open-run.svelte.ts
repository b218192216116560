import * as v from 'valibot';
import type { RunDetail } from '../../src-shared/contract/views';
import type { ErrorReport } from '../../src-shared/errors';
import { call } from '../api/client';
import { AsyncValue } from './async-value.svelte';
import { recall, remember } from './memory';
import { reportDraft } from './report-draft.svelte';

const kept = v.object({ id: v.string(), name: v.string() });

/** The run that was open at the last start and can't be opened any more. */
export interface LostRun {
  readonly name: string;
  readonly error: ErrorReport;
}

/** The run that Monitor, Explain and Report speak of. */
class OpenRun {
  id = $state<string | null>(null);
  readonly detail = new AsyncValue<RunDetail>();
  /** Until another run is opened. */
  lost = $state.raw<LostRun | null>(null);

  /** The run's description, while it belongs to the run that is open. */
  get run(): RunDetail | null {
    const { value } = this.detail;
    return value && value.id === this.id ? value : null;
  }

  /** Opens a run, or reads it anew. */
  async open(id: string): Promise<RunDetail | null> {
    if (id !== this.id) this.detail.clear();
    this.id = id;
    this.lost = null;
    void reportDraft.take(id);
    const run = await this.detail.run((options) => call('runs.describe', { run: id }, options));
    if (run) remember('run', { id, name: run.name });
    return run;
  }

  /** Opens the run that was open at the last start, if nothing else is open yet. */
  async reopen(): Promise<void> {
    const last = recall('run', kept);
    if (last === null || this.id !== null) return;
    await this.open(last.id);
    const { error } = this.detail;
    if (error === null || this.id !== last.id) return;
    this.close(last.id);
    this.lost = { name: last.name, error };
  }

  close(id: string): void {
    if (this.id !== id) return;
    this.id = null;
    remember('run', null);
    this.detail.clear();
  }
}

export const openRun = new OpenRun();
