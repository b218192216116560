import { throwIfCancelled } from '../../src-shared/errors';
import type { LocatedPart } from '../engine/records';
import { damaged, fileOfRun, readingError } from './failures';
import { blockLength, checkBlock, checkLength } from './file-check';
import { type OpenFile, readFully } from './filesystem';
import type { ScanFiles } from './scan';
import type { PlannedPart, ScanBatch } from './scan-plan';
import { verifiedBlocks } from './verified-blocks';

/** An open shard, and which of its blocks have been checked. */
interface OpenShard {
  readonly shard: number;
  readonly handle: OpenFile;
  readonly checked: Uint8Array;
}

/**
 * Tells where the parts of a plan lie, batch by batch, each batch's blocks checked and its file open
 * until the next one is asked for.
 *
 * @throws DeltascopeError `trace-damaged` before anything of a damaged block is handed on,
 * `no-permission`, or `cancelled`.
 */
export async function* locateParts(
  plan: Iterable<ScanBatch>,
  files: Omit<ScanFiles, 'buffer'>,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly LocatedPart[]> {
  let open: OpenShard | null = null;
  try {
    for (const batch of plan) {
      throwIfCancelled(signal, 'trace');
      const place = fileOfRun(files.folder, batch.shard.file);
      let located: LocatedPart[];
      try {
        if (open?.shard !== batch.shard.shard) {
          await open?.handle.close();
          open = null;
          open = await openShard(batch, files);
        }
        await checkBlocks(batch, open, files, place, signal);
        const { descriptor } = open.handle;
        if (descriptor === undefined) throw damaged(place, 'it has no descriptor');
        located = batch.parts.flatMap((part) => locatedPart(part, descriptor));
      } catch (error) {
        throw readingError(error, place);
      }
      yield located;
    }
  } finally {
    await open?.handle.close().catch(() => undefined);
  }
}

async function openShard(
  { shard }: ScanBatch,
  { fileSystem, folder, hash }: Omit<ScanFiles, 'buffer'>,
): Promise<OpenShard> {
  const status = await checkLength(fileSystem, folder, shard);
  const handle = await fileSystem.openForReading(`${folder}/${shard.file}`);
  return { shard: shard.shard, handle, checked: verifiedBlocks(shard, status, hash) };
}

async function checkBlocks(
  { shard, firstBlock, lastBlock }: ScanBatch,
  { handle, checked }: OpenShard,
  { hash }: Pick<ScanFiles, 'hash'>,
  place: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  let room: Uint8Array | null = null;
  for (let block = firstBlock; block <= lastBlock; block += 1) {
    if (checked[block] === 1) continue;
    throwIfCancelled(signal, 'trace');
    room ??= new Uint8Array(shard.blockBytes);
    const target = room.subarray(0, blockLength(shard, block));
    const read = await readFully(handle, target, block * shard.blockBytes);
    checkBlock(shard, block, target.subarray(0, read), hash, place);
    checked[block] = 1;
  }
}

/** A part's place in its file; nothing of side state. */
function locatedPart({ step, entry, position }: PlannedPart, file: number): LocatedPart[] {
  const { group, name, shape, codec, block = 0 } = entry;
  if (group === 'side') return [];
  const [values, scales] = entry.tensors;
  const place = {
    values: position + (values?.begin ?? 0),
    scales: position + (scales?.begin ?? 0),
  };
  return [{ step, layer: name, part: group, shape, codec, block, file, ...place }];
}
