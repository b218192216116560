import { dirname, resolve } from 'node:path';
import { DeltascopeError } from '../../src-shared/errors';
import { isMissing, systemCode, writingError } from './failures';
import type { FileSystem } from './filesystem';
import { openIndexForReading } from './index-database';
import { readProgress } from './index-reader';
import { runFiles } from './run-folder';

/** What a creation that was cut off may have left: everything but run.json, which comes last. */
const leftovers =
  /^(index\.sqlite(-wal|-shm|-journal)?|lock\.sqlite|shards|checkpoints|run\.json\.tmp)$/;

async function entriesOf(fileSystem: FileSystem, folder: string): Promise<string[]> {
  try {
    return await fileSystem.list(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOTDIR') {
      const message = `${folder} can't be a folder: a file has that name, or the name of one above it; choose another folder.`;
      throw new DeltascopeError('request-invalid', 'trace', message);
    }
    if (isMissing(error)) return [];
    throw writingError(error, folder);
  }
}

/**
 * Refuses a folder that holds something else than the beginnings of a run.
 *
 * @throws DeltascopeError `request-invalid` or `no-permission`.
 */
export async function checkNewFolder(fileSystem: FileSystem, folder: string): Promise<void> {
  const entries = await entriesOf(fileSystem, folder);
  if (entries.includes(runFiles.description)) {
    const message = `${folder} already holds a run; continue it, or choose another folder.`;
    throw new DeltascopeError('request-invalid', 'trace', message);
  }
  const foreign = entries.find((name) => !leftovers.test(name));
  if (foreign !== undefined) {
    const message = `${folder} is not empty: it holds "${foreign}"; choose an empty folder for a new run.`;
    throw new DeltascopeError('request-invalid', 'trace', message);
  }
}

/** Makes the folders of a run and clears what a creation that was cut off has left. Needs the lock. */
export async function prepareFolder(fileSystem: FileSystem, folder: string): Promise<void> {
  const entries = await entriesOf(fileSystem, folder);
  if (entries.includes(runFiles.index) && holdsSteps(folder)) {
    const message = `${folder} holds recorded steps but no run.json; put it back, or choose another folder.`;
    throw new DeltascopeError('trace-damaged', 'trace', message);
  }
  try {
    for (const name of entries.filter((entry) => entry.startsWith(runFiles.index))) {
      await fileSystem.remove(`${folder}/${name}`);
    }
    await fileSystem.makeFolder(`${folder}/${runFiles.shards}`);
    await fileSystem.makeFolder(`${folder}/${runFiles.checkpoints}`);
    await fileSystem.syncFolder(folder);
    await fileSystem.syncFolder(dirname(resolve(folder)));
  } catch (error) {
    throw writingError(error, folder);
  }
}

function holdsSteps(folder: string): boolean {
  try {
    const database = openIndexForReading(folder);
    try {
      return readProgress(database).steps > 0;
    } finally {
      database.close();
    }
  } catch {
    return false;
  }
}
