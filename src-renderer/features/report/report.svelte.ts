import { type ErrorReport, reportOf } from '../../../src-shared/errors';
import type { ReportModel } from '../../../src-shared/report/report-model';
import { call } from '../../api/client';
import { AsyncValue } from '../../shared/async-value.svelte';
import { explain } from '../explain/explain.svelte';

/** The report of what Explain shows: its preview and its export. */
class Report {
  readonly preview = new AsyncValue<ReportModel>();
  exporting = $state(false);
  /** Name of the file that was saved last. */
  saved = $state<string | null>(null);
  problem = $state.raw<ErrorReport | null>(null);
  #shown = '';

  /** Reads the report of the present question, unless it is the one that is shown. */
  async read(): Promise<void> {
    const { run, request } = explain;
    if (run === null || request === null) return;
    const key = JSON.stringify([run, request]);
    if (key === this.#shown && this.preview.value) return;
    this.#shown = key;
    this.saved = null;
    await this.preview.run((options) => call('report.preview', { run, request }, options));
  }

  /** Saves the report through the dialog of the main process. */
  async exportPdf(): Promise<void> {
    const { run, request } = explain;
    if (run === null || request === null || this.exporting) return;
    this.exporting = true;
    this.problem = null;
    try {
      this.saved = await call('report.export', { run, request });
    } catch (error) {
      this.problem = reportOf(error, 'app');
    } finally {
      this.exporting = false;
    }
  }
}

export const report = new Report();
