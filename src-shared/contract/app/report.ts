import type { ReportDraft } from '../../report/report-draft';
import type { ReportModel } from '../../report/report-model';
import type { ReportRequest } from '../../report/report-request';
import type { ReportStatement } from '../../report/statement';

/** Reports, and figures that are saved by themselves. */
export interface ReportMethods {
  /** The report as it would be printed, for the preview. */
  'report.preview': {
    params: ReportQuestion & { readonly run: string };
    result: ReportModel;
  };
  /** Saves the report through a dialog; the file's name, or null when cancelled. */
  'report.export': {
    params: ReportQuestion & { readonly run: string };
    result: string | null;
  };
  /** What the auditor has written for a run's reports so far; null: nothing. */
  'report.draft': { params: { readonly run: string }; result: ReportDraft | null };
  'report.saveDraft': {
    params: { readonly run: string; readonly draft: ReportDraft };
    result: null;
  };
  /** Saves a figure or its numbers through a dialog; the file's name, or null when cancelled. */
  'figure.save': {
    params: {
      readonly name: string;
      readonly kind: FigureKind;
      /** A PNG's bytes; the others as text. */
      readonly content: string | Uint8Array;
    };
    result: string | null;
  };
}

/** What a report is asked to be of, and what the auditor says in it. */
export interface ReportQuestion {
  readonly request: ReportRequest;
  readonly statement: ReportStatement;
  /** The run that an architecture report compares with. */
  readonly other: string | null;
}

/** As what a figure is saved: vectors, pixels at twice the size of the screen's, or its numbers. */
export type FigureKind = 'svg' | 'png' | 'csv';
