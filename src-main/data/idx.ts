import { sizeOf } from '../../src-shared/model/resolved';
import { ByteSource, type ByteWatch, wholeFile } from './byte-source';
import { corrupt } from './failures';

/** An array of bytes as IDX files hold it. */
export interface IdxArray {
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** The only element type that image data sets of this format use. */
const unsignedByte = 0x08;

/**
 * Reads an IDX file of unsigned bytes (LeCun's format: two zero bytes, element type, number of
 * dimensions, big-endian sizes, values), packed by gzip or not.
 *
 * @param file how errors name it
 * @param dimensions how many the array must have
 * @param watch sees every byte once
 * @throws `data-corrupt` naming file, offset and rule; sizes are checked against the file's length
 *   before anything is allocated
 */
export async function readIdx(
  path: string,
  file: string,
  dimensions: number,
  watch?: ByteWatch,
): Promise<IdxArray> {
  const source = new ByteSource(await wholeFile(path, file), watch);
  try {
    const magic = await source.read(4, 'the header');
    if (magic[0] !== 0 || magic[1] !== 0) {
      throw corrupt({ file, offset: 0 }, 'an IDX file starts with two zero bytes; this is none.');
    }
    if (magic[2] !== unsignedByte) {
      throw corrupt(
        { file, offset: 2 },
        `the element type is 0x${hex(magic[2])}; only 0x08 (unsigned bytes) is supported.`,
      );
    }
    if (magic[3] !== dimensions) {
      throw corrupt(
        { file, offset: 3 },
        `the array has ${magic[3]} dimensions, but ${dimensions} are needed here.`,
      );
    }
    const header = await source.read(4 * dimensions, 'the header');
    const view = new DataView(header.buffer, header.byteOffset);
    const shape = Array.from({ length: dimensions }, (_, axis) => view.getUint32(4 * axis));
    const empty = shape.indexOf(0);
    if (empty >= 0) {
      throw corrupt({ file, offset: 4 + 4 * empty }, `the size of dimension ${empty + 1} is 0.`);
    }
    const size = sizeOf(shape);
    const what = `an array of ${shape.join(' × ')} bytes`;
    const bytes = source.allocate(size, what);
    await source.fill(bytes, what);
    await source.expectEnd(what);
    return { shape, bytes };
  } finally {
    await source.close();
  }
}

function hex(byte: number | undefined): string {
  return (byte ?? 0).toString(16).padStart(2, '0');
}
