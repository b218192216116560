import type { EChartsCoreOption } from './echarts';

/** A chart as data: what is drawn, what is said, and the same numbers as a table. */
export interface ChartSpec {
  readonly title: string;
  /** For those who don't see it: what the chart shows, in a sentence or two. */
  readonly description: string;
  readonly height: number;
  readonly option: EChartsCoreOption;
  readonly table: ChartTable;
  /** Data points that the keyboard cursor steps through. */
  readonly points: number;
  /** What the cursor says of a point; else the table's row of the same place. */
  readonly spoken?: (point: number) => string;
  /** Every number behind the chart, where the table shows fewer. */
  readonly csv?: () => string;
}

export interface ChartTable {
  readonly columns: readonly { readonly title: string; readonly numeric: boolean }[];
  readonly rows: readonly (readonly (string | number)[])[];
}
