import { formatCount, formatFixed, formatNumber } from '../../../src-shared/format/numbers';
import type { ReportTraining } from '../../../src-shared/report/report-model';
import type { ChartTable } from '../../charts/chart-spec';

/** Tables behind figures that are no charts of the window. */

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
