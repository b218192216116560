import type { VerifyReport } from '../compute';
import type { ChosenSource } from '../imports';
import type { RunDetail, RunSummary } from '../views';
import type { OpenedRecipe } from './recording';

/** Runs of the list, and what is dropped on the window. */
export interface RunMethods {
  'runs.list': { params: Record<string, never>; result: readonly ListedRun[] };
  /** Opens the folder dialog; null when the auditor cancels it. */
  'runs.open': { params: Record<string, never>; result: RunSummary | null };
  'runs.describe': { params: { readonly run: string }; result: RunDetail };
  /** Notes that the run was opened now; the list's order follows it. */
  'runs.opened': { params: { readonly run: string }; result: null };
  /** Takes the run off the list; its folder stays, and `runs.restore` puts it back for 30 days. */
  'runs.forget': { params: { readonly run: string }; result: null };
  /** The runs that were taken off the list, the last one first. */
  'runs.removed': { params: Record<string, never>; result: readonly RemovedRun[] };
  'runs.restore': { params: { readonly run: string }; result: null };
  /** A locked run can't be taken off the list. */
  'runs.lock': { params: { readonly run: string; readonly locked: boolean }; result: null };
  /** What the auditor wrote down about a run; it stays on this machine. */
  'runs.note': { params: { readonly run: string; readonly note: string }; result: null };
  /** Asks for the folder that a run was moved to; its new summary, or null when cancelled. */
  'runs.locate': { params: { readonly run: string }; result: RunSummary | null };
  'runs.verify': { params: { readonly run: string }; result: VerifyReport };
  /** What was dropped on the window: a run is opened at once, data wait for their import. */
  'drop.take': { params: { readonly source: string }; result: Dropped };
}

/** A run as the list has it. */
export interface ListedRun extends RunSummary {
  /** ISO 8601. */
  readonly openedAt: string;
  readonly locked: boolean;
  readonly note: string;
}

/** A run that was taken off the list. */
export interface RemovedRun {
  readonly id: string;
  readonly name: string;
  /** ISO 8601. */
  readonly removedAt: string;
  /** Whole days until it can't be put back any more. */
  readonly daysLeft: number;
}

/** What was dropped on the window turned out to be. */
export type Dropped =
  | { readonly kind: 'run'; readonly run: RunSummary }
  /** It is shown in a window of its own already. */
  | { readonly kind: 'release' }
  | { readonly kind: 'recipe'; readonly opened: OpenedRecipe }
  | { readonly kind: 'picture'; readonly source: ChosenSource }
  | { readonly kind: 'data'; readonly source: ChosenSource };
