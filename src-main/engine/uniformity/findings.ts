import type {
  ClassSpecificity,
  NullModel,
  Specificity,
} from '../../../src-shared/architecture/architecture';
import { type NullBand, nullBand } from './null-band';
import type { Cells, SpecificityTally } from './specificity-tally';
import type { Finding } from './verdict';

/** Share of the permutations that lie wholly inside the band. */
export const bandLevel = 0.95;

/** How many examples were asked and how many units there are, by class. */
export interface ClassCounts {
  readonly examples: Int32Array;
  readonly units: Int32Array;
}

/** What a tally says of the first so many layers, beside what chance would give all of them. */
export interface Findings {
  /** Null, and all bands NaN, until every layer is in the tally. */
  readonly null: NullModel | null;
  readonly layers: readonly Finding[];
}

/** @param count layers that are in the tally */
export function findingsOf(
  tally: SpecificityTally,
  count: number,
  classes: number,
  { examples, units }: ClassCounts,
): Findings {
  const layers = tally.alive.length;
  const present = Array.from(examples.keys()).filter((label) => (examples[label] as number) > 0);
  const width = present.length + 1;
  const band =
    count === layers
      ? nullBand(
          tally.permuted.map((cells) => withMeans(cells)),
          bandLevel,
        )
      : null;
  const observed = withMeans(tally.observed);
  return {
    null: band && {
      permutations: tally.permuted.length,
      level: bandLevel,
      deviations: band.deviations,
    },
    layers: Array.from({ length: count }, (_, l) => ({
      alive: tally.alive[l] === 1,
      whole: placed(observed, band, l * width + present.length),
      classes: present.map(
        (label, k): ClassSpecificity => ({
          ...placed(observed, band, l * width + k),
          label,
          examples: examples[label] as number,
          steps: units[label] as number,
        }),
      ),
    })),
  };

  /** Means over the examples: a layer's present classes, then their mean. */
  function withMeans(cells: Cells): Float64Array {
    const rows = Array.from({ length: count }, (_, l) => {
      const row = present.map(
        (label) => (cells[l * classes + label] as number) / (examples[label] as number),
      );
      return [...row, row.reduce((sum, value) => sum + value, 0) / row.length];
    });
    return Float64Array.from(rows.flat());
  }
}

function placed(observed: Float64Array, band: NullBand | null, cell: number): Specificity {
  const specificity = observed[cell] as number;
  const centre = band?.centre[cell] ?? Number.NaN;
  const half = band?.half[cell] ?? Number.NaN;
  const [low, high] = [centre - half, centre + half];
  return { specificity, band: [low, high], inside: specificity >= low && specificity <= high };
}
