import type { ReportDraft } from '../../src-shared/report/report-draft';
import { readJson, writeJson } from './json-file';

/** Most runs whose drafts are kept; the one that was written longest ago goes first. */
const mostDrafts = 200;

/** What auditors have written for the reports of runs, by run; each change is on disk at once. */
export class ReportDrafts {
  readonly #file: string | null;
  readonly #drafts: Map<string, ReportDraft>;

  private constructor(file: string | null, drafts: Map<string, ReportDraft>) {
    this.#file = file;
    this.#drafts = drafts;
  }

  /** Reads the drafts; without a file nothing is kept. */
  static async open(file: string | null): Promise<ReportDrafts> {
    const read = file && (await readJson(file));
    // Written by `keep`, after the window's message was checked.
    const drafts = read && typeof read === 'object' ? (read as Record<string, ReportDraft>) : {};
    return new ReportDrafts(file, new Map(Object.entries(drafts)));
  }

  of(run: string): ReportDraft | null {
    return this.#drafts.get(run) ?? null;
  }

  /** Another id stands for the run from now on. */
  move(run: string, to: string): void {
    const draft = this.#drafts.get(run);
    if (!draft || run === to) return;
    this.#drafts.delete(run);
    this.keep(to, draft);
  }

  keep(run: string, draft: ReportDraft): void {
    this.#drafts.delete(run);
    this.#drafts.set(run, draft);
    for (const oldest of this.#drafts.keys()) {
      if (this.#drafts.size <= mostDrafts) break;
      this.#drafts.delete(oldest);
    }
    if (this.#file !== null) writeJson(this.#file, Object.fromEntries(this.#drafts));
  }
}
