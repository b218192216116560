import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runFiles } from './run-folder';

const bufferBytes = 16 * 1024 * 1024;

/** Reads every byte of a run's shards and does nothing with it; gives their number. */
export async function readStored(folder: string): Promise<number> {
  const shards = join(folder, runFiles.shards);
  const buffer = new Uint8Array(bufferBytes);
  let bytes = 0;
  for (const name of (await readdir(shards)).sort()) {
    const file = await open(join(shards, name), 'r');
    try {
      for (let position = 0; ; ) {
        const { bytesRead } = await file.read(buffer, 0, bufferBytes, position);
        if (bytesRead === 0) break;
        position += bytesRead;
        bytes += bytesRead;
      }
    } finally {
      await file.close();
    }
  }
  return bytes;
}
