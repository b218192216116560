import type { ChartTheme } from './chart-theme';
import { type DrawingApi, type DrawingParams, group, type Shape } from './custom-shapes';

interface LabelledLine {
  readonly points: readonly (readonly [number, number | null])[];
  readonly endLabel?: string;
  readonly color: string;
  readonly strong?: boolean;
}

const lineHeight = 14;
const fontSize = 11;

/**
 * Places for labels, `gap` apart at least and in their order, as near to where they are wanted as that
 * allows by least squares: less their ranks' gaps, places may not fall, and where they would, a block of
 * them takes its mean. `low` and `high` have room for all.
 */
export function spread(
  wanted: readonly number[],
  gap: number,
  low: number,
  high: number,
): number[] {
  const order = wanted.map((_, at) => at).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0));
  const blocks: { mean: number; count: number }[] = [];
  order.forEach((at, rank) => {
    let block = { mean: (wanted[at] ?? 0) - rank * gap, count: 1 };
    for (let above = blocks.at(-1); above && above.mean > block.mean; above = blocks.at(-1)) {
      const count = above.count + block.count;
      block = { mean: (above.mean * above.count + block.mean * block.count) / count, count };
      blocks.pop();
    }
    blocks.push(block);
  });
  const last = high - (wanted.length - 1) * gap;
  const means = blocks.flatMap(({ mean, count }) => Array.from({ length: count }, () => mean));
  const placed = [...wanted];
  order.forEach((at, rank) => {
    placed[at] = Math.min(last, Math.max(low, means[rank] ?? 0)) + rank * gap;
  });
  return placed;
}

/**
 * Names at the ends of lines, each with a thin leader to its line. Many names may take so many pixels
 * `below` the lines.
 */
export function endLabels(lines: readonly LabelledLine[], theme: ChartTheme, below = 0): object[] {
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
    const [low, high] = [lineHeight / 2, coordSys.y + coordSys.height + below];
    const room = (high - low) / Math.max(1, named.length - 1);
    const apart = Math.min(lineHeight, room);
    // Figures and capitals take some seven tenths of a font's size.
    const size = Math.min(fontSize, apart / 0.9);
    const places = spread(wanted, apart, low, high);
    const children = named.flatMap(({ name, color, strong }, at): Shape[] => {
      const [x, y] = ends[at] ?? [0, 0];
      const to = places[at] ?? y;
      const weight = strong ? 600 : 400;
      return [
        {
          type: 'polyline',
          shape: {
            points: [
              [x + 2, y],
              [x + 4, y],
              [x + 14, to],
              [x + 16, to],
            ],
          },
          style: { fill: 'none', stroke: color, lineWidth: strong ? 1.5 : 0.8 },
          silent: true,
        },
        {
          type: 'text',
          x: x + 20,
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
