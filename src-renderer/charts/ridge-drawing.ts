import type { ExplanationUnit } from '../../src-shared/explanation/explanation';
import type { RidgeAxis, RidgeUnits } from '../../src-shared/explanation/ridge';
import { classColor } from '../tokens/class-colors';
import type { ChartTheme } from './chart-theme';
import { type DrawingApi, type DrawingParams, group, type Shape } from './custom-shapes';
import type { RidgeNumbers, RidgeWords } from './ridge-words';

/** A ridge plot as it is drawn, in the window and on paper. */
export interface RidgeData {
  readonly layer: string;
  readonly over: RidgeUnits;
  /** What points somewhere: updates, or credited gradients. */
  readonly unit: ExplanationUnit;
  /** Places along the axis, −1 … 1. */
  readonly grid: ArrayLike<number>;
  readonly axis: RidgeAxis;
  readonly predicted: number;
  /** The example's own label; equal to `predicted` where the network is right. */
  readonly label: number;
  readonly rows: readonly RidgeRow[];
}

export interface RidgeRow extends RidgeNumbers {
  readonly label: number;
  readonly name: string;
  readonly density: ArrayLike<number>;
}

export interface RidgeLayout {
  readonly rowHeight: number;
  /** A class that is focused elsewhere; the others step back. */
  readonly focus: number | null;
  /** Pixels that names may take, where there is less room than usual. */
  readonly names?: number;
}

/** A ridge reaches this many rows up at most; one height scale for all. */
export const overlap = 1.6;
const letter = 6.6;
const nameAt = 18;
/** Of "predicted" beside a name. */
const tagWidth = 54;
export const right = 100;
export const bottom = 40;

/** Pixels left of the plot: what the longest name needs, within bounds. */
export function leftOf(rows: readonly Pick<RidgeRow, 'name'>[], most = 150): number {
  const longest = Math.max(0, ...rows.map(({ name }) => name.length));
  return Math.round(Math.min(most, Math.max(92, nameAt + letter * longest + tagWidth)));
}

/** What one row is drawn from. */
export interface RidgeDrawing {
  readonly data: RidgeData;
  readonly row: RidgeRow;
  readonly words: RidgeWords;
  readonly scale: number;
  readonly theme: ChartTheme;
  readonly layout: RidgeLayout;
  readonly left: number;
  readonly base: number;
  /** What stands beside the row: all, the class alone, or nothing. */
  readonly beside: 'all' | 'name' | 'nothing';
}

/** One class's row: an opaque sheet, the density, its outline and baseline, its numbers. */
export function drawRidge(drawing: RidgeDrawing, params: DrawingParams, api: DrawingApi): Shape {
  const { data, row, words, scale, theme, layout, left, base, beside } = drawing;
  const { rowHeight, focus } = layout;
  const { coordSys } = params;
  const y = api.coord([0, base])[1];
  const predicted = row.label === data.predicted;
  const labelled = row.label === data.label;
  const color = classColor(row.label, theme.name, data.predicted);
  const away = focus !== null && focus !== row.label;
  const outline: number[][] = [];
  for (let i = 0; i < data.grid.length; i++) {
    const height = Math.min((row.density[i] ?? 0) * scale, overlap) * rowHeight;
    outline.push([api.coord([data.grid[i] ?? 0, 0])[0], y - height]);
  }
  const end = coordSys.x + coordSys.width;
  const points = [[coordSys.x, y], ...outline, [end, y]];
  const emphasized = predicted || labelled || focus === row.label;
  const fade = away ? 0.35 : 1;
  const children: Shape[] = [
    // An opaque sheet first, so that the row behind doesn't shine through.
    {
      type: 'polygon',
      shape: { points },
      style: { fill: theme.surface, opacity: away ? 0.6 : 0.92 },
    },
    {
      type: 'polygon',
      shape: { points },
      style: {
        fill: emphasized ? color : theme.neutral,
        opacity: (predicted ? 0.92 : 0.62) * fade,
      },
    },
  ];
  if (predicted) children.push(...ridgeHatch(outline, y, theme));
  children.push(
    {
      type: 'polyline',
      shape: { points: outline },
      style: { fill: 'none', stroke: theme.ink, lineWidth: predicted ? 1.5 : 0.9, opacity: fade },
      silent: true,
    },
    {
      type: 'line',
      shape: { x1: coordSys.x, y1: y, x2: end, y2: y },
      style: { stroke: theme.axis, lineWidth: 0.6, opacity: fade },
      silent: true,
    },
  );
  const marked = { predicted, labelled: labelled && !predicted };
  const place = { ...marked, left, y, end, color, theme, fade };
  if (beside !== 'nothing') children.push(...nameOfRow(row, place));
  if (beside === 'all') children.push(...numbersOfRow(words.numbersBeside(row), place));
  return group(children);
}

