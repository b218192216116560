import type { ArchitectureAnalysis } from '../architecture/architecture';
import type { ArchitectureComparison, ShallowerRecipe } from '../architecture/comparison';
import type { CommandId } from '../commands';
import type { ExampleReference } from '../explanation/explanation';
import type { PreferenceChanges, Preferences } from '../preferences';
import type { OutputKind } from '../privacy/release';
import type {
  DisclosureLog,
  PrivacyMode,
  ReleaseSettings,
  ReleaseState,
  RunPolicy,
} from '../privacy/review';
import type { Recipe, RecipeInput } from '../recipe/recipe';
import type { ReportDraft } from '../report/report-draft';
import type { ReportModel } from '../report/report-model';
import type { ReportRequest } from '../report/report-request';
import type { ReportStatement } from '../report/statement';
import type { VerifyReport } from './compute';
import type { ChosenSource, ImportKind, ImportOptions, ImportPreview } from './imports';
import type {
  Cell,
  CostEstimate,
  DataSetInfo,
  ExampleComparison,
  ExamplePage,
  ExampleSteps,
  ExamplesFilter,
  ExamplesQuery,
  ExplainQuestion,
  ExplanationSummary,
  LayerDetail,
  ModelInfo,
  RunDetail,
  RunSummary,
  SystemDescription,
} from './views';

/**
 * What the window may ask of the main process. Runs are named by opaque ids, never by paths;
 * folders are chosen in dialogs that the main process opens. Pictures of examples come from
 * `app://thumbnail/<run>/<split>/<index>.png`.
 */
