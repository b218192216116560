import type { ChartTheme } from './chart-theme';
import { type DrawingApi, type DrawingParams, group, type Shape } from './custom-shapes';

interface LabelledLine {
  readonly points: readonly (readonly [number, number | null])[];
  readonly endLabel?: string;
  readonly color: string;
  readonly strong?: boolean;
}

const lineHeight = 13;
const fontSize = 11;

/** Moves labels apart so that none covers another; they keep their order. */
export function spread(
  wanted: readonly number[],
  gap: number,
  low: number,
  high: number,
): number[] {
  const order = wanted.map((_, at) => at).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0));
  const placed = [...wanted];
  let before = low - gap;
  for (const at of order) {
    before = Math.max(placed[at] ?? 0, before + gap);
    placed[at] = before;
  }
  let after = high + gap;
  for (const at of order.reverse()) {
    after = Math.min(placed[at] ?? 0, after - gap);
    placed[at] = after;
  }
  return placed;
}

/** Names at the ends of lines, with a leader to the line where they had to move. */
export function endLabels(lines: readonly LabelledLine[], theme: ChartTheme): object[] {
  const named = lines.flatMap(({ points, endLabel, color, strong }) => {
    const last = points.at(-1);
    if (!endLabel || !last || last[1] === null) return [];
    return [{ name: endLabel, x: last[0], y: last[1], color, strong: strong === true }];
  });
  if (named.length === 0) return [];
  const renderItem = ({ coordSys }: DrawingParams, api: DrawingApi): Shape => {
    const ends = named.map(({ x, y }) => api.coord([x, y]));
    const wanted = ends.map(([, y]) => y);
    // Many names in a low chart stand closer, and are smaller, rather than outside the drawing.
    const [low, high] = [lineHeight / 2, coordSys.y + coordSys.height];
    const room = (high - low) / Math.max(1, named.length - 1);
    const apart = Math.min(lineHeight, room);
    // Figures and capitals take some seven tenths of a font's size.
    const size = Math.min(fontSize, apart / 0.8);
    const places = spread(wanted, apart, low, high);
    const children = named.flatMap(({ name, color, strong }, at): Shape[] => {
      const [x, y] = ends[at] ?? [0, 0];
      const to = places[at] ?? y;
      const weight = strong ? 600 : 400;
      return [
        {
          type: 'line',
          shape: { x1: x + 2, y1: y, x2: x + 14, y2: to },
          style: { stroke: color, lineWidth: strong ? 1.5 : 0.8 },
          silent: true,
        },
        {
          type: 'text',
          x: x + 18,
          y: to,
          style: {
            text: name.length > 11 ? `${name.slice(0, 10)}…` : name,
            fill: strong ? theme.ink : theme.ink2,
            font: `${weight} ${size.toFixed(1)}px ${theme.fontFamily}`,
            textVerticalAlign: 'middle',
          },
          silent: true,
        },
      ];
    });
    return group(children);
  };
  const first = named[0];
  return [
    {
      type: 'custom',
      clip: false,
      silent: true,
      tooltip: { show: false },
      data: [[first?.x ?? 0, first?.y ?? 0]],
      renderItem,
    },
  ];
}
