import type { ExplanationView, RunDetail } from '../contract/views';
import type {
  ExampleInfluence,
  ExampleReference,
  ExplanationUnit,
  LayerExplanation,
} from '../explanation/explanation';
import type { RidgeAxis, RidgePlot, RidgeUnits } from '../explanation/ridge';
import { type TimelineDrawing, timelineDrawing } from '../explanation/timeline-drawing';
import { formatCount } from '../format/numbers';
import { unitOf } from '../words';
import {
  classNameOf,
  isComplete,
  listedClasses,
  partsOf,
  residualLimit,
  type SignalPart,
} from './layer-parts';
import type { CaseRequest } from './report-request';

/** One example explained. */
export interface ReportCase {
  readonly example: ReportExample;
  /** What the auditor notes of it. */
  readonly note: string;
  /** None where only a margin was asked for. */
  readonly layers: readonly ReportLayer[];
  /** Why A rather than B, at the output layer. */
  readonly margin: ReportMargin | null;
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

export interface ReportMargin {
  readonly over: readonly [number, number];
  readonly names: readonly [string, string];
  /** z_A − z_B. */
  readonly total: number;
  readonly layer: ReportLayer;
}

export interface ReportLayer {
  readonly name: string;
  readonly kind: string;
  readonly frozen: boolean;
  readonly shape: string;
  readonly normSquared: number;
  readonly residual: number;
  readonly residualLimit: number;
  readonly complete: boolean;
  readonly parts: readonly SignalPart[];
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
  readonly over: RidgeUnits;
  readonly grid: readonly number[];
  readonly axis: RidgeAxis;
  readonly predicted: number;
  readonly bandwidthFactor: number;
  readonly ridges: readonly {
    readonly label: number;
    readonly name: string;
    readonly density: readonly number[];
    readonly mean: number;
    readonly weight: number;
    readonly count: number;
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

/** A case as it was explained. */
export interface CaseSource {
  readonly request: CaseRequest;
  /** Of the report's target at every layer; no layers where that is a margin. */
  readonly explanation: ExplanationView;
  /** Of the margin `over` at the output layer. */
  readonly margin: {
    readonly over: readonly [number, number];
    readonly view: ExplanationView;
  } | null;
}

/** How many examples a side of a layer shows. */
export const shownExamples = 8;

/** Lines of a timeline where there are many classes. */
const shownCourses = 8;

/** Steps that a timeline draws on paper. */
const drawnSteps = 600;

/** A case as the report shows it. */
export function caseOf({ request, explanation, margin }: CaseSource, run: RunDetail): ReportCase {
  const [marginLayer] = margin ? layersOf(margin.view, run) : [];
  const className = (label: number) => classNameOf(run.classNames, label);
  return {
    example: exampleOf(explanation, run.classNames),
    note: request.note,
    layers: layersOf(explanation, run),
    margin:
      margin && marginLayer
        ? {
            over: margin.over,
            names: [className(margin.over[0]), className(margin.over[1])],
            total: margin.view.layers[0]?.total ?? 0,
            layer: marginLayer,
          }
        : null,
  };
}

/** [predicted, its nearest rival]: the label where the network is wrong, else the second choice. */
export function nearestRival({ example }: ExplanationView): readonly [number, number] | null {
  const { predicted, label, probabilities } = example;
  if (label !== predicted) return [predicted, label];
  const others = probabilities.map((_, at) => at).filter((at) => at !== predicted);
  if (others.length === 0) return null;
  const value = (at: number) => probabilities[at] ?? 0;
  return [predicted, others.reduce((best, at) => (value(at) > value(best) ? at : best))];
}

function exampleOf(explanation: ExplanationView, classNames: readonly string[]): ReportExample {
  const { split, index, label, predicted, probabilities } = explanation.example;
  const ranked = probabilities
    .map((value, at) => ({ label: at, name: classNameOf(classNames, at), value }))
    .sort((a, b) => b.value - a.value);
  return {
    split,
    index,
    label,
    labelName: classNameOf(classNames, label),
    predicted,
    predictedName: classNameOf(classNames, predicted),
    misclassified: label !== predicted,
    probabilities: ranked,
  };
}

function layersOf(
  { example, layers, ridges, course }: ExplanationView,
  run: RunDetail,
): ReportLayer[] {
  const { classNames } = run;
  return layers.map((layer) => {
    const whole = layer.total ?? layer.normSquared;
    const influenceOf = ({ index, label, gamma }: ExampleInfluence): ReportInfluence => ({
      ...{ index, label, name: classNameOf(classNames, label) },
      ...{ gamma, share: gamma / whole },
    });
    const ridge = ridges.find((each) => each.layer === layer.name);
    return {
      name: layer.name,
      kind: layer.kind,
      frozen: layer.frozen,
      shape: shapeOf(layer, run),
      normSquared: layer.normSquared,
      residual: layer.residual,
      residualLimit: residualLimit(layer),
      complete: isComplete(layer),
      parts: partsOf(layer, classNames),
      ridge: ridge ? ridgesOf(ridge, classNames) : null,
      margin: layer.total !== undefined,
      unit: unitOf(layer),
      timeline: fewCourses(
        timelineDrawing(layer, course, { from: 0, to: layer.steps.gamma.length }, drawnSteps),
        [example.predicted, example.label],
      ),
      exampleSplit: layer.exampleSplit,
      stored: layer.stored,
      supporting: layer.examples
        .filter(({ gamma }) => gamma > 0)
        .slice(0, shownExamples)
        .map(influenceOf),
      opposing: layer.opposing
        .filter(({ gamma }) => gamma < 0)
        .slice(0, shownExamples)
        .map(influenceOf),
    };
  });
}

/** The timeline with the lines of the classes that reach furthest, and of those that are marked. */
function fewCourses(drawing: TimelineDrawing, marked: readonly number[]): TimelineDrawing {
  const { courses } = drawing;
  if (courses.length <= listedClasses) return drawing;
  const rank = ({ label, points }: TimelineDrawing['courses'][number]) =>
    marked.includes(label) ? Number.POSITIVE_INFINITY : Math.abs(points.at(-1)?.[1] ?? 0);
  const drawn = [...courses].sort((a, b) => rank(b) - rank(a)).slice(0, shownCourses);
  return { ...drawing, courses: courses.filter((course) => drawn.includes(course)) };
}

/** Weights of a traced layer: `800 × 64`. */
export function shapeOf({ name }: Pick<LayerExplanation, 'name'>, run: RunDetail): string {
  const info = run.layers.find((layer) => layer.name === name);
  return info ? `${formatCount(info.rows)} × ${formatCount(info.columns)}` : '–';
}

/** A layer's ridge plot; null where it has nothing in it. */
export function ridgesOf(
  { over, grid, axis, predicted, bandwidthFactor, ridges }: RidgePlot,
  classNames: readonly string[],
): ReportRidgePlot | null {
  if (ridges.every(({ count }) => count === 0)) return null;
  return {
    ...{ over, grid: Array.from(grid), axis, predicted, bandwidthFactor },
    ridges: ridges.map((row) => ({
      ...row,
      name: classNameOf(classNames, row.label),
      density: Array.from(row.density, rounded),
    })),
  };
}

/** To the 1/10,000 that paper shows: a report of many layers stays small. */
function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
