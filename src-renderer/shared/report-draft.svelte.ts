import type { ExampleReference } from '../../src-shared/explanation/explanation';
import { emptyDraft, type ReportDraft } from '../../src-shared/report/report-draft';
import { type CaseRequest, mostCases } from '../../src-shared/report/report-request';
import type { ReportStatement } from '../../src-shared/report/statement';
import { call } from '../api/client';

/** Milliseconds after the last change until it is on disk. */
const saveAfter = 400;
/** Changes of one field within this time are undone together. */
const together = 1500;
const mostUndone = 100;

/**
 * What the auditor gathers for the reports of the open run: examples, findings, sign-off. Explain and
 * Layers add to it, Report shows and edits it; every change is kept within a second.
 */
class ReportDrafts {
  run = $state<string | null>(null);
  draft = $state.raw<ReportDraft>(emptyDraft);
  /** Whether everything is on disk. */
  saved = $state(true);
  #past = $state.raw<readonly ReportDraft[]>([]);
  #future = $state.raw<readonly ReportDraft[]>([]);
  #last = { field: '', at: 0 };
  #timer: ReturnType<typeof setTimeout> | null = null;

  readonly canUndo = $derived(this.#past.length > 0);
  readonly canRedo = $derived(this.#future.length > 0);

  constructor() {
    // What was typed a moment before the window closes is kept too.
    window.addEventListener('pagehide', () => void this.#save());
  }

  /** Takes the draft of a run; that of another one is saved first. */
  async take(run: string): Promise<void> {
    if (this.run === run) return;
    await this.#save();
    this.run = run;
    this.draft = emptyDraft;
    this.#past = [];
    this.#future = [];
    const found = await call('report.draft', { run });
    if (this.run === run && found) this.draft = found;
  }

  /** @param field where it was changed: quick changes in one place are undone together */
  change(changes: Partial<ReportDraft>, field: string): void {
    const now = Date.now();
    const goesOn = this.#last.field === field && now - this.#last.at < together;
    if (!goesOn) this.#past = [...this.#past, this.draft].slice(-mostUndone);
    this.#last = { field, at: now };
    this.#future = [];
    this.#show({ ...this.draft, ...changes });
  }

  changeStatement(changes: Partial<ReportStatement>, field: string): void {
    this.change({ statement: { ...this.draft.statement, ...changes } }, field);
  }

  undo(): void {
    const before = this.#past.at(-1);
    if (!before) return;
    this.#past = this.#past.slice(0, -1);
    this.#future = [...this.#future, this.draft];
    this.#show(before);
  }

  redo(): void {
    const after = this.#future.at(-1);
    if (!after) return;
    this.#future = this.#future.slice(0, -1);
    this.#past = [...this.#past, this.draft];
    this.#show(after);
  }

  /** Whether an example, with the margin that was asked, is in the report. */
  has(example: ExampleReference, over: CaseRequest['over']): boolean {
    return this.draft.cases.some((each) => sameCase(each, { ...example, over }));
  }

  /** Adds an example with what is asked of it, or takes it out where it is in. */
  toggleCase({ split, index }: ExampleReference, over: CaseRequest['over']): void {
    const { cases } = this.draft;
    const asked = { split, index, over, note: '' };
    if (this.has(asked, over)) {
      const left = cases.filter((each) => !sameCase(each, asked));
      this.change({ cases: left }, 'cases');
    } else if (cases.length < mostCases) {
      this.change({ kind: 'explanation', cases: [...cases, asked] }, 'cases');
    }
  }

  /** Adds the map of classes and layers, or takes it out. */
  toggleArchitecture(): void {
    this.change({ withArchitecture: !this.draft.withArchitecture }, 'architecture');
  }

  #show(draft: ReportDraft): void {
    this.draft = draft;
    this.saved = false;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#save(), saveAfter);
  }

  async #save(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const { run, draft } = this;
    if (run === null || this.saved) return;
    await call('report.saveDraft', { run, draft });
    if (this.run === run && this.draft === draft) this.saved = true;
  }
}

function sameCase(a: Omit<CaseRequest, 'note'>, b: Omit<CaseRequest, 'note'>): boolean {
  return a.split === b.split && a.index === b.index && a.over?.join() === b.over?.join();
}

export const reportDraft = new ReportDrafts();
