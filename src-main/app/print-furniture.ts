import type { ReportModel } from '../../src-shared/report/report-model';
import { reportKindNames } from '../../src-shared/report/report-sections';
import { modeNames } from '../../src-shared/words';

const frame =
  "width:100%;margin:0 19mm;font-family:'IBM Plex Sans','DejaVu Sans',sans-serif;font-size:8px;color:#474d53;display:flex;justify-content:space-between;";

/** Head of every printed page: what this is and which privacy mode made it. */
export function printHeader(model: ReportModel): string {
  const draft = model.missing.length > 0 ? ' · DRAFT' : '';
  return `<div style="${frame}"><span>${escapeHtml(`${reportKindNames[model.kind]}: ${model.title}`)}${draft}</span><span>Mode: ${escapeHtml(modeNames[model.mode])}</span></div>`;
}

/** Foot of every printed page: report, run and page x of y. */
export function printFooter(model: ReportModel): string {
  const pages = 'page <span class="pageNumber"></span> of <span class="totalPages"></span>';
  return `<div style="${frame}"><span>${escapeHtml(model.reportId)}</span><span>${model.mode === 'aggregates' ? 'release' : 'run'} ${escapeHtml(model.runMark)}</span><span>${pages}</span></div>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
