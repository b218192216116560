import { type FileHandle, open } from 'node:fs/promises';
import type { Stretch } from './byte-source';
import { corrupt, readingFailure } from './failures';

/** A member of a zip archive; `name` is only ever compared, never used as a path. */
export interface ZipMember extends Stretch {
  readonly name: string;
  readonly crc32: number;
  /** Bytes after unpacking, as the directory claims. */
  readonly size: number;
}

const endSignature = 0x06054b50;
const directorySignature = 0x02014b50;
const memberSignature = 0x04034b50;
/** The end record may be followed by a comment of up to 64 KiB. */
const endSearch = 22 + 0xffff;
const largestDirectory = 2 ** 20;
const mostMembers = 4096;

/**
 * The members of a zip archive, by its central directory; nothing is unpacked.
 *
 * @param file how errors name it
 * @throws `data-corrupt` naming file, offset and rule: no archive, damaged directory, several disks,
 *   encryption, other packing than stored and deflate, repeated names, members outside the file
 */
export async function readZipDirectory(path: string, file: string): Promise<ZipMember[]> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    return await readDirectory(handle, path, file);
  } catch (error) {
    throw readingFailure(error, file);
  } finally {
    await handle?.close();
  }
}

async function readDirectory(handle: FileHandle, path: string, file: string): Promise<ZipMember[]> {
  const { size: fileSize } = await handle.stat();
  const end = await findEnd(handle, fileSize, file);
  const count = end.record.getUint16(10, true);
  const length = end.record.getUint32(12, true);
  const start = end.record.getUint32(16, true);
  if (count === 0xffff || length === 0xffffffff || start === 0xffffffff) {
    throw corrupt(
      { file, offset: end.offset },
      'zip64 archives (4 GB and more) are not supported.',
    );
  }
  if (end.record.getUint16(8, true) !== count || end.record.getUint16(4, true) !== 0) {
    throw corrupt({ file, offset: end.offset }, 'archives in several parts are not supported.');
  }
  if (count > mostMembers) {
    throw corrupt({ file, offset: end.offset }, `it has ${count} members; at most 4096 are read.`);
  }
  if (start + length > end.offset || length > largestDirectory) {
    throw corrupt({ file, offset: end.offset }, 'the directory lies outside of the file.');
  }
  const directory = await readAt(handle, start, length, file);
  const members: ZipMember[] = [];
  let offset = 0;
  for (let i = 0; i < count; i++) {
    const entry = parseEntry(directory, offset, { file, start });
    offset = entry.next;
    if (members.some((member) => member.name === entry.name)) {
      throw corrupt(
        { file, offset: start + offset },
        `it has two members named '${shown(entry.name)}'.`,
      );
    }
    const dataStart = await findData(handle, entry, start, file);
    const { name, crc32, size, packed: length, packing } = entry;
    const label = `${file} (${shown(name)})`;
    members.push({ path, file: label, name, crc32, size, length, packing, start: dataStart });
  }
  return members;
}

async function findEnd(
  handle: FileHandle,
  fileSize: number,
  file: string,
): Promise<{ record: DataView; offset: number }> {
  const length = Math.min(fileSize, endSearch);
  const tail = await readAt(handle, fileSize - length, length, file);
  for (let at = length - 22; at >= 0; at--) {
    if (tail.getUint32(at, true) !== endSignature) continue;
    if (at + 22 + tail.getUint16(at + 20, true) !== length) continue;
    return { record: new DataView(tail.buffer, at, 22), offset: fileSize - length + at };
  }
  throw corrupt({ file, offset: fileSize }, 'this is no whole NPZ (zip) file: its end is missing.');
}

interface Entry {
  readonly name: string;
  readonly crc32: number;
  readonly size: number;
  readonly packed: number;
  readonly packing: 'stored' | 'deflate';
  readonly header: number;
  readonly next: number;
}

function parseEntry(
  directory: DataView,
  offset: number,
  { file, start }: { file: string; start: number },
): Entry {
  const place = { file, offset: start + offset };
  if (
    offset + 46 > directory.byteLength ||
    directory.getUint32(offset, true) !== directorySignature
  ) {
    throw corrupt(place, 'the directory of the archive is damaged.');
  }
  const nameLength = directory.getUint16(offset + 28, true);
  const next =
    offset +
    46 +
    nameLength +
    directory.getUint16(offset + 30, true) +
    directory.getUint16(offset + 32, true);
  if (next > directory.byteLength) throw corrupt(place, 'the directory of the archive is damaged.');
  const name = Buffer.from(
    directory.buffer,
    directory.byteOffset + offset + 46,
    nameLength,
  ).toString();
  if (directory.getUint16(offset + 8, true) & 1) {
    throw corrupt(place, `the member '${shown(name)}' is encrypted, which is not supported.`);
  }
  const method = directory.getUint16(offset + 10, true);
  if (method !== 0 && method !== 8) {
    throw corrupt(
      place,
      `the member '${shown(name)}' is packed by method ${method}; only stored (0) and deflate (8) are supported.`,
    );
  }
  const packed = directory.getUint32(offset + 20, true);
  const size = directory.getUint32(offset + 24, true);
  const header = directory.getUint32(offset + 42, true);
  if (packed === 0xffffffff || size === 0xffffffff || header === 0xffffffff) {
    throw corrupt(place, `the member '${shown(name)}' is of 4 GB or more, which is not supported.`);
  }
  if (method === 0 && packed !== size) {
    throw corrupt(place, `the member '${shown(name)}' is stored, but its two sizes differ.`);
  }
  const crc32 = directory.getUint32(offset + 16, true);
  const packing = method === 0 ? 'stored' : 'deflate';
  return { name, crc32, size, packed, packing, header, next };
}

/** Where a member's bytes start: behind its own header, whose sizes are not to be relied on. */
async function findData(
  handle: FileHandle,
  entry: Entry,
  directoryStart: number,
  file: string,
): Promise<number> {
  const place = { file, offset: entry.header };
  if (entry.header + 30 > directoryStart) {
    throw corrupt(place, `the member '${shown(entry.name)}' lies outside of the file.`);
  }
  const header = await readAt(handle, entry.header, 30, file);
  if (header.getUint32(0, true) !== memberSignature) {
    throw corrupt(place, `the member '${shown(entry.name)}' does not start here.`);
  }
  const start = entry.header + 30 + header.getUint16(26, true) + header.getUint16(28, true);
  if (start + entry.packed > directoryStart) {
    throw corrupt(place, `the member '${shown(entry.name)}' reaches beyond the end of the data.`);
  }
  return start;
}

async function readAt(
  handle: FileHandle,
  position: number,
  length: number,
  file: string,
): Promise<DataView> {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(bytes, done, length - done, position + done);
    if (bytesRead === 0) throw corrupt({ file, offset: position + done }, 'the file ends here.');
    done += bytesRead;
  }
  return new DataView(bytes.buffer);
}

/** A name from a file, fit to stand in a message. */
function shown(name: string): string {
  return name.slice(0, 60).replace(/[^\x20-\x7e]/g, '?');
}
