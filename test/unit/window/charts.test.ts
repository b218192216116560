import { describe, expect, it } from 'vitest';
import { chartTheme } from '../../../src-renderer/charts/chart-theme';
import { spread } from '../../../src-renderer/charts/end-labels';
import { ridgeChart } from '../../../src-renderer/charts/ridge-chart';
import { sharesChart } from '../../../src-renderer/charts/shares-chart';
import { timelineChart } from '../../../src-renderer/charts/timeline-chart';
import { joined, runningMean } from '../../../src-renderer/features/monitor/curves';
import { classColor, inkOn } from '../../../src-renderer/tokens/class-colors';
import type { LayerExplanation } from '../../../src-shared/explanation/explanation';
import { timelineDrawing } from '../../../src-shared/explanation/timeline-drawing';

const theme = chartTheme('light');

describe('curves', () => {
  it('means over the last values only', () => {
    expect(runningMean([1, 3, 5, 7], 2)).toEqual([1, 2, 4, 6]);
  });

  it('joins what was on disk with what came since, once each', () => {
    const before = { step: [0, 1, 2], loss: [3, 2, 1], accuracy: [0, 0, 1] };
    const since = [
      { step: 2, loss: 1.5, accuracy: 1 },
      { step: 3, loss: 0.5, accuracy: 1 },
    ];
    expect(joined(before, since)).toEqual({
      step: [0, 1, 2, 3],
      loss: [3, 2, 1.5, 0.5],
      accuracy: [0, 0, 1, 1],
    });
  });
});

describe('spread', () => {
  it('moves labels apart and keeps them inside and in order', () => {
    const places = spread([50, 51, 52, 99], 10, 0, 100);
    const sorted = [...places].sort((a, b) => a - b);
    expect(places).toEqual(sorted);
    sorted.slice(1).forEach((place, at) => {
      expect(place - (sorted[at] ?? 0)).toBeGreaterThanOrEqual(10);
    });
    expect(sorted.at(-1)).toBeLessThanOrEqual(100);
  });

  it('moves a crowd to both sides alike, and what stands apart not at all', () => {
    expect(spread([50, 50, 50, 90], 10, 0, 100)).toEqual([40, 50, 60, 90]);
    expect(spread([2, 1, 30], 10, 5, 100)).toEqual([15, 5, 30]);
    expect(spread([99, 100], 10, 0, 100)).toEqual([90, 100]);
  });
});

describe('class colours', () => {
  it('keep orange for the predicted class', () => {
    expect(classColor(8, 'light', 8)).toBe('#e69f00');
    const others = Array.from({ length: 40 }, (_, label) => classColor(label, 'light'));
    expect(others).not.toContain('#e69f00');
    expect(new Set(others.slice(0, 7)).size).toBe(7);
  });

  it('carry ink that can be read', () => {
    expect(inkOn('#f0e442')).toBe('#101214');
    expect(inkOn('#0072b2')).toBe('#ffffff');
  });
});

describe('sharesChart', () => {
  const part = (name: string, share: number, label: number | null) =>
    ({ kind: label === null ? 'residual' : 'class', label, name, share, steps: null }) as const;
  it('holds negative parts and the residual in its table', () => {
    const parts = [part('cat', 1.3, 0), part('dog', -0.3, 1), part('Residual', -3e-8, null)];
    const marked = { predicted: 0, focus: null };
    const { table, points } = sharesChart('fc1', parts, '3e\u22127', theme, marked);
    expect(points).toBe(2);
    expect(table.rows).toEqual([
      ['cat', '130.00\u00a0%', ''],
      ['dog', '\u221230.00\u00a0%', ''],
      ['Residual', '\u22123e\u22126\u00a0%', ''],
    ]);
  });
});

