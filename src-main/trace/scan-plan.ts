import type { ScanQuery } from '../engine/records';
import { damaged } from './failures';
import type { StoredShard, StoredSteps } from './index-reader';
import type { LayoutEntry, StepLayout, StoredGroup } from './layout';

/** A part that a scan hands out, and where it lies. */
export interface PlannedPart {
  readonly step: number;
  readonly entry: LayoutEntry;
  /** Position of the step's first byte in the file. */
  readonly position: number;
}

/** Whole blocks of one shard that are read together, and the parts that lie in them. */
export interface ScanBatch {
  readonly shard: StoredShard;
  readonly parts: readonly PlannedPart[];
  readonly firstBlock: number;
  readonly lastBlock: number;
}

/** A query that may also ask for side state, by the state's names. */
export interface StoredQuery extends Omit<ScanQuery, 'parts'> {
  readonly parts: readonly StoredGroup[];
}

/** Everything of a run that a plan is made from. */
export interface ScanSource {
  readonly steps: StoredSteps;
  readonly shards: ReadonlyMap<number, StoredShard>;
  readonly layouts: ReadonlyMap<number, StepLayout>;
  /** How errors name the index. */
  readonly place: string;
}

/** Entries of a layout that a query wants, in the file's order. */
function wantedEntries(layout: StepLayout, query: StoredQuery): readonly LayoutEntry[] {
  const layers = new Set(query.layers);
  const parts: ReadonlySet<string> = new Set(query.parts);
  return layout.entries.filter(({ group, name }) => parts.has(group) && layers.has(name));
}

function* plannedParts(
  source: ScanSource,
  query: StoredQuery,
): Iterable<{ shard: StoredShard; part: PlannedPart }> {
  const { steps, shards, layouts, place } = source;
  const wanted = new Map<number, readonly LayoutEntry[]>();
  const from = Math.max(query.from ?? 0, 0);
  const to = Math.min(query.to ?? steps.table.count, steps.table.count);
  for (let step = from; step < to; step += 1) {
    const layoutId = steps.layout[step] ?? -1;
    const layout = layouts.get(layoutId);
    const shard = shards.get(steps.shard[step] ?? -1);
    const position = steps.position[step] ?? 0;
    if (!layout || !shard || position < 0 || position + layout.bytes > shard.bytes) {
      throw damaged(place, `step ${step} lies outside of its shard`);
    }
    let entries = wanted.get(layoutId);
    if (!entries) {
      entries = wantedEntries(layout, query);
      wanted.set(layoutId, entries);
    }
    for (const entry of entries) yield { shard, part: { step, entry, position } };
  }
}

/** First and last block that a part touches. */
export function blocksOf(part: PlannedPart, blockBytes: number): { first: number; last: number } {
  const { tensors } = part.entry;
  const begin = part.position + (tensors[0]?.begin ?? 0);
  const end = part.position + (tensors.at(-1)?.end ?? 0);
  const first = Math.floor(begin / blockBytes);
  return { first, last: Math.max(first, Math.ceil(end / blockBytes) - 1) };
}

/**
 * Cuts a scan into batches of about `batchBytes`, in the order of the files. Blocks in which nothing
 * is wanted are left out, so that a single layer of a large model does not cost the whole trace.
 *
 * @param whole that a step's parts are not to come in different batches, however large it is
 */
export function* planScan(
  source: ScanSource,
  query: StoredQuery,
  batchBytes: number,
  whole = false,
): Iterable<ScanBatch> {
  let current: { shard: StoredShard; parts: PlannedPart[]; first: number; last: number } | null =
    null;
  for (const { shard, part } of plannedParts(source, query)) {
    const { first, last } = blocksOf(part, shard.blockBytes);
    const most = Math.max(1, Math.floor(batchBytes / shard.blockBytes));
    const goesOn = whole && current?.parts.at(-1)?.step === part.step;
    const joins =
      current !== null &&
      current.shard === shard &&
      (goesOn ||
        (first <= current.last + 1 && Math.max(last, current.last) - current.first < most));
    if (current !== null && joins) {
      current.parts.push(part);
      current.last = Math.max(last, current.last);
    } else {
      if (current !== null) yield batchOf(current);
      current = { shard, parts: [part], first, last };
    }
  }
  if (current !== null) yield batchOf(current);
}

function batchOf(current: {
  shard: StoredShard;
  parts: PlannedPart[];
  first: number;
  last: number;
}): ScanBatch {
  const { shard, parts, first, last } = current;
  return { shard, parts, firstBlock: first, lastBlock: last };
}
