import { formatCount, formatFixed, formatNumber } from '../../../src-shared/format/numbers';
import type { ReportRidgePlot } from '../../../src-shared/report/report-case';
import type { ReportTraining } from '../../../src-shared/report/report-model';
import type { ChartTable } from '../../charts/chart-spec';

/** Tables behind figures that are no charts of the window. */

export function ridgesTable({ ridges }: ReportRidgePlot): ChartTable {
  return {
    columns: [
      { title: 'Class', numeric: false },
      { title: 'Mean cos', numeric: true },
      { title: 'Σ‖Δf‖', numeric: true },
      { title: 'Steps', numeric: true },
    ],
    rows: ridges.map(({ name, meanCos, weight, steps }) => [
      ...[name, formatFixed(meanCos, 3), formatNumber(weight), formatCount(steps)],
    ]),
  };
}

export function curveTable({ curve }: ReportTraining): ChartTable {
  return {
    columns: ['Step', 'Loss', 'Accuracy'].map((title) => ({ title, numeric: true })),
    rows: curve.step.map((step, at) => [
      formatCount(step),
      formatNumber(curve.loss[at] ?? Number.NaN),
      formatFixed(curve.accuracy[at] ?? Number.NaN, 2),
    ]),
  };
}
