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

/** Heights of the lines: a layer's figures stand on one page, a margin's need not. */
const sumsHeights = { layer: 58, margin: 110 } as const;

export function layerTimeline(
  { timeline, margin }: ReportLayer,
  { predicted, label }: ReportExample,
  { className, model }: Pick<ReportContext, 'className' | 'model'>,
  theme: ChartTheme,
): ChartSpec {
  const { resumed } = model;
  const look = { predicted, label, focus: null, className, theme, resumed };
  return timelineChart(timeline, {
    ...look,
    sumsHeight: sumsHeights[margin ? 'margin' : 'layer'],
    slider: false,
  });
}
