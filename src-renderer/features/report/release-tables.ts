import {
  formatCount,
  formatFixed,
  formatPercent,
  formatResidual,
} from '../../../src-shared/format/numbers';
import type {
  CosHistogram,
  OutputContents,
  ReleasedRate,
} from '../../../src-shared/privacy/release';
import { keptBack, releasedWords } from '../../../src-shared/report/build-aggregates';
import type { ChartTable } from '../../charts/chart-spec';

/** The numbers of a release as tables. A dash stands where the rules keep one back. */

type ClassName = (label: number) => string;

const number = (title: string) => ({ title, numeric: true });
const text = (title: string) => ({ title, numeric: false });
const percent = (value: ReleasedRate) => releasedWords(value, (v) => formatPercent(v, 0));
const count = (value: ReleasedRate) => releasedWords(value, formatCount);
const two = (value: ReleasedRate) => releasedWords(value, (v) => formatFixed(v, 2));

export function accuracyTable(
  { overall, classes }: OutputContents['accuracy'],
  className: ClassName,
): ChartTable {
  return {
    columns: [text('Class'), number('Examples'), number('Accuracy')],
    rows: [
      ...classes.map((each) => [
        className(each.label),
        count(each.examples),
        percent(each.accuracy),
      ]),
      ['All classes', '', percent(overall)],
    ],
  };
}

/** Classes of a table's columns that find room beside each other. */
const together = 10;

/** Rows of true classes; the predicted ones in groups of columns. */
export function confusionTables(
  { counts }: OutputContents['confusion'],
  className: ClassName,
): ChartTable[] {
  const groups = Math.ceil(counts.length / together);
  return Array.from({ length: groups }, (_, group) => {
    const labels = counts
      .map((_row, label) => label)
      .slice(group * together, (group + 1) * together);
    return {
      columns: [text('True class'), ...labels.map((label) => number(className(label)))],
      rows: counts.map((row, label) => [
        className(label),
        ...labels.map((column) => count(row[column] ?? 0)),
      ]),
    };
  });
}

/** Of one layer: what the examples predicted as a class owe to the start, the ghosts and each class. */
export function shareTables(
  { rows }: OutputContents['class-shares']['layers'][number],
  className: ClassName,
): ChartTable[] {
  const classes = rows[0]?.shares.length ?? 0;
  const groups = Math.max(1, Math.ceil(classes / together));
  return Array.from({ length: groups }, (_, group) => {
    const labels = Array.from({ length: classes }, (_each, label) => label).slice(
      group * together,
      (group + 1) * together,
    );
    const first = group === 0;
    return {
      columns: [
        text('Predicted'),
        ...(first ? [number('Examples'), number('Start'), number('Ghosts')] : []),
        ...labels.map((label) => number(className(label))),
      ],
      rows: rows.map((row) => [
        className(row.predicted),
        ...(first ? [count(row.examples), two(row.initialization), two(row.ghost)] : []),
        ...labels.map((label) => two(row.shares[label] ?? 0)),
      ]),
    };
  });
}

export function specificityTable(
  { layers }: OutputContents['specificity'],
  className: ClassName,
): ChartTable {
  const band = ([low, high]: readonly [number, number]) =>
    `${formatFixed(low, 2)} to ${formatFixed(high, 2)}`;
  return {
    columns: [text('Layer'), text('Predicted class'), number('Specificity'), number('By chance')],
    rows: layers.flatMap(({ layer, whole, classes }) => [
      [layer, 'all classes', whole ? two(whole.value) : keptBack, whole ? band(whole.band) : ''],
      ...classes.map((each) => [layer, className(each.label), two(each.value), band(each.band)]),
    ]),
  };
}

export function timelineTable({ layers }: OutputContents['timeline']): ChartTable {
  const epochs = layers[0]?.epochs.map(({ epoch }) => epoch) ?? [];
  return {
    columns: [text('Epoch'), ...layers.map(({ layer }) => number(layer))],
    rows: [
      ['start', ...layers.map(({ initialization }) => percent(initialization))],
      ...epochs.map((epoch, at) => [
        String(epoch),
        ...layers.map(({ epochs: all }) => percent(all[at]?.reached ?? 0)),
      ]),
    ],
  };
}

export function certificateTable({ layers }: OutputContents['certificate']): ChartTable {
  return {
    columns: [text('Layer'), number('Mean residual'), number('Bound on γ’s error')],
    rows: layers.map(({ layer, residual, errorBound }) => [
      layer,
      releasedWords(residual, formatResidual),
      errorBound === 0 ? 'no loss' : formatResidual(errorBound),
    ]),
  };
}

const stepWords = { own: 'its own', other: 'others’', all: 'all' } as const;

/** A layer's histograms, a row each; those of as many bins stand in one table. */
export function histogramTables(
  histograms: readonly CosHistogram[],
  className: ClassName,
): ChartTable[] {
  const sizes = [...new Set(histograms.map(({ shares }) => shares.length))];
  return sizes.map((size) => {
    const rows = histograms.filter(({ shares }) => shares.length === size);
    const edges = rows[0]?.edges.slice(0, size) ?? [];
    return {
      columns: [
        ...[text('Predicted'), text('Steps')],
        ...edges.map((from) => number(formatFixed(from, size > 10 ? 2 : 1))),
      ],
      rows: rows.map(({ predicted, steps, shares }) => [
        ...[className(predicted), stepWords[steps]],
        ...shares.map(two),
      ]),
    };
  });
}
