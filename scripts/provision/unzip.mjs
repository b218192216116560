// @ts-check
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, mkdir, open } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';
import { SetUpError } from './say.mjs';

/**
 * @typedef {object} ZipEntry
 * @property {string} name
 * @property {number} method 0 stored, 8 deflated
 * @property {number} packed bytes in the archive
 * @property {number} mode Unix permission bits, 0 where the archive has none
 * @property {number} headerAt
 */

const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const END_BYTES = 22;
const LONGEST_COMMENT = 0xffff;

/**
 * Unpacks chosen files of a zip archive (a Python wheel is one), as a stream, so that a library of
 * 600 MB never lies in memory. Zip64 is refused: no archive that is fetched here needs it.
 *
 * @param {string} archive
 * @param {(name: string) => string | undefined} place path below `folder`, undefined to leave it out
 * @param {string} folder
 * @returns {Promise<number>} how many files were written
 */
export async function unzip(archive, place, folder) {
  let written = 0;
  for (const entry of await listEntries(archive)) {
    if (entry.name.endsWith('/')) continue;
    const path = place(entry.name);
    if (path === undefined) continue;
    if (path.startsWith('/') || normalize(path).startsWith('..')) {
      throw new SetUpError(`${archive} holds a file outside its own folder: ${entry.name}`);
    }
    await unpackEntry(archive, entry, join(folder, path));
    written += 1;
  }
  return written;
}

/** @param {string} archive @returns {Promise<ZipEntry[]>} */
async function listEntries(archive) {
  const file = await open(archive);
  try {
    const { size } = await file.stat();
    const tail = Buffer.alloc(Math.min(size, END_BYTES + LONGEST_COMMENT));
    await file.read(tail, 0, tail.length, size - tail.length);
    let end = tail.length - END_BYTES;
    while (end >= 0 && tail.readUInt32LE(end) !== END_SIGNATURE) end -= 1;
    if (end < 0) throw new SetUpError(`${archive} is not a complete zip archive`);
    const count = tail.readUInt16LE(end + 10);
    const bytes = tail.readUInt32LE(end + 12);
    const start = tail.readUInt32LE(end + 16);
    if (start === 0xffffffff || count === 0xffff) {
      throw new SetUpError(`${archive} is a Zip64 archive, which is not supported`);
    }
    const directory = Buffer.alloc(bytes);
    await file.read(directory, 0, bytes, start);
    return parseDirectory(directory, count, archive);
  } finally {
    await file.close();
  }
}

/** @param {Buffer} directory @param {number} count @param {string} archive @returns {ZipEntry[]} */
function parseDirectory(directory, count, archive) {
  const entries = [];
  let at = 0;
  for (let i = 0; i < count; i += 1) {
    if (directory.readUInt32LE(at) !== ENTRY_SIGNATURE) {
      throw new SetUpError(`${archive} has a damaged directory`);
    }
    const nameBytes = directory.readUInt16LE(at + 28);
    entries.push({
      name: directory.toString('utf8', at + 46, at + 46 + nameBytes),
      method: directory.readUInt16LE(at + 10),
      packed: directory.readUInt32LE(at + 20),
      mode: (directory.readUInt32LE(at + 38) >>> 16) & 0o777,
      headerAt: directory.readUInt32LE(at + 42),
    });
    at += 46 + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return entries;
}

/** @param {string} archive @param {ZipEntry} entry @param {string} target */
async function unpackEntry(archive, entry, target) {
  const header = Buffer.alloc(30);
  const file = await open(archive);
  try {
    await file.read(header, 0, header.length, entry.headerAt);
  } finally {
    await file.close();
  }
  const start = entry.headerAt + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  await mkdir(dirname(target), { recursive: true });
  const sink = createWriteStream(target);
  if (entry.packed === 0) {
    await pipeline([Buffer.alloc(0)], sink);
  } else {
    const source = createReadStream(archive, {
      start,
      end: start + entry.packed - 1,
      highWaterMark: 1 << 20,
    });
    if (entry.method === 8) await pipeline(source, createInflateRaw({ chunkSize: 1 << 20 }), sink);
    else if (entry.method === 0) await pipeline(source, sink);
    else throw new SetUpError(`${archive} packs ${entry.name} in an unknown way (${entry.method})`);
  }
  if (entry.mode !== 0) await chmod(target, entry.mode);
}
