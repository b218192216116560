import { type ErrorReport, reportOf } from '../../../src-shared/errors';
import { withStatement } from '../../../src-shared/report/build-report';
import type { ReportModel } from '../../../src-shared/report/report-model';
import { type ReportRequest, usualSample } from '../../../src-shared/report/report-request';
import { emptyStatement } from '../../../src-shared/report/statement';
import { call } from '../../api/client';
import { AsyncValue } from '../../shared/async-value.svelte';
import { openRun } from '../../shared/open-run.svelte';
import { reportDraft } from '../../shared/report-draft.svelte';
import { explain } from '../explain/explain.svelte';
import { layers } from '../layers/layers.svelte';

/** The report of the open run: its preview and its export. */
class Report {
  /** With its numbers; the auditor's words are put in as they are typed. */
  readonly preview = new AsyncValue<ReportModel>();
  exporting = $state(false);
  /** What stands beside the paper, and which page of it is shown. */
  tab = $state<'outline' | 'words' | 'cases'>('outline');
  page = $state(0);
  /** Width of the paper's place when it was last seen: known, the paper is laid out once and not twice. */
  room = $state(0);
  /** Name of the file that was saved last. */
  saved = $state<string | null>(null);
  problem = $state.raw<ErrorReport | null>(null);
  #shown = '';
  /** The run that the preview is of. */
  #run = $state<string | null>(null);

  /** Whether single examples may be in it: never of a run that is kept to aggregates. */
  readonly mode = $derived(
    openRun.run?.mode === 'aggregates' ? 'aggregates' : reportDraft.draft.mode,
  );

  /** What is asked for; null while there is nothing to report. */
  readonly request = $derived.by((): ReportRequest | null => {
    if (openRun.run?.state !== 'finished') return null;
    const { kind, cases, withArchitecture } = reportDraft.draft;
    const { mode } = this;
    const common = { kind, mode, unit: explain.unit } as const;
    const target = { kind: 'representation' } as const;
    if (kind === 'run' || mode === 'aggregates')
      return { ...common, target, cases: [], sample: null };
    if (kind === 'architecture') return { ...common, target, cases: [], sample: usualSample };
    const sample = withArchitecture ? usualSample : null;
    if (cases.length > 0) return { ...common, target, cases, sample };
    // Without examples added, the one that is being explained, as it is.
    if (explain.run !== openRun.id || explain.request === null) return null;
    const { split, index } = explain.request;
    const one = { split, index, over: null, note: '' } as const;
    return { ...common, target: explain.target, cases: [one], sample };
  });

  /** The run that is compared, where one was made without some of the layers. */
  readonly #other = $derived(
    this.request?.sample && layers.run === openRun.id && layers.comparison.value
      ? layers.other
      : null,
  );

  /** The report as it would be printed now. */
  readonly model = $derived.by(() => {
    const { value } = this.preview;
    if (!value || this.#run !== openRun.id) return null;
    // A report of another kind or mode is no older answer either, once there is none of this.
    const { kind, mode } = reportDraft.draft;
    if (this.preview.error && (value.kind !== kind || value.mode !== mode)) return null;
    const notes = reportDraft.draft.cases.map(({ note }) => note);
    return withStatement(value, reportDraft.draft.statement, notes);
  });

  /** Whether what is shown is what would be printed. */
  readonly exportable = $derived.by(
    () => this.model !== null && !this.preview.loading && this.preview.error === null,
  );

  /** What the preview is to be of, without the auditor's words; null: nothing. */
  readonly question = $derived.by(() => {
    const { request } = this;
    const run = openRun.id;
    if (run === null || request === null) return null;
    const cases = request.cases.map((each) => ({ ...each, note: '' }));
    return { run, request: { ...request, cases }, statement: emptyStatement, other: this.#other };
  });

  /** Reads the numbers of the present question, unless they are those that are shown. */
  async read(): Promise<void> {
    const { question, preview } = this;
    if (question === null) return;
    const { run } = question;
    const key = JSON.stringify(question);
    const answered = preview.value !== null && preview.error === null;
    if (key === this.#shown && (answered || preview.loading)) return;
    this.#shown = key;
    this.saved = null;
    if (run !== this.#run) {
      // Another run's report is no older answer.
      preview.clear();
      this.page = 0;
      this.problem = null;
      this.#run = run;
    }
    await preview.run((options) => call('report.preview', question, options));
  }

  /** Saves the report through the dialog of the main process. */
  async exportPdf(): Promise<void> {
    const { request } = this;
    const run = openRun.id;
    if (run === null || request === null || this.exporting) return;
    this.exporting = true;
    this.problem = null;
    const { statement } = reportDraft.draft;
    try {
      this.saved = await call('report.export', { run, request, statement, other: this.#other });
    } catch (error) {
      this.problem = reportOf(error, 'app');
    } finally {
      this.exporting = false;
    }
  }
}

export const report = new Report();
