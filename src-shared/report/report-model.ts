import type { Cell } from '../contract/views';
import type { ExampleReference, ExplanationUnit } from '../explanation/explanation';
import type { TimelineDrawing } from '../explanation/timeline-drawing';
import type { PartKind } from './layer-parts';

/**
 * Everything that the explanation report shows, as plain JSON: the preview in the window, the
 * printed page and the command line are given the same one, so their numbers are the same.
 */
export interface ReportModel {
  readonly version: 1;
  readonly title: string;
  readonly subtitle: string;
  /** Short name of this report, the same for the same run and question. */
  readonly reportId: string;
  readonly mode: 'examples' | 'aggregates';
  /** ISO 8601. */
  readonly createdAt: string;
  /** First twelve digits of the data fingerprint, or of what else identifies the run. */
  readonly runMark: string;
  readonly summary: readonly string[];
  readonly identity: readonly ReportRow[];
  readonly recipe: readonly ReportRow[];
  readonly classNames: readonly string[];
  readonly example: ReportExample;
  readonly target: { readonly name: string; readonly caption: string };
  readonly unit: { readonly name: string; readonly caption: string };
  readonly layers: readonly ReportLayer[];
  readonly nonClaims: readonly string[];
  readonly versions: readonly ReportRow[];
  readonly command: string;
  /** Examples that are rows of a table, by `pictureKey`; the others have pictures. */
  readonly rows: Readonly<Record<string, readonly Cell[]>>;
}

export interface ReportRow {
  readonly label: string;
  readonly value: string;
  /** A hash, a path or a command: set in a fixed-width face. */
  readonly exact?: boolean;
}

export interface ReportExample extends ExampleReference {
  readonly label: number;
  readonly labelName: string;
  readonly predicted: number;
  readonly predictedName: string;
  readonly misclassified: boolean;
  /** Most probable first. */
  readonly probabilities: readonly {
    readonly label: number;
    readonly name: string;
    readonly value: number;
  }[];
}

export interface ReportLayer {
  readonly name: string;
  readonly kind: string;
  readonly shape: string;
  readonly normSquared: number;
  readonly residual: number;
  readonly residualLimit: number;
  readonly complete: boolean;
  readonly parts: readonly {
    readonly kind: PartKind;
    readonly label: number | null;
    readonly name: string;
    readonly share: number;
    readonly steps: number | null;
  }[];
  /** Whether its shares are parts of score A minus score B. */
  readonly margin: boolean;
  /** What its steps count for. */
  readonly unit: ExplanationUnit;
  readonly ridge: ReportRidgePlot | null;
  readonly timeline: TimelineDrawing;
  readonly exampleSplit: 'equal' | 'exact';
  readonly stored: 'gradient' | 'update';
  readonly supporting: readonly ReportInfluence[];
  readonly opposing: readonly ReportInfluence[];
}

export interface ReportRidgePlot {
  readonly grid: readonly number[];
  readonly predicted: number;
  readonly bandwidthFactor: number;
  readonly ridges: readonly {
    readonly label: number;
    readonly name: string;
    readonly density: readonly number[];
    readonly meanCos: number;
    readonly weight: number;
    readonly steps: number;
  }[];
}

export interface ReportInfluence {
  readonly index: number;
  readonly label: number;
  readonly name: string;
  readonly gamma: number;
  /** γ / ‖z‖², or γ / total for a margin. */
  readonly share: number;
}

/** A report with its pictures, complete enough to be printed by another process. */
export interface PrintJob {
  readonly model: ReportModel;
  /** PNG in base64 by `pictureKey`. */
  readonly pictures: Readonly<Record<string, string>>;
}

/** The name of an example's picture in a print job: `train-312`. */
export function pictureKey(example: ExampleReference): string {
  return `${example.split}-${example.index}`;
}

/** The report with the rows of those of `picturesOf` that are rows, given in that order. */
export function withRows(
  model: ReportModel,
  cells: readonly (readonly Cell[] | null)[],
): ReportModel {
  const rows: Record<string, readonly Cell[]> = {};
  for (const [place, example] of picturesOf(model).entries()) {
    const row = cells[place];
    if (row) rows[pictureKey(example)] = row;
  }
  return { ...model, rows };
}

/** Every example that the report shows a picture of, each once. */
export function picturesOf(model: ReportModel): ExampleReference[] {
  const { split, index } = model.example;
  const shown = new Map<string, ExampleReference>();
  shown.set(pictureKey({ split, index }), { split, index });
  for (const layer of model.layers) {
    for (const { index: train } of [...layer.supporting, ...layer.opposing]) {
      const example = { split: 'train', index: train } as const;
      shown.set(pictureKey(example), example);
    }
  }
  return [...shown.values()];
}
