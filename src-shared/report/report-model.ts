import type { ArchitectureAnalysis } from '../architecture/architecture';
import type { ArchitectureComparison } from '../architecture/comparison';
import type { Cell } from '../contract/views';
import type { ExampleReference } from '../explanation/explanation';
import type { Release } from '../privacy/release';
import type { Scorecard } from '../scorecard';
import type { ReportCase, ReportRidgePlot } from './report-case';
import type { NumberedSection, ReportKind, ReportMode } from './report-sections';
import type { ReportStatement } from './statement';

/**
 * Everything that a report shows, as plain JSON: the preview in the window, the printed page and the
 * command line are given the same one, so their numbers are the same.
 */
export interface ReportModel {
  readonly version: 2;
  readonly kind: ReportKind;
  readonly mode: ReportMode;
  readonly title: string;
  readonly subtitle: string;
  /** What it speaks of and what not, in a sentence or two, on the cover. */
  readonly scope: string;
  /** The same for the same run and question. */
  readonly reportId: string;
  /** First twelve digits of the run's SHA-256. */
  readonly runMark: string;
  readonly sections: readonly NumberedSection[];
  /** What its numbers lack, whatever is said of them. */
  readonly lacks: readonly string[];
  /** What a reader may expect and does not find, words too; where it is nothing, it is final. */
  readonly missing: readonly string[];
  readonly summary: readonly string[];
  readonly statement: ReportStatement;
  readonly identity: readonly ReportRow[];
  readonly recipe: readonly ReportRow[];
  readonly files: readonly ReportRow[];
  readonly classNames: readonly string[];
  readonly target: { readonly name: string; readonly caption: string };
  readonly unit: { readonly name: string; readonly caption: string };
  readonly cases: readonly ReportCase[];
  /** Steps before which the recording was interrupted, and went on from what was saved. */
  readonly resumed: readonly number[];
  readonly training: ReportTraining | null;
  readonly architecture: ReportArchitecture | null;
  /** What an aggregates report is made of; null in the mode `examples`. */
  readonly release: Release | null;
  readonly checks: readonly ReportCheck[];
  readonly limits: readonly string[];
  readonly versions: readonly ReportRow[];
  readonly commands: readonly ReportCommand[];
  readonly scorecard: Scorecard | null;
  /** Examples that are rows of a table, by `pictureKey`; the others have pictures. */
  readonly rows: Readonly<Record<string, readonly Cell[]>>;
  /** Where the shown examples stood in what was imported, by `pictureKey`; none where nothing is known. */
  readonly origins: Readonly<Record<string, string>>;
}

export interface ReportRow {
  readonly label: string;
  readonly value: string;
  /** A hash, a path or a command: set in a fixed-width face. */
  readonly exact?: boolean;
}

/** A command that gives numbers of the report again. */
export interface ReportCommand {
  readonly gives: string;
  readonly command: string;
}

/** One check with its limit, fixed before the run. */
export interface ReportCheck {
  readonly name: string;
  readonly found: string;
  readonly limit: string;
  readonly ok: boolean;
}

/** How the training went, and what its trace is worth. */
export interface ReportTraining {
  readonly steps: number;
  readonly curve: {
    readonly step: readonly number[];
    readonly loss: readonly number[];
    readonly accuracy: readonly number[];
  };
  /** Per traced layer: the certificate on sample inputs. */
  readonly certificates: readonly {
    readonly name: string;
    readonly kind: string;
    readonly shape: string;
    readonly residual: number;
    readonly residualLimit: number;
    readonly complete: boolean;
  }[];
}

/** What the updates say about the layers. */
export interface ReportArchitecture {
  readonly analysis: ArchitectureAnalysis;
  /** One example's ridge plots through the layers; null where there are none. */
  readonly through: { readonly title: string; readonly plots: readonly LayerRidges[] } | null;
  readonly comparison: ArchitectureComparison | null;
}

export interface LayerRidges {
  readonly layer: string;
  readonly plot: ReportRidgePlot;
}

/** A report with its pictures, complete enough to be printed by another process. */
export interface PrintJob {
  readonly model: ReportModel;
  /** PNG in base64 by `pictureKey`. */
  readonly pictures: Readonly<Record<string, string>>;
}

/** The name of an example's picture in a print job: `train-312`. */
export function pictureKey({ split, index }: ExampleReference): string {
  return `${split}-${index}`;
}

/** The report with the rows and the origins of the examples that it shows, where they have any. */
export function withExamples(
  model: ReportModel,
  of: (example: ExampleReference) => {
    readonly cells: readonly Cell[] | null;
    readonly origin: string | null;
  },
): ReportModel {
  const rows: Record<string, readonly Cell[]> = {};
  const origins: Record<string, string> = {};
  for (const example of picturesOf(model)) {
    const { cells, origin } = of(example);
    if (cells) rows[pictureKey(example)] = cells;
    if (origin !== null) origins[pictureKey(example)] = origin;
  }
  return { ...model, rows, origins };
}

/** Every example that the report shows a picture of, each once. */
export function picturesOf({ cases }: Pick<ReportModel, 'cases'>): ExampleReference[] {
  const shown = new Map<string, ExampleReference>();
  const add = (example: ExampleReference) => shown.set(pictureKey(example), example);
  for (const { example, layers, margin } of cases) {
    add({ split: example.split, index: example.index });
    for (const { supporting, opposing } of margin ? [...layers, margin.layer] : layers) {
      for (const { index } of [...supporting, ...opposing]) add({ split: 'train', index });
    }
  }
  return [...shown.values()];
}
