import { formatFixed } from '../../src-shared/format/numbers';
import type { ChartTheme } from './chart-theme';

/** The axis of cosines, −1 to 1, of every ridge plot and histogram; other values go by their own ticks. */
export function cosAxis(
  name: string,
  theme: ChartTheme,
  tick: (place: number) => string = (cos) => formatFixed(cos, 1),
) {
  const text = { color: theme.ink3, fontSize: 11 };
  return {
    type: 'value',
    min: -1,
    max: 1,
    interval: 0.5,
    name,
    nameLocation: 'middle',
    nameGap: 24,
    nameTextStyle: text,
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: theme.line } },
    axisLabel: { ...text, formatter: tick },
  };
}
