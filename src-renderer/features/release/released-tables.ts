import { formatCount, formatFixed, formatResidual } from '../../../src-shared/format/numbers';
import type {
  BandedNumber,
  OutputContents,
  ReleasedNumber,
  ReleasedRate,
  ShareRow,
} from '../../../src-shared/privacy/release';
import { classNameOf } from '../../../src-shared/report/layer-parts';
import type { ReleasedCell } from './ReleasedTable.svelte';
import { countInWords, fixedInWords, rateInWords, reasonOf } from './released-words';

/** A table as it is drawn. */
export interface ReleasedRows {
  readonly columns: readonly string[];
  readonly rows: readonly { readonly name: string; readonly cells: readonly ReleasedCell[] }[];
}

type Names = readonly string[];

const count = (value: ReleasedNumber): ReleasedCell => ({
  text: countInWords(value),
  hidden: reasonOf(value),
});
const rate = (value: ReleasedRate): ReleasedCell => ({
  text: rateInWords(value),
  hidden: reasonOf(value),
});
const share = (value: ReleasedNumber): ReleasedCell => ({
  text: fixedInWords(value),
  hidden: reasonOf(value),
  ...(typeof value === 'number' ? { tint: value } : {}),
});

/** Accuracy of each class and of all. */
export function accuracyRows(content: OutputContents['accuracy'], names: Names): ReleasedRows {
  return {
    columns: ['Examples', 'Accuracy'],
    rows: [
      ...content.classes.map(({ label, examples, accuracy }) => ({
        name: classNameOf(names, label),
        cells: [count(examples), rate(accuracy)],
      })),
      { name: 'All classes', cells: [{ text: '', hidden: null }, rate(content.overall)] },
    ],
  };
}

/** True classes in rows, predicted ones in columns. */
export function confusionRows({ counts }: OutputContents['confusion'], names: Names): ReleasedRows {
  return {
    columns: counts.map((_, label) => classNameOf(names, label)),
    rows: counts.map((row, label) => ({ name: classNameOf(names, label), cells: row.map(count) })),
  };
}

/** Predicted classes in rows, the parts of the layer's signal in columns. */
export function shareRows(rows: readonly ShareRow[], names: Names): ReleasedRows {
  const ghosts = rows.some(({ ghost }) => ghost !== 0);
  const labels = rows[0]?.shares.map((_, label) => label) ?? [];
  return {
    columns: [
      'Examples',
      'Initialization',
      ...(ghosts ? ['Ghosts'] : []),
      ...labels.map((label) => classNameOf(names, label)),
    ],
    rows: rows.map(({ predicted, examples, initialization, ghost, shares }) => ({
      name: classNameOf(names, predicted),
      cells: [
        { text: formatCount(examples), hidden: null },
        share(initialization),
        ...(ghosts ? [share(ghost)] : []),
        ...shares.map(share),
      ],
    })),
  };
}

/** Predicted classes in rows, layers in columns. */
export function specificityRows(
  { layers }: OutputContents['specificity'],
  names: Names,
): ReleasedRows {
  const labels = layers[0]?.classes.map(({ label }) => label) ?? [];
  return {
    columns: layers.map(({ layer }) => layer),
    rows: [
      ...labels.map((label) => ({
        name: classNameOf(names, label),
        cells: layers.map(({ classes }) =>
          banded(classes.find((each) => each.label === label) ?? null),
        ),
      })),
      { name: 'All classes', cells: layers.map(({ whole }) => banded(whole)) },
    ],
  };
}

function banded(number: BandedNumber | null): ReleasedCell {
  if (number === null) return { text: '–', hidden: null };
  const { value, band } = number;
  if (typeof value !== 'number') return { text: fixedInWords(value), hidden: reasonOf(value) };
  const inside = value >= band[0] && value <= band[1];
  return {
    text: `${inside ? '○ ' : ''}${formatFixed(value, 2)}`,
    hidden: null,
    tint: 2 * (value - 0.5),
    title: `by chance ${formatFixed(band[0], 2)} to ${formatFixed(band[1], 2)}${inside ? ', inside' : ''}`,
  };
}

/** Layers in rows. */
export function certificateRows({ layers }: OutputContents['certificate']): ReleasedRows {
  return {
    columns: ['Residual', 'Error bound of γ'],
    rows: layers.map(({ layer, residual, errorBound }) => ({
      name: layer,
      cells: [
        typeof residual === 'number'
          ? { text: formatResidual(residual), hidden: null }
          : { text: fixedInWords(residual), hidden: reasonOf(residual) },
        { text: formatResidual(errorBound), hidden: null },
      ],
    })),
  };
}
