import type { ReportModel } from './report-model';

/** What a printed report has given out, in the words of the disclosure log: none of an example. */
export function disclosedBy({
  kind,
  mode,
  reportId,
  cases,
}: Pick<ReportModel, 'kind' | 'mode' | 'reportId' | 'cases'>): string {
  const shown =
    cases.length === 0 ? '' : `, ${cases.length} example${cases.length === 1 ? '' : 's'} explained`;
  return `${kind} report ${reportId} in mode ${mode}${shown}`;
}
