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
 * Tells where the parts of a plan lie, as many batches at a time as make up `windowBytes`, each batch's
 * blocks checked and the files open until the next window is asked for.
 *
 * @throws DeltascopeError `trace-damaged` before anything of a damaged block is handed on,
 * `no-permission`, or `cancelled`.
 */
export async function* locateParts(
  plan: Iterable<ScanBatch>,
  files: Omit<ScanFiles, 'buffer'>,
  windowBytes: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly LocatedPart[]> {
  const open: OpenShard[] = [];
  let located: LocatedPart[] = [];
  let bytes = 0;
  try {
    for (const batch of plan) {
      throwIfCancelled(signal, 'trace');
      const { shard, firstBlock, lastBlock } = batch;
      const more = (lastBlock - firstBlock + 1) * shard.blockBytes;
      if (bytes > 0 && bytes + more > windowBytes) {
        yield located;
        // What comes next may lie in the last of the files too.
        await closeAll(open.splice(0, open.length - 1));
        located = [];
        bytes = 0;
      }
      bytes += more;
      const place = fileOfRun(files.folder, shard.file);
      try {
        if (open.at(-1)?.shard !== shard.shard) open.push(await openShard(batch, files));
        const current = open.at(-1) as OpenShard;
        await checkBlocks(batch, current, files, place, signal);
        const { descriptor } = current.handle;
        if (descriptor === undefined) throw damaged(place, 'it has no descriptor');
        for (const part of batch.parts) located.push(...locatedPart(part, descriptor));
      } catch (error) {
        throw readingError(error, place);
      }
    }
    if (located.length > 0) yield located;
  } finally {
    await closeAll(open);
  }
}

async function closeAll(shards: readonly OpenShard[]): Promise<void> {
  for (const { handle } of shards) await handle.close().catch(() => undefined);
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
