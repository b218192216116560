import type { CaseRequest } from './report-request';
import type { ReportKind, ReportMode } from './report-sections';
import { emptyStatement, type ReportStatement } from './statement';

/** What the auditor gathers for the reports of one run, kept from one start to the next. */
export interface ReportDraft {
  readonly kind: ReportKind;
  readonly mode: ReportMode;
  /** Examples that were added; none: the one that is being explained. */
  readonly cases: readonly CaseRequest[];
  /** Whether an explanation report has the map of classes and layers too. */
  readonly withArchitecture: boolean;
  readonly statement: ReportStatement;
}

export const emptyDraft: ReportDraft = {
  kind: 'explanation',
  mode: 'examples',
  cases: [],
  withArchitecture: false,
  statement: emptyStatement,
};
