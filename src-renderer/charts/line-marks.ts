import type { ChartTheme } from './chart-theme';
import { type DrawingApi, type DrawingParams, group, type Shape } from './custom-shapes';

/** A place on the x axis where something happened: a pause, a restart. */
export interface LineMark {
  readonly x: number;
  readonly label: string;
}

/** Room that labels of marks take above the drawing. */
export const markRoom = 16;
/** Width of a letter, about: the canvas of another chart is not at hand to measure it. */
const letter = 5.8;
const beside = 5;

/** From where to where a label goes along the axis, and which side of its mark it stands on. */
interface Place {
  readonly left: boolean;
  readonly from: number;
  readonly to: number;
}

/** Where a label stands: to the right of its mark, or to the left where the drawing ends before it does. */
function placeOf(x: number, label: string, end: number): Place {
  const width = label.length * letter + beside;
  const left = x + width > end;
  return left ? { left, from: x - width, to: x } : { left, from: x, to: x + width };
}

/** Which of some places are kept so that none lies on another; the later mark is the newer news. */
export function withoutOverlap(
  places: readonly { readonly from: number; readonly to: number }[],
): boolean[] {
  const kept: { readonly from: number; readonly to: number }[] = [];
  return places
    .toReversed()
    .map((place) => {
      const free = kept.every(({ from, to }) => place.to <= from || place.from >= to);
      if (free) kept.push(place);
      return free;
    })
    .toReversed();
}

/** A dashed line from top to bottom at each mark, with its label above where there is room for it. */
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
      const places = marks.map((each) => placeOf(api.coord([each.x, 0])[0], each.label, end));
      const place = places[dataIndex];
      const label: Shape[] =
        place && withoutOverlap(places)[dataIndex]
          ? [
              {
                type: 'text',
                x: place.left ? x - beside : x + beside,
                y: coordSys.y - 2,
                style: {
                  text: mark.label,
                  fill: theme.ink2,
                  font: `11px ${theme.fontFamily}`,
                  textAlign: place.left ? 'right' : 'left',
                  textVerticalAlign: 'bottom',
                },
                silent: true,
              },
            ]
          : [];
      return group([
        {
          type: 'rect',
          shape: { x: Math.min(x, end) - 2, y: coordSys.y, width: 4, height: coordSys.height },
          style: { fill: theme.surface },
          silent: true,
        },
        {
          type: 'line',
          shape: { x1: x, y1: coordSys.y - markRoom, x2: x, y2: coordSys.y + coordSys.height },
          style: { stroke: theme.ink3, lineWidth: 1, lineDash: [3, 3] },
          silent: true,
        },
        ...label,
      ]);
    },
  };
}
