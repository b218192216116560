import type {
  ExampleReference,
  ExplanationTarget,
  ExplanationUnit,
} from '../explanation/explanation';
import type { ReportKind, ReportMode } from './report-sections';

/** What a report is asked to be of. */
export interface ReportRequest {
  readonly kind: ReportKind;
  readonly mode: ReportMode;
  /** Examples that are explained; empty unless the kind is `explanation`. */
  readonly cases: readonly CaseRequest[];
  readonly target: ExplanationTarget;
  readonly unit: ExplanationUnit;
  /** Test examples that the map of classes and layers asks about; null: no map. */
  readonly sample: number | null;
}

export interface CaseRequest extends ExampleReference {
  /** Classes [A, B] of section “A versus B”; null: the predicted one and its nearest rival. */
  readonly over: readonly [number, number] | null;
  /** What the auditor notes of it. */
  readonly note: string;
}

/** Most cases of one report: each takes several pages. */
export const mostCases = 100;

/** Test examples that an architecture report asks about where nothing else is said. */
export const usualSample = 50;

/** The plain explanation report of examples: every layer's representation, by updates. */
export function explanationOf(examples: readonly ExampleReference[]): ReportRequest {
  return {
    ...{ kind: 'explanation', mode: 'examples', unit: 'update', sample: null },
    target: { kind: 'representation' },
    cases: examples.map(({ split, index }) => ({ split, index, over: null, note: '' })),
  };
}
