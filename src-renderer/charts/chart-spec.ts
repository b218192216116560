import type { EChartsCoreOption } from 'echarts/core';
import type { ChartTheme } from './chart-theme';

/** A chart as data: what is drawn, what is said, and the same numbers as a table. */
export interface ChartSpec {
  readonly title: string;
  /** For those who don't see it: what the chart shows, in a sentence or two. */
  readonly description: string;
  /** What its numbers are measured in; stands under what is exported. */
  readonly unit: string;
  readonly height: number;
  readonly option: EChartsCoreOption;
  readonly table: ChartTable;
  /** Data points that the keyboard cursor steps through. */
  readonly points: number;
  /** Data points in each series, where they go on from one to the next. */
  readonly perSeries?: number;
  /** Shapes and line points that are drawn. */
  readonly marks: number;
  /** What the cursor says of a point; else the table's row of the same place. */
  readonly spoken?: (point: number) => string;
  /** The class that a data point belongs to; null: to none. */
  readonly classOf?: (point: number) => number | null;
  /** The numbers behind the chart, as comma-separated values, unrounded. */
  readonly csv: () => string;
}

export interface ChartTable {
  readonly columns: readonly { readonly title: string; readonly numeric: boolean }[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** Where a figure's numbers come from; stands under what is exported. */
export interface FigureSource {
  /** The run, so that it is found again: see `runMark`. */
  readonly run: string;
  /** How many of what stand behind the figure. */
  readonly n: string;
}

/** Makes a chart for a theme: that of the window, or that of paper. */
export type DrawChart = (theme: ChartTheme) => ChartSpec;
