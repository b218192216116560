import { open, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';

/** What a release says of itself, near its beginning. */
const releaseMark = /"format"\s*:\s*"deltascope-release"/;
const beginningBytes = 4096;

const pictures = new Set(['.png', '.jpg', '.jpeg', '.webp']);

/** What a path that was dropped on the window is, as far as its name and its files tell. */
export async function droppedKind(
  path: string,
): Promise<'run' | 'release' | 'recipe' | 'picture' | 'data'> {
  if (await isFile(join(path, 'run.json'))) return 'run';
  const ending = extname(path).toLowerCase();
  if (pictures.has(ending) && (await isFile(path))) return 'picture';
  if (ending !== '.json') return 'data';
  return releaseMark.test(await beginningOf(path)) ? 'release' : 'recipe';
}

async function beginningOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(beginningBytes));
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
