import type { ArchitectureAnalysis } from '../architecture/architecture';
import type { ArchitectureComparison, ShallowerRecipe } from '../architecture/comparison';
import type { ExampleReference } from '../explanation/explanation';
import type { OutputKind } from '../privacy/release';
import type {
  DisclosureKind,
  DisclosureLog,
  PrivacyMode,
  ReleaseSettings,
  ReleaseState,
  RunPolicy,
} from '../privacy/review';
import type { Recipe, RecipeInput } from '../recipe/recipe';
import type { ReportModel } from '../report/report-model';
import type { ReportRequest } from '../report/report-request';
import type { ReportStatement } from '../report/statement';
import type { ImportKind, ImportPreview, ImportRequest } from './imports';
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
  ExplainRequest,
  ExplanationSummary,
  ExplanationView,
  LayerDetail,
  ModelInfo,
  RunDetail,
  SystemCheck,
  Thumbnail,
} from './views';

/** What the compute worker does. Folders are real paths here: only the main process calls this. */
export interface ComputeMethods {
  'system.checks': { params: Record<string, never>; result: readonly SystemCheck[] };
  'data.list': { params: Record<string, never>; result: readonly DataSetInfo[] };
  'data.rename': { params: { readonly name: string; readonly to: string }; result: null };
  'data.remove': { params: { readonly name: string }; result: null };
  'import.kinds': { params: Record<string, never>; result: readonly ImportKind[] };
  /** Reads a source whole, to be kept or dropped; an earlier one that waits is dropped. Progress: ImportProgress. */
  'import.read': { params: ImportRequest; result: ImportPreview };
  'import.keep': {
    params: { readonly id: string; readonly name: string };
    result: null;
  };
  'import.drop': { params: { readonly id: string }; result: null };
  'models.list': {
    params: { readonly shape: readonly number[]; readonly classes: number };
    result: readonly ModelInfo[];
  };
  /** Checks and completes a recipe, with the paths of one that was read from a file made absolute. */
  'recipe.complete': {
    params: {
      readonly recipe: RecipeInput;
      /** How errors name it. */
      readonly file?: string;
      /** The folder that its paths start from. */
      readonly from?: string;
    };
    result: Recipe;
  };
  'record.estimate': {
    params: { readonly recipe: RecipeInput; readonly folder: string };
    result: CostEstimate;
  };
  /** Records, or goes on with an unfinished run, until done or stopped. Progress: RecordProgress. */
  'record.run': {
    params: { readonly recipe: RecipeInput; readonly folder: string };
    result: RunDetail;
  };
  'record.pause': { params: { readonly folder: string }; result: null };
  'record.resume': { params: { readonly folder: string }; result: null };
  /** Commits what is there and ends; the run can be continued later. */
  'record.stop': { params: { readonly folder: string }; result: null };
  /** Copies a run into a folder, where nothing is recording it. Progress: MoveProgress. */
  'run.copy': {
    params: { readonly folder: string; readonly into: string };
    result: { readonly folder: string };
  };
  /** Removes a run that was copied elsewhere. */
  'run.removeCopied': {
    params: { readonly folder: string; readonly copy: string };
    result: null;
  };
  'run.describe': { params: { readonly folder: string }; result: RunDetail };
  'run.verify': { params: { readonly folder: string }; result: VerifyReport };
  'examples.page': {
    params: ExamplesQuery & { readonly folder: string };
    result: ExamplePage;
  };
  'examples.thumbnail': {
    params: { readonly folder: string; readonly split: 'train' | 'test'; readonly index: number };
    result: Thumbnail;
  };
  /** Each example as the row of a table; null where the data are none. */
  'examples.cells': {
    params: { readonly folder: string; readonly examples: readonly ExampleReference[] };
    result: readonly (readonly Cell[] | null)[];
  };
  /** Where each example stood in what was imported, in words; null where nothing is known of it. */
  'examples.origins': {
    params: { readonly folder: string; readonly examples: readonly ExampleReference[] };
    result: readonly (string | null)[];
  };
  /** Where an example stands in a filtered list; −1 where it doesn't. */
  'examples.place': {
    params: ExamplesFilter & { readonly folder: string; readonly index: number };
    result: number;
  };
  /** Every step of every layer. Progress: ExplainProgress. */
  'explain.example': {
    params: { readonly folder: string; readonly request: ExplainRequest };
    result: ExplanationView;
  };
  /** What the window shows at once. Progress: ExplainProgress. */
  'explain.summary': {
    params: ExplainQuestion & { readonly folder: string; readonly layer: string | null };
    result: ExplanationSummary;
  };
  /** One layer over the request's range; from memory where the question was asked before. */
  'explain.detail': {
    params: ExplainQuestion & { readonly folder: string; readonly layer: string };
    result: LayerDetail;
  };
  /** The steps of the request's range that a training example took part in. */
  'explain.steps': {
    params: ExplainQuestion & {
      readonly folder: string;
      readonly layer: string;
      readonly trained: number;
    };
    result: ExampleSteps;
  };
  /** Every step of the request's range at a layer, as comma-separated values. */
  'explain.csv': {
    params: ExplainQuestion & { readonly folder: string; readonly layer: string };
    result: string;
  };
  'explain.compare': {
    params: {
      readonly folder: string;
      readonly layer: string;
      readonly questions: readonly [ExplainQuestion, ExplainQuestion];
    };
    result: ExampleComparison;
  };
  /** Progress: LayersProgress. */
  'architecture.analyse': {
    params: { readonly folder: string; readonly examples: number };
    result: ArchitectureAnalysis;
  };
  /** The run's recipe without some layers; fails where the rest does not fit together. */
  'architecture.without': {
    params: { readonly folder: string; readonly layers: readonly string[] };
    result: ShallowerRecipe;
  };
  /** Progress: ExplainProgress. */
  'report.build': {
    params: {
      readonly folder: string;
      readonly request: ReportRequest;
      readonly statement: ReportStatement;
      /** The run that an architecture report compares with. */
      readonly other: string | null;
    };
    result: ReportModel;
  };
  /** Progress: SeedsProgress, LayersProgress. */
  'architecture.compare': {
    params: {
      readonly folder: string;
      readonly other: string;
      readonly examples: number;
      readonly seeds: number;
    };
    result: ArchitectureComparison;
  };
  'release.state': { params: { readonly folder: string }; result: ReleaseState };
  /** Progress: CheckProgress. */
  'release.check': {
    params: { readonly folder: string; readonly settings: ReleaseSettings };
    result: ReleaseState;
  };
  'release.decide': {
    params: {
      readonly folder: string;
      readonly output: OutputKind;
      readonly approved: boolean | null;
      readonly reason: string;
    };
    result: ReleaseState;
  };
  'release.freeze': {
    params: {
      readonly folder: string;
      readonly author: string;
      readonly checker: string;
      readonly comment: string;
    };
    result: ReleaseState;
  };
  /** Writes the frozen release to a file and logs it. */
  'release.copy': {
    params: { readonly folder: string; readonly file: string };
    result: null;
  };
  /** Logs what went out of a run. */
  'disclosure.add': {
    params: { readonly folder: string; readonly what: DisclosureKind; readonly detail: string };
    result: null;
  };
  'release.log': { params: { readonly folder: string }; result: DisclosureLog };
  'release.policy': {
    params: {
      readonly folder: string;
      readonly mode: PrivacyMode;
      readonly atLeast: number;
      readonly by: string;
      readonly reason: string;
    };
    result: RunPolicy;
  };
}

/** Integrity of the files, and per layer the certificate on sample inputs. */
export interface VerifyReport {
  readonly ok: boolean;
  readonly files: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly reason: string;
  }[];
  readonly layers: readonly {
    readonly name: string;
    readonly residual: number;
    readonly errorBound: number;
  }[];
  /** Layers that the recipe left out of recording; given where there are any. */
  readonly unrecorded?: readonly string[];
}
