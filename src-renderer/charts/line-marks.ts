import type { ChartTheme } from './chart-theme';
import { type DrawingApi, type DrawingParams, group } from './custom-shapes';

/** A place on the x axis where something happened: a pause, a restart. */
export interface LineMark {
  readonly x: number;
  readonly label: string;
}

/** A dashed line from top to bottom at each mark, with its label. */
export function lineMarks(marks: readonly LineMark[], theme: ChartTheme) {
  return {
    type: 'custom',
    silent: true,
    tooltip: { show: false },
    data: marks.map(({ x }) => [x, 0]),
    renderItem: ({ dataIndex, coordSys }: DrawingParams, api: DrawingApi) => {
      const mark = marks[dataIndex];
      if (!mark) return group([]);
      const x = api.coord([mark.x, 0])[0];
      const end = coordSys.x + coordSys.width;
      const left = x > coordSys.x + coordSys.width / 2;
      return group([
        {
          type: 'rect',
          shape: { x: Math.min(x, end) - 2, y: coordSys.y, width: 4, height: coordSys.height },
          style: { fill: theme.surface },
          silent: true,
        },
        {
          type: 'line',
          shape: { x1: x, y1: coordSys.y, x2: x, y2: coordSys.y + coordSys.height },
          style: { stroke: theme.ink3, lineWidth: 1, lineDash: [3, 3] },
          silent: true,
        },
        {
          type: 'text',
          x: left ? x - 5 : x + 5,
          y: coordSys.y + 2,
          style: {
            text: mark.label,
            fill: theme.ink2,
            font: `11px ${theme.fontFamily}`,
            textAlign: left ? 'right' : 'left',
            textVerticalAlign: 'top',
            // Readable where lines run behind it.
            backgroundColor: theme.surface,
            padding: [0, 2],
          },
          silent: true,
        },
      ]);
    },
  };
}
