import { CustomChart, LineChart } from 'echarts/charts';
import {
  AriaComponent,
  DataZoomSliderComponent,
  GridComponent,
  TitleComponent,
  TooltipComponent,
} from 'echarts/components';
import { type EChartsCoreOption, type EChartsType, init, use } from 'echarts/core';
import { CanvasRenderer, SVGRenderer } from 'echarts/renderers';
import type { ChartSpec } from './chart-spec';

// Only what is drawn is taken in.
use([
  CustomChart,
  LineChart,
  GridComponent,
  TitleComponent,
  TooltipComponent,
  DataZoomSliderComponent,
  AriaComponent,
  CanvasRenderer,
  SVGRenderer,
]);

export type { EChartsCoreOption, EChartsType };

/** What a chart draws of a spec: never moving, and described in its own words. */
export function optionOf({ option, description }: ChartSpec): EChartsCoreOption {
  // ECharts would describe it by reading out raw values.
  return { ...option, animation: false, aria: { enabled: true, label: { description } } };
}

/** Starts a chart in an element; canvas on the screen, SVG on paper. */
export function startChart(element: HTMLElement, renderer: 'canvas' | 'svg'): EChartsType {
  return init(element, null, { renderer });
}

/** A spec drawn as the text of an SVG. */
export function drawnSvg(spec: ChartSpec, width: number): string {
  const size = { width, height: spec.height };
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...size });
  try {
    chart.setOption(optionOf(spec));
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}

/** A spec drawn on a canvas of its own, so many pixels for each of the screen's. */
export function drawnCanvas(
  spec: ChartSpec,
  width: number,
  pixelRatio: number,
  backgroundColor: string,
): HTMLCanvasElement {
  const size = { width, height: spec.height };
  const element = document.createElement('div');
  const chart = init(element, null, { renderer: 'canvas', devicePixelRatio: pixelRatio, ...size });
  try {
    chart.setOption(optionOf(spec));
    return chart.renderToCanvas({ pixelRatio, backgroundColor });
  } finally {
    chart.dispose();
  }
}
