import { stat } from 'node:fs/promises';
import { extname, join } from 'node:path';

/** What a path that was dropped on the window is, as far as its name and its files tell. */
export async function droppedKind(path: string): Promise<'run' | 'recipe' | 'data'> {
  if (await isFile(join(path, 'run.json'))) return 'run';
  return extname(path).toLowerCase() === '.json' ? 'recipe' : 'data';
}

function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