export interface AppMethods {
  'system.describe': { params: Record<string, never>; result: SystemDescription };
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
  'data.list': { params: Record<string, never>; result: readonly DataSetInfo[] };
  /** Gives an imported data set another name; recipes of earlier runs still say the old one. */
  'data.rename': { params: { readonly name: string; readonly to: string }; result: null };
  /** Removes an imported data set for good; the runs made from it need it to be explained. */
  'data.remove': { params: { readonly name: string }; result: null };
  'import.kinds': { params: Record<string, never>; result: readonly ImportKind[] };
  /** Opens the dialog for a file or folder; null when the auditor cancels it. */
  'import.choose': { params: { readonly kind: string }; result: ChosenSource | null };
  /** Reads a source that was chosen or dropped; nothing is kept yet. Progress streams. */
  'import.read': {
    params: { readonly kind: string; readonly source: string; readonly options: ImportOptions };
    result: ImportPreview;
  };
  'import.keep': { params: { readonly id: string; readonly name: string }; result: null };
  'import.drop': { params: { readonly id: string }; result: null };
  'models.list': {
    params: { readonly shape: readonly number[]; readonly classes: number };
    result: readonly ModelInfo[];
  };
  'record.estimate': { params: { readonly recipe: RecipeInput }; result: CostEstimate };
  /** Loads a recipe through a dialog; null when cancelled. */
  'recipe.open': { params: Record<string, never>; result: OpenedRecipe | null };
  /** Saves a recipe, complete, through a dialog; the file's name, or null when cancelled. */
  'recipe.save': {
    params: { readonly recipe: RecipeInput; readonly name: string };
    result: string | null;
  };
  /** Starts into a new folder of the runs folder and gives its run at once. */
  'record.start': {
    params: { readonly recipe: RecipeInput; readonly name: string };
    result: RunSummary;
  };
  /** Follows a recording until it ends; progress streams. Cancelling only stops following. */
  'record.follow': { params: { readonly run: string }; result: RunDetail };
  'record.continue': { params: { readonly run: string }; result: RunSummary };
  'record.pause': { params: { readonly run: string }; result: null };
  'record.resume': { params: { readonly run: string }; result: null };
  'record.stop': { params: { readonly run: string }; result: null };
  'examples.page': {
    params: ExamplesQuery & { readonly run: string };
    result: ExamplePage;
  };
  /** Each example as the row of a table; null where the data are none. */
  'examples.cells': {
    params: { readonly run: string; readonly examples: readonly ExampleReference[] };
    result: readonly (readonly Cell[] | null)[];
  };
  /** Where each example stood in what was imported, in words; null where nothing is known of it. */
  'examples.origins': {
    params: { readonly run: string; readonly examples: readonly ExampleReference[] };
    result: readonly (string | null)[];
  };
  /** Where an example stands in a filtered list; −1 where it doesn't. */
  'examples.place': {
    params: ExamplesFilter & { readonly run: string; readonly index: number };
    result: number;
  };
  /** Opens the dialog for a picture to be explained; null when the auditor cancels it. */
  'picture.choose': { params: Record<string, never>; result: ChosenSource | null };
  /** What all layers are made of, and one of them in detail. Progress: ExplainProgress. */
  'explain.example': {
    params: ExplainQuestion & { readonly run: string; readonly layer: string | null };
    result: ExplanationSummary;
  };
  /** One layer over the request's range; the trace is not read for it again. */
  'explain.detail': {
    params: ExplainQuestion & { readonly run: string; readonly layer: string };
    result: LayerDetail;
  };
  /** The steps of the request's range that a training example took part in. */
  'explain.steps': {
    params: ExplainQuestion & {
      readonly run: string;
      readonly layer: string;
      readonly trained: number;
    };
    result: ExampleSteps;
  };
  /** Training examples that two explanations share, and those that tell them apart. */
  'explain.compare': {
    params: {
      readonly run: string;
      readonly layer: string;
      readonly questions: readonly [ExplainQuestion, ExplainQuestion];
    };
    result: ExampleComparison;
  };
  /**
   * Saves every step of the request's range at a layer as comma-separated values, through a dialog;
   * the file's name, or null when cancelled.
   */
  'explain.save': {
    params: ExplainQuestion & {
      readonly run: string;
      readonly layer: string;
      readonly name: string;
      /** Lines that go before: see `figureHead`. */
      readonly head: string;
    };
    result: string | null;
  };
  /** How class-specific the layers are, over so many test examples. Progress: ExplainProgress. */
  'architecture.analyse': {
    params: { readonly run: string; readonly examples: number };
    result: ArchitectureAnalysis;
  };
  /** Starts recording the network without some layers into a new folder, and gives its run at once. */
  'architecture.retrain': {
    params: { readonly run: string; readonly layers: readonly string[] };
    result: Pick<ShallowerRecipe, 'startsAnew'> & { readonly run: RunSummary };
  };
  /**
   * Two finished runs of the same data side by side. With `seeds` beyond 1 both are recorded again
   * with so many seeds in all, beside them, and what is there is not recorded twice: cancelled, it
   * goes on from there. Progress: SeedsProgress, then ExplainProgress.
   */
  'architecture.compare': {
    params: {
      readonly run: string;
      readonly other: string;
      readonly examples: number;
      readonly seeds: number;
    };
    result: ArchitectureComparison;
  };
  /** The report as it would be printed, for the preview. */
  'report.preview': {
    params: ReportQuestion & { readonly run: string };
    result: ReportModel;
  };
  /** Saves the report through a dialog; the file's name, or null when cancelled. */
  'report.export': {
    params: ReportQuestion & { readonly run: string };
    result: string | null;
  };
  /** What the auditor has written for a run's reports so far; null: nothing. */
  'report.draft': { params: { readonly run: string }; result: ReportDraft | null };
  'report.saveDraft': {
    params: { readonly run: string; readonly draft: ReportDraft };
    result: null;
  };
  /** Saves a figure or its numbers through a dialog; the file's name, or null when cancelled. */
  'figure.save': {
    params: {
      readonly name: string;
      readonly kind: FigureKind;
      /** A PNG's bytes; the others as text. */
      readonly content: string | Uint8Array;
    };
    result: string | null;
  };
  /** Where the run stands on the way to its release. */
  'release.state': { params: { readonly run: string }; result: ReleaseState };
  /** Asks a secret sample, works out every output and checks it. Progress: ExplainProgress. */
  'release.check': {
    params: { readonly run: string; readonly settings: ReleaseSettings };
    result: ReleaseState;
  };
  /** Approves or rejects an output of the draft; null takes the decision back. */
  'release.decide': {
    params: {
      readonly run: string;
      readonly output: OutputKind;
      readonly approved: boolean | null;
      readonly reason: string;
    };
    result: ReleaseState;
  };
  /** Freezes what is approved; fails, saying all that is missing (`obstacles` tells before). */
  'release.freeze': {
    params: {
      readonly run: string;
      readonly author: string;
      readonly checker: string;
      readonly comment: string;
    };
    result: ReleaseState;
  };
  /** Saves a copy of the frozen release through a dialog; the file's name, or null when cancelled. */
  'release.save': { params: { readonly run: string }; result: string | null };
  'release.log': { params: { readonly run: string }; result: DisclosureLog };
  /** Keeps a run to aggregates or opens it again, raises its threshold; the log tells it. */
  'release.policy': {
    params: {
      readonly run: string;
      readonly mode: PrivacyMode;
      readonly atLeast: number;
      readonly by: string;
      readonly reason: string;
    };
    result: RunPolicy;
  };
  /**
   * Opens a release in a window of its own that can show nothing else: of a run, or with null the file
   * that is chosen in a dialog. False when cancelled.
   */
  'release.open': { params: { readonly run: string | null }; result: boolean };
  'settings.read': { params: Record<string, never>; result: WindowSettings };
  'settings.change': { params: PreferenceChanges; result: null };
  /** Asks for the folder of new recordings; its path, or null when cancelled. */
  'settings.choose-runs-folder': { params: Record<string, never>; result: string | null };
  /** What Deltascope takes of the disk, and what is free. */
  'settings.storage': { params: Record<string, never>; result: StorageUse };
  /** What the status bar tells, to be asked now and again. */
  'system.pulse': { params: Record<string, never>; result: Pulse };
  /** Keeps what the window wants to find again at its next start, by name. */
  'memory.keep': { params: { readonly name: string; readonly value: unknown }; result: null };
  /** Says which commands can't be carried out now, for the menu bar. */
  'menu.refuse': { params: { readonly commands: readonly CommandId[] }; result: null };
  /** Zooms the window, or fills the screen. */
  'window.view': { params: { readonly change: ViewChange }; result: null };
  'clipboard.write': { params: { readonly text: string }; result: null };
  /** What the application noted down about itself: no data, names nor paths. */
  'log.read': { params: Record<string, never>; result: string };
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

export type ViewChange = 'zoom-in' | 'zoom-out' | 'zoom-reset' | 'full-screen';

export interface Pulse {
  /** Bytes free where new recordings go. */
  readonly freeBytes: number;
  /** Recordings that this application is making. */
  readonly recordings: number;
}

export interface StorageUse {
  readonly freeBytes: number;
  /** Imported data sets. */
  readonly dataBytes: number;
  /** What set-up fetched: the engine, fonts and known data sets. */
  readonly cacheBytes: number;
  /** Pictures of examples that are kept in memory, and how many may be. */
  readonly pictureBytes: number;
  readonly mostPictureBytes: number;
}

/** What a report is asked to be of, and what the auditor says in it. */
export interface ReportQuestion {
  readonly request: ReportRequest;
  readonly statement: ReportStatement;
  /** The run that an architecture report compares with. */
  readonly other: string | null;
}
/** As what a figure is saved: vectors, pixels at twice the size of the screen's, or its numbers. */
export type FigureKind = 'svg' | 'png' | 'csv';

/** A recipe from a file. */
export interface OpenedRecipe {
  /** The file's name. */
  readonly file: string;
  readonly recipe: Recipe;
}

/** What the window finds at its start. */
export interface WindowSettings {
  /** `aggregates`: this window knows one release and the methods of `RestrictedMethods`, no more. */
  readonly mode: PrivacyMode;
  readonly preferences: Preferences;
  /** Where new recordings go, as words for the auditor; the window can't open it. */
  readonly runsFolder: string;
  /** Whether the start named that folder, so that it can't be chosen. */
  readonly runsFolderGiven: boolean;
  /** What was kept by `memory.keep`. */
  readonly memory: Readonly<Record<string, unknown>>;
}
