import { formatResidual } from '../../../src-shared/format/numbers';
import type { ReportExample, ReportLayer } from '../../../src-shared/report/report-case';
import type { ChartSpec } from '../../charts/chart-spec';
import type { ChartTheme } from '../../charts/chart-theme';
import { ridgeChart } from '../../charts/ridge-chart';
import { sharesChart } from '../../charts/shares-chart';
import { timelineChart } from '../../charts/timeline-chart';
import type { ReportContext } from './report-context';

/** The figures of a layer, as they are printed and as the data tables repeat them. */

export function layerShares(
  { name, parts, residual }: ReportLayer,
  { predicted }: ReportExample,
  theme: ChartTheme,
): ChartSpec {
  return sharesChart(name, parts, formatResidual(residual), theme, { predicted, focus: null });
}

/** Null where there is none: steps mix classes, and what each example made of them is not known. */
export function layerRidges(
  { name, unit, ridge }: ReportLayer,
  { label }: ReportExample,
  theme: ChartTheme,
): ChartSpec | null {
  if (!ridge) return null;
  const { ridges, ...plot } = ridge;
  const data = { ...plot, layer: name, unit, label, rows: ridges };
  return ridgeChart(data, theme, { rowHeight: 17, focus: null });
}

export function layerTimeline(
  { timeline }: ReportLayer,
  { predicted, label }: ReportExample,
  { className, model }: Pick<ReportContext, 'className' | 'model'>,
  theme: ChartTheme,
): ChartSpec {
  const { resumed } = model;
  const look = { predicted, label, focus: null, className, theme, resumed };
  return timelineChart(timeline, { ...look, sumsHeight: 58, slider: false });
}
