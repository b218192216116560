import { DeltascopeError } from '../../src-shared/errors';
import { bytesInWords, isDenied, isDiskFull, writingError } from './failures';

/** Where a recording stood when writing failed. */
export interface RecordingPlace {
  readonly folder: string;
  /** The step that was being recorded. */
  readonly step: number;
  readonly committedSteps: number;
  /** Bytes the rest of the recording will take, or at least the next commit. */
  readonly bytesNeeded: number;
}

function savedSteps(committed: number): string {
  if (committed === 0) return 'No step is saved yet.';
  return `Steps to ${committed} are saved.`;
}

/** An error of the writer as one clear message that says what is safe and how to go on. */
export function recordingError(error: unknown, place: RecordingPlace): DeltascopeError {
  const isFull =
    isDiskFull(error) || (error instanceof DeltascopeError && error.code === 'disk-full');
  if (error instanceof DeltascopeError && !isFull) return error;
  const saved = savedSteps(place.committedSteps);
  const cause = { cause: error };
  if (isFull) {
    const message = `Recording paused: the disk is full at step ${place.step}. ${saved} Free ${bytesInWords(place.bytesNeeded)} and continue with Resume or the same command, or move the run to another disk.`;
    return new DeltascopeError('disk-full', 'trace', message, cause);
  }
  if (isDenied(error)) {
    const message = `Recording stopped: there is no permission to write in ${place.folder}. ${saved} Change its permissions and continue with the same command.`;
    return new DeltascopeError('no-permission', 'trace', message, cause);
  }
  const known = writingError(error, place.folder);
  const reason = error instanceof Error ? error.message : String(error);
  const message = `Recording stopped: ${place.folder} could not be written at step ${place.step} (${reason}). ${saved} Check the disk and continue with the same command.`;
  return new DeltascopeError(known.code, 'trace', message, cause);
}
