import type { ArchitectureAnalysis } from '../../../src-shared/architecture/architecture';
import { isFlagged } from '../../../src-shared/architecture/architecture';
import { formatFixed } from '../../../src-shared/format/numbers';
import { classNameOf } from '../../../src-shared/report/layer-parts';
import type { ChartSpec } from '../../charts/chart-spec';
import type { ChartTheme } from '../../charts/chart-theme';
import { csvOf } from '../../charts/csv';
import {
  type DrawingApi,
  type DrawingParams,
  group,
  hatch,
  type Shape,
} from '../../charts/custom-shapes';
import type { LayerRow } from './layer-rows';

const cellHeight = 26;
const letter = 6.6;

/** What one place of the map is: a specificity, or nothing that could be compared. */
interface MapCell {
  readonly column: number;
  readonly row: number;
  readonly specificity: number | null;
  readonly inside: boolean;
}

/** The map of classes and layers as a figure for export: on the screen it is a table. */
export function layerMapChart(
  { analysis, rows, classNames }: MapData,
  theme: ChartTheme,
): ChartSpec {
  const labels = labelsOf(rows);
  const names = labels.map((label) => classNameOf(classNames, label));
  const cells = cellsOf(rows, labels.length);
  const longest = (texts: readonly string[]) => Math.max(...texts.map(({ length }) => length));
  const layerNames = rows.map(({ info, found }) =>
    found && isFlagged(found) ? `▲ ${info.name}` : info.name,
  );
  const left = Math.min(220, 16 + letter * longest(names));
  // Names lie where they find room above their columns, and stand upright elsewhere.
  const upright = rows.length > 8 || longest(layerNames) > 10;
  const top = upright ? 10 + letter * Math.min(24, longest(layerNames)) : 26;
  return {
    title: 'Specificity by class and layer',
    description: `Specificity of ${rows.length} layers for ${labels.length} predicted classes over ${analysis.examples.length} ${analysis.split} examples; ○ inside the band of chance, ▲ flagged.`,
    unit: 'specificity, 0 to 1; ○ inside the band of chance, ▲ flagged layer',
    height: top + labels.length * cellHeight + 8,
    points: cells.length,
    marks: cells.length,
    csv: () => mapCsv(rows, names),
    option: {
      textStyle: { fontFamily: theme.fontFamily },
      grid: { left, right: 8, top, bottom: 8 },
      xAxis: { type: 'value', min: 0, max: rows.length, show: false },
      yAxis: { type: 'value', min: 0, max: labels.length, inverse: true, show: false },
      series: [
        {
          type: 'custom',
          clip: false,
          data: cells.map(({ column, row }) => [column, row]),
          renderItem: ({ dataIndex }: DrawingParams, api: DrawingApi): Shape => {
            const cell = cells[dataIndex];
            return group(cell ? drawCell(cell, theme, api) : []);
          },
        },
        {
          type: 'custom',
          clip: false,
          data: [[0, 0]],
          renderItem: (_: DrawingParams, api: DrawingApi): Shape =>
            group([
              ...names.map((text, row) => nameAt(api.coord([0, row + 0.5]), text, theme, 'beside')),
              ...layerNames.map((text, at) =>
                nameAt(api.coord([at + 0.5, 0]), text, theme, upright ? 'upright' : 'above'),
              ),
            ]),
        },
      ],
    },
    table: {
      columns: [
        { title: 'Class', numeric: false },
        ...rows.map(({ info }) => ({ title: info.name, numeric: true })),
      ],
      rows: names.map((name, row) => [
        name,
        ...rows.map(({ found }) => valueWords(found?.classes[row]?.specificity)),
      ]),
    },
  };
}

export interface MapData {
  readonly analysis: ArchitectureAnalysis;
  readonly rows: readonly LayerRow[];
  readonly classNames: readonly string[];
}

/** The predicted classes, as every layer with updates has them. */
export function labelsOf(rows: readonly LayerRow[]): number[] {
  const full = rows.find(({ found }) => (found?.classes.length ?? 0) > 0);
  return full?.found?.classes.map(({ label }) => label) ?? [];
}

function cellsOf(rows: readonly LayerRow[], classes: number): MapCell[] {
  return rows.flatMap(({ found }, column) =>
    Array.from({ length: classes }, (_, row) => {
      const cell = found?.classes[row];
      return {
        ...{ column, row },
        ...{ specificity: cell?.specificity ?? null, inside: cell?.inside ?? false },
      };
    }),
  );
}

const valueWords = (value: number | undefined) =>
  value === undefined ? '–' : formatFixed(value, 3);

/** Everything that a place of the map says, unrounded. */
function mapCsv(rows: readonly LayerRow[], names: readonly string[]): string {
  const columns = ['layer', 'class', 'specificity', 'low', 'high', 'inside', 'examples', 'steps'];
  const lines = rows.flatMap(({ info, found }) =>
    (found?.classes ?? []).map(({ specificity, band, inside, examples, steps }, row) => [
      ...[info.name, names[row] ?? '', specificity, ...band],
      ...[String(inside), examples, steps],
    ]),
  );
  return csvOf(columns, lines);
}

function drawCell(
  { column, row, specificity, inside }: MapCell,
  theme: ChartTheme,
  api: DrawingApi,
): Shape[] {
  const [x, y] = api.coord([column, row]);
  const [right, bottom] = api.coord([column + 1, row + 1]);
  const area = { x: x + 1, y: y + 1, width: right - x - 2, height: bottom - y - 2 };
  if (specificity === null) return hatch(area, 6, { stroke: theme.axis, lineWidth: 0.8 });
  const strength = Math.min(1, Math.abs(specificity - 0.5) * 2) * 0.48;
  const text = `${inside ? '○ ' : ''}${formatFixed(specificity, 2)}`;
  return [
    {
      type: 'rect',
      shape: { ...area, r: 2 },
      style: { fill: specificity > 0.5 ? '#56b4e9' : '#e69f00', opacity: strength },
    },
    {
      type: 'text',
      x: area.x + area.width / 2,
      y: area.y + area.height / 2,
      style: {
        text,
        fill: theme.ink,
        font: `400 11px ${theme.fontFamily}`,
        textAlign: 'center',
        textVerticalAlign: 'middle',
      },
    },
  ];
}

/** A class left of its row, or a layer above its column. */
function nameAt(
  [x, y]: readonly [number, number],
  text: string,
  theme: ChartTheme,
  place: 'beside' | 'above' | 'upright',
): Shape {
  const align = { beside: 'right', above: 'center', upright: 'left' } as const;
  return {
    type: 'text',
    x: place === 'beside' ? x - 8 : x,
    y: place === 'beside' ? y : y - (place === 'above' ? 10 : 6),
    rotation: place === 'upright' ? Math.PI / 2 : 0,
    style: {
      text,
      fill: theme.ink2,
      font: `400 11px ${theme.fontFamily}`,
      textAlign: align[place],
      textVerticalAlign: 'middle',
    },
  };
}
