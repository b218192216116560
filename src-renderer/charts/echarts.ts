import { CustomChart, LineChart } from 'echarts/charts';
import {
  AriaComponent,
  DataZoomSliderComponent,
  GridComponent,
  TooltipComponent,
} from 'echarts/components';
import { type EChartsCoreOption, type EChartsType, init, use } from 'echarts/core';
import { CanvasRenderer, SVGRenderer } from 'echarts/renderers';

// Only what is drawn is taken in.
use([
  CustomChart,
  LineChart,
  GridComponent,
  TooltipComponent,
  DataZoomSliderComponent,
  AriaComponent,
  CanvasRenderer,
  SVGRenderer,
]);

export type { EChartsCoreOption, EChartsType };

/** Starts a chart in an element; canvas on the screen, SVG on paper. */
export function startChart(element: HTMLElement, renderer: 'canvas' | 'svg'): EChartsType {
  return init(element, null, { renderer });
}