describe('ridgeChart', () => {
  it('keeps room above for what the top row reaches, and says all in its table', () => {
    const row = (label: number, peak: number) => ({
      label,
      name: `class ${label}`,
      density: [0, peak, 0],
      mean: 0.1234,
      weight: 2,
      count: 12,
    });
    const data = {
      layer: 'fc1',
      over: 'steps' as const,
      unit: 'update' as const,
      grid: [-1, 0, 1],
      axis: { reach: 1, bend: null },
      predicted: 1,
      label: 0,
      rows: [row(1, 4), row(0, 1)],
    };
    const tall = ridgeChart(data, theme, { rowHeight: 30, focus: null });
    const flat = ridgeChart({ ...data, rows: [row(1, 1), row(0, 4)] }, theme, {
      rowHeight: 30,
      focus: null,
    });
    expect(tall.height).toBeGreaterThan(flat.height);
    expect(tall.table.rows[0]).toEqual(['class 1', '0.123', '2.00', '12']);
    expect(tall.description).toContain('Predicted: class 1');
  });

  it('of examples says shares, along an axis that bends', () => {
    const data = {
      ...{ layer: 'fc1', over: 'examples' as const, unit: 'update' as const },
      ...{ grid: [-1, -0.5, 0, 0.5, 1], predicted: 0, label: 0 },
      axis: { reach: 0.008, bend: 0.008 / Math.sinh(3) },
      rows: [
        { label: 0, name: 'cat', density: [0, 1, 2, 1, 0], mean: 0.004, weight: 50, count: 50 },
      ],
    };
    const { table, csv, option, description } = ridgeChart(data, theme, {
      rowHeight: 30,
      focus: null,
    });
    expect(table.columns.map(({ title }) => title)).toEqual([
      'Class',
      'Share',
      'Mean share',
      'Examples',
    ]);
    expect(table.rows).toEqual([['cat', '20.00\u00a0%', '0.40\u00a0%', '50']]);
    const { formatter } = (
      option as { xAxis: { axisLabel: { formatter: (at: number) => string } } }
    ).xAxis.axisLabel;
    expect([-1, -0.5, 0, 1].map(formatter)).toEqual([
      '\u22120.80\u00a0%',
      '\u22120.17\u00a0%',
      '0',
      '0.80\u00a0%',
    ]);
    expect(csv().split('\n').slice(0, 3)).toEqual([
      'layer,class,meanShare,weight,examples,share,densityAlongAxis',
      'fc1,cat,0.004,50,50,-0.008,0',
      expect.stringMatching(/^fc1,cat,0\.004,50,50,-0\.0017\d+,1$/),
    ]);
    expect(description).not.toContain('cos');
  });
});

describe('timelineChart', () => {
  const drawing = timelineDrawing(
    {
      ...{ name: 'fc1', kind: 'Dense', normSquared: 1, initializationShare: 0.5, ghostShare: 0 },
      ...{ residual: Number.NaN, unit: 'update', stored: 'gradient', target: 'representation' },
      steps: {
        gamma: Float64Array.of(0.1, -0.2, 0.3),
        cos: Float64Array.of(0.1, -0.2, 0.3),
        norm: Float64Array.of(1, 1, 1),
        label: Int32Array.of(0, 1, 0),
      },
      classes: [],
      examples: [],
      timeline: [],
    } as unknown as LayerExplanation,
    { epoch: new Int32Array(3), learningRate: new Float64Array(3).fill(0.1) },
    { from: 0, to: 3 },
    1000,
  );
  const look = {
    ...{ predicted: 0, label: 1, focus: null, theme, sumsHeight: 100, slider: true },
    className: String,
  };
  const axes = (option: object) => (option as { xAxis: { max: number }[] }).xAxis;

  it('leaves room for the steps that are not read yet, and no range to choose among them', () => {
    const partly = timelineChart(drawing, { ...look, unread: 10 }).option;
    expect(axes(partly).map(({ max }) => max)).toEqual([10, 10]);
    expect(partly).not.toHaveProperty('dataZoom');
    const whole = timelineChart(drawing, look).option;
    expect(axes(whole).map(({ max }) => max)).toEqual([3, 3]);
    expect(whole).toHaveProperty('dataZoom');
  });
});
