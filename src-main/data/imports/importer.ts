import type { ImportKind, ImportOptions } from '../../../src-shared/contract/imports';
import type { JobContext } from '../../../src-shared/contract/progress';
import type { Column, RawSplit } from '../data-set';
import type { OriginOf } from '../origins';
import type { Scratch } from '../scratch';

/** A data set as an importer has read it, whole and in memory. */
export interface ReadExamples<Raw extends RawSplit = RawSplit> {
  readonly classNames: readonly string[];
  readonly train: Raw;
  readonly test: Raw;
  /** Columns of the table that the examples are rows of; null where they are none. */
  readonly columns: readonly Column[] | null;
  /** Where each example stands in the source, in words; null where its index says it. */
  readonly origins: { readonly train: OriginOf; readonly test: OriginOf } | null;
  /** What was done to the values and the splits, a sentence each, for the preview. */
  readonly notes: readonly string[];
}

/** What an import takes beside its parameters. */
export interface ImportContext extends JobContext {
  /** Where arrays go that are too large for memory; without one they are refused. */
  readonly scratch?: Scratch;
}

/** One format that data sets are imported from. */
export interface Importer extends ImportKind {
  /**
   * Reads a source that is taken as hostile: sizes are checked before memory is taken, and nothing
   * outside of `path` is opened.
   *
   * @param options only those that it understands are other than null
   * @throws `data-missing`; `data-corrupt` naming file, offset or row, and rule; `no-permission`;
   *   `cancelled`
   */
  readonly read: (
    path: string,
    options: ImportOptions,
    context: ImportContext,
  ) => Promise<ReadExamples>;
}
