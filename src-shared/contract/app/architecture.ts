import type { ArchitectureAnalysis } from '../../architecture/architecture';
import type { ArchitectureComparison, ShallowerRecipe } from '../../architecture/comparison';
import type { RunSummary } from '../views';

/** What the layers of a run do, and networks without some of them. */
export interface ArchitectureMethods {
  /** How class-specific the layers are, over so many test examples. Progress: LayersProgress. */
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
   * goes on from there. Progress: SeedsProgress, then LayersProgress.
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
}
