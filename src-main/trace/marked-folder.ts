import { isThere, treeOf } from './copy-tree';
import { isMissing, writingError } from './failures';
import { type FileSystem, nodeFileSystem } from './filesystem';
import { runFiles } from './run-folder';

/**
 * Folders that are here only while a run is moved. A file in them tells them from somebody else's; last
 * of all it becomes a file beside the folder, which is empty by then, so that whatever is left when a
 * move is cut off is known to be ours.
 */

/** A file in a folder where a copy comes together, and the name of `run.json` in one that goes. */
export const marks = {
  moving: `${runFiles.description}.moving`,
  moved: `${runFiles.description}.moved`,
} as const;

/** Where a mark stands in the end. */
function markBeside(folder: string): string {
  return `${folder}.gone`;
}

/** Removes a folder with all that is in it, its mark after everything else; a missing one is no error. */
export async function removeMarked(
  fileSystem: FileSystem,
  folder: string,
  mark: string,
): Promise<void> {
  if (!(await isThere(fileSystem, folder))) return;
  const { files, folders } = await treeOf(fileSystem, folder);
  for (const { name } of files) {
    if (name !== mark) await fileSystem.remove(`${folder}/${name}`);
  }
  for (const name of folders.reverse()) await fileSystem.removeFolder(`${folder}/${name}`);
  if (!files.some(({ name }) => name === mark)) return fileSystem.removeFolder(folder);
  await fileSystem.rename(`${folder}/${mark}`, markBeside(folder));
  await finish(fileSystem, folder);
}

/**
 * A name that nothing has: this one, or with a number behind it where somebody else's folder has it. What a
 * move that was cut off has left there goes.
 *
 * @throws `no-permission`, `write-failed`
 */
export async function clearedName(
  fileSystem: FileSystem,
  name: string,
  mark: string,
): Promise<string> {
  try {
    for (let number = 1; ; number++) {
      const folder = number === 1 ? name : `${name}-${number}`;
      if (await isThere(fileSystem, `${folder}/${mark}`)) {
        await removeMarked(fileSystem, folder, mark);
      }
      if (await isThere(fileSystem, markBeside(folder))) {
        // Where it has files by now, the next name is taken.
        await finish(fileSystem, folder).catch(() => undefined);
      }
      if (!(await isThere(fileSystem, folder))) return folder;
    }
  } catch (error) {
    throw writingError(error, name);
  }
}

/**
 * Removes from a folder of runs the empty folders of moves that were cut off just before their end. It is
 * no one's errand: what can't be removed stays.
 */
export async function clearEmptied(
  parent: string,
  fileSystem: FileSystem = nodeFileSystem,
): Promise<void> {
  const names = await fileSystem.list(parent).catch(() => []);
  for (const name of names) {
    const [, folder] = /^(.+\.(?:moving|moved)(?:-\d+)?)\.gone$/.exec(name) ?? [];
    if (folder) await finish(fileSystem, `${parent}/${folder}`).catch(() => undefined);
  }
}

/** The end of a removal, whoever comes to it: the empty folder goes, then the mark beside it. */
async function finish(fileSystem: FileSystem, folder: string): Promise<void> {
  const gone = (error: unknown): void => {
    if (!isMissing(error)) throw error;
  };
  // What has files in it is not the folder that was emptied; its removal fails, and the mark stays.
  await fileSystem.removeFolder(folder).catch(gone);
  await fileSystem.remove(markBeside(folder)).catch(gone);
}
