import type { ExampleReference } from '../../explanation/explanation';
import type { ChosenSource } from '../imports';
import type {
  Cell,
  ExampleComparison,
  ExamplePage,
  ExampleSteps,
  ExamplesFilter,
  ExamplesQuery,
  ExplainQuestion,
  ExplanationSummary,
  LayerDetail,
} from '../views';

/** Examples, and what is explained of them. */
export interface ExplanationMethods {
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
}
