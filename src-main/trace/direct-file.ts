import { constants, promises } from 'node:fs';
import { systemCode } from './failures';
import { type FileSystem, nodeFileSystem, type OpenFile, openFile } from './filesystem';

/** What positions, lengths and memory have to be multiples of, as every disk in use takes it. */
const directAlignment = 4096;

/**
 * The machine's own file system, where what is written goes to the disk without passing through the
 * system's cache of files, as far as that can be done: copying into pages of the cache takes more of
 * the processor than all else that recording does, and pushes out what others have there.
 */
export const directFileSystem: FileSystem = { ...nodeFileSystem, create: createDirect };

/**
 * Block buffers that may be written directly: memory of WebAssembly is the one that begins at a page.
 *
 * @param bytes of a buffer
 */
export function alignedBuffers(count: number, bytes: number): Buffer[] {
  const pages = Math.ceil((count * bytes) / wasmPage);
  const { buffer } = new WebAssembly.Memory({ initial: pages, maximum: pages });
  return Array.from({ length: count }, (_, i) => Buffer.from(buffer, i * bytes, bytes));
}

const wasmPage = 65536;

async function createDirect(path: string): Promise<OpenFile> {
  const handle = await promises.open(path, 'w');
  const cached = openFile(handle);
  let direct = await openDirect(path).catch(async (error) => {
    await handle.close();
    throw error;
  });
  const write = async (bytes: Uint8Array, position: number): Promise<number> => {
    if (direct && isAligned(bytes, position)) {
      try {
        return await direct.write(bytes, position);
      } catch (error) {
        // The disk wants larger multiples; nothing has been written then.
        if (systemCode(error) !== 'EINVAL') throw error;
        const refused = direct;
        direct = null;
        await refused.close();
      }
    }
    return cached.write(bytes, position);
  };
  const close = async (): Promise<void> => {
    try {
      await direct?.close();
    } finally {
      await cached.close();
    }
  };
  return { ...cached, write, close };
}

/** The file opened a second time, past the cache; null where this system can't do that. */
async function openDirect(path: string): Promise<OpenFile | null> {
  if (constants.O_DIRECT === undefined) return null;
  try {
    return openFile(await promises.open(path, constants.O_WRONLY | constants.O_DIRECT));
  } catch (error) {
    if (systemCode(error) === 'EINVAL') return null;
    throw error;
  }
}

function isAligned({ byteOffset, byteLength }: Uint8Array, position: number): boolean {
  return [byteOffset, byteLength, position].every((each) => each % directAlignment === 0);
}
