import type { NamedArray, TrainingState } from '../engine/records';
import { BlockFileWriter, type BlockPool } from './block-file';
import type { HashBlock } from './block-hash';
import { damaged, fileOfRun } from './failures';
import { checkFile } from './file-check';
import type { FileSystem } from './filesystem';
import type { StoredCheckpoint } from './index-reader';
import type { CheckpointRow } from './index-writer';
import { runFiles } from './run-folder';
import { fileChunks, readTensors } from './safetensors';

/**
 * A checkpoint is weights, optimizer state and sampler state after some steps. Training is
 * bit-deterministic, so going on from an older checkpoint and training the steps between again
 * gives the same bits: checkpoints cost far less disk than one a commit would.
 */

/** Steps' bytes between two checkpoints, as a multiple of a checkpoint's own. */
export const bytesPerCheckpoint = 4;

/** Intermediate checkpoints that are kept. */
const kept = 2;

/** A state that a training can go on from. */
export type SoundState = TrainingState & { readonly tensors: () => readonly NamedArray[] };

/** A state taken from the trainer at one moment. */
export interface TakenState {
  readonly step: number;
  readonly sampler: string;
  readonly tensors: readonly NamedArray[];
}

/**
 * Takes what a checkpoint needs, before training goes on.
 *
 * @param isLast whether recording has ended, so that nothing is carried on any longer
 */
export function takeState(state: SoundState, isLast: boolean): TakenState {
  return {
    step: state.step,
    sampler: JSON.stringify(state.sampler ?? null),
    tensors: [...state.tensors(), ...(isLast ? [] : (state.carried?.() ?? []))],
  };
}

/** Path of the checkpoint after `step` steps inside the run folder. */
export function checkpointFile(step: number): string {
  return `${runFiles.checkpoints}/${String(step).padStart(9, '0')}.safetensors`;
}

/** Writes a checkpoint and makes it durable under its name. */
export async function writeCheckpoint(
  fileSystem: FileSystem,
  folder: string,
  file: string,
  state: TakenState,
  pool: BlockPool,
  hash: HashBlock,
): Promise<CheckpointRow> {
  const path = `${folder}/${file}`;
  const writer = await BlockFileWriter.create(fileSystem, `${path}.tmp`, pool, hash);
  try {
    for (const chunk of fileChunks(state.tensors, { step: String(state.step) })) {
      await writer.append(chunk);
    }
    const record = await writer.finish();
    await fileSystem.rename(`${path}.tmp`, path);
    await fileSystem.syncFolder(`${folder}/${runFiles.checkpoints}`);
    return { file, step: state.step, sampler: state.sampler, ...record };
  } catch (error) {
    await writer.abandon();
    await fileSystem.remove(`${path}.tmp`).catch(() => undefined);
    throw error;
  }
}

/** The intermediate checkpoints that give way to a newer one; the first and the last always stay. */
export function supersededBy(
  existing: readonly { readonly file: string; readonly step: number }[],
): string[] {
  const intermediate = existing
    .filter(({ file }) => file !== runFiles.initial && file !== runFiles.final)
    .sort((one, other) => other.step - one.step);
  return intermediate.slice(kept).map(({ file }) => file);
}

/**
 * Reads a checkpoint after checking every byte of it.
 *
 * @throws DeltascopeError `trace-damaged` or `no-permission`.
 */
export async function readCheckpoint(
  fileSystem: FileSystem,
  folder: string,
  stored: StoredCheckpoint,
  hash: HashBlock,
): Promise<readonly NamedArray[]> {
  await checkFile(fileSystem, folder, stored, hash);
  return readTensors(`${folder}/${stored.file}`, fileSystem);
}

/** The sampler's state of a checkpoint. */
export function samplerOf(stored: StoredCheckpoint, folder: string): unknown {
  try {
    return JSON.parse(stored.sampler);
  } catch {
    throw damaged(fileOfRun(folder, runFiles.index), `the sampler of ${stored.file} is not JSON`);
  }
}