/** Verticals under the curve: tells the predicted class apart without colour. */
function ridgeHatch(outline: readonly number[][], base: number, theme: ChartTheme): Shape[] {
  const lines: Shape[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const [x = 0, y = 0] of outline) {
    if (x - last < 4) continue;
    last = x;
    if (base - y < 1.5) continue;
    const shape = { x1: x, y1: base, x2: x, y2: y };
    lines.push({
      type: 'line',
      shape,
      style: { stroke: theme.ink, lineWidth: 0.5, opacity: 0.4 },
      silent: true,
    });
  }
  return lines;
}

interface LabelPlace {
  readonly predicted: boolean;
  readonly labelled: boolean;
  readonly left: number;
  readonly y: number;
  readonly end: number;
  readonly color: string;
  readonly theme: ChartTheme;
  readonly fade: number;
}

function nameOfRow(row: RidgeRow, place: LabelPlace): Shape[] {
  const { predicted, labelled, left, y, color, theme, fade } = place;
  const tag = predicted ? 'predicted' : labelled ? 'label' : '';
  const weight = predicted ? 600 : 400;
  const font = (size: number, bold = weight) => `${bold} ${size}px ${theme.fontFamily}`;
  // A long name leaves room for what stands beside it.
  const room = Math.floor((left - nameAt - (tag ? 12 + tag.length * 5 : 8)) / letter);
  const name = row.name.length > room ? `${row.name.slice(0, room - 1)}…` : row.name;
  const middle = y - 7;
  const labels: Shape[] = [
    {
      type: 'rect',
      shape: { x: 4, y: middle - 4, width: 8, height: 8, r: 2 },
      style: { fill: color, stroke: theme.ink2, lineWidth: 1, opacity: fade },
      silent: true,
    },
    {
      type: 'text',
      x: nameAt,
      y: middle,
      style: {
        text: name,
        fill: theme.ink,
        font: font(theme.fontSize),
        textVerticalAlign: 'middle',
        opacity: fade,
      },
      silent: true,
    },
  ];
  if (tag) {
    labels.push({
      type: 'text',
      x: left - 8,
      y: middle,
      style: {
        text: tag,
        fill: theme.ink3,
        font: font(10, 400),
        textAlign: 'right',
        textVerticalAlign: 'middle',
      },
      silent: true,
    });
  }
  return labels;
}

function numbersOfRow([value, count]: readonly [string, string], place: LabelPlace): Shape[] {
  const { predicted, y, end, theme, fade } = place;
  const weight = predicted ? 600 : 400;
  const font = (size: number, bold = weight) => `${bold} ${size}px ${theme.fontFamily}`;
  const middle = y - 7;
  return [
    {
      type: 'text',
      x: end + 46,
      y: middle,
      style: {
        text: value,
        fill: predicted ? theme.ink : theme.ink2,
        font: font(theme.fontSize - 1),
        textAlign: 'right',
        textVerticalAlign: 'middle',
        opacity: fade,
      },
      silent: true,
    },
    {
      type: 'text',
      x: end + right - 2,
      y: middle,
      style: {
        text: count,
        fill: theme.ink3,
        font: font(theme.fontSize - 1, 400),
        textAlign: 'right',
        textVerticalAlign: 'middle',
        opacity: fade,
      },
      silent: true,
    },
  ];
}

/** Names of the two columns at the right, above the uppermost row's numbers. */
export function headings(
  [first, second]: RidgeWords['beside'],
  theme: ChartTheme,
  count: number,
  rowHeight: number,
): object {
  return {
    type: 'custom',
    clip: false,
    silent: true,
    tooltip: { show: false },
    data: [[0, count]],
    renderItem: ({ coordSys }: DrawingParams): Shape => {
      const end = coordSys.x + coordSys.width;
      const y = coordSys.y + rowHeight - 24;
      const style = {
        fill: theme.ink3,
        font: `400 10px ${theme.fontFamily}`,
        textAlign: 'right',
        textVerticalAlign: 'middle',
      } as const;
      return group([
        { type: 'text', x: end + 46, y, style: { ...style, text: first }, silent: true },
        { type: 'text', x: end + right - 2, y, style: { ...style, text: second }, silent: true },
      ]);
    },
  };
}
