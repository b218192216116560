import type { OptimizerSpec } from '../../../src-shared/recipe/optimizer-spec';
import type { Examples } from '../examples';
import type { Network } from '../network';
import type { RecordSource } from '../records';

/** A finished run, as an explanation needs it. */
export interface ExplainableRun {
  readonly name: string;
  readonly source: RecordSource;
  /** Holds the final weights. */
  readonly network: Network;
  readonly optimizer: OptimizerSpec;
  readonly splits: { readonly train: Examples; readonly test: Examples };
  /** Whether the recipe asked for each example's part. */
  readonly perExample: boolean;
}
