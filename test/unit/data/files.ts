import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { afterAll, expect } from 'vitest';
import { DeltascopeError } from '../../../src-shared/errors';

/** Small files in the formats that data comes in, whole or broken on purpose. */

const folder = mkdtempSync(join(tmpdir(), 'deltascope-data-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let made = 0;

/** A folder of its own. */
export function newFolder(): string {
  return mkdtempSync(join(folder, 'f-'));
}

/** Writes bytes into a new file; its path. */
export function fileOf(bytes: Uint8Array, name = 'data.npz'): string {
  const path = join(folder, `${made++}-${name}`);
  writeFileSync(path, bytes);
  return path;
}

/** The error that `action` fails with: always one of ours. */
export async function failureOf(action: () => Promise<unknown>): Promise<DeltascopeError> {
  const outcome = await action().then(
    () => null,
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(DeltascopeError);
  return outcome as DeltascopeError;
}

export function idx(sizes: readonly number[], values: readonly number[]): Buffer {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header[2] = 8;
  header[3] = sizes.length;
  for (const [axis, size] of sizes.entries()) header.writeUInt32BE(size, 4 + 4 * axis);
  return Buffer.concat([header, Uint8Array.from(values)]);
}

/** A .npy file with any header, as NumPy pads it. */
export function npy(header: string, data: Uint8Array, version: 1 | 2 | 3 = 1): Buffer {
  const lengthBytes = version === 1 ? 2 : 4;
  const filled = header.padEnd(
    Math.ceil((9 + lengthBytes + header.length) / 64) * 64 - 9 - lengthBytes,
  );
  const length = Buffer.alloc(lengthBytes);
  length.writeUIntLE(filled.length + 1, 0, lengthBytes);
  const magic = Buffer.from(`\x93NUMPY${String.fromCharCode(version)}\x00`, 'latin1');
  return Buffer.concat([magic, length, Buffer.from(`${filled}\n`, 'latin1'), data]);
}

type Values = Uint8Array | Int32Array | Float32Array | Float64Array | BigInt64Array;

/** A .npy file of an array. */
export function array(descr: string, shape: readonly number[], values: Values): Buffer {
  const sides = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${sides}), }`;
  return npy(header, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}

export interface Member {
  readonly name: string;
  readonly data: Uint8Array;
  readonly packed?: boolean;
  /** What the directory claims in place of the truth. */
  readonly claims?: {
    crc?: number;
    size?: number;
    packed?: number;
    method?: number;
    flags?: number;
  };
}

/** A zip archive. */
export function zip(members: readonly Member[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, data, packed, claims } of members) {
    const body = packed ? deflateRawSync(data) : data;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(claims?.flags ?? 0, 8);
    entry.writeUInt16LE(claims?.method ?? (packed ? 8 : 0), 10);
    entry.writeUInt32LE(claims?.crc ?? crc32(data), 16);
    entry.writeUInt32LE(claims?.packed ?? body.length, 20);
    entry.writeUInt32LE(claims?.size ?? data.length, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(offset, 42);
    directory.push(entry, Buffer.from(name));
    parts.push(local, Buffer.from(name), Buffer.from(body));
    offset += 30 + name.length + body.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, ...directory, end]);
}

/** The members of a small, sound data set: 3 + 2 pictures of 2 × 2, two classes. */
export function soundMembers(): Member[] {
  const pixels = (count: number) => Uint8Array.from({ length: 4 * count }, (_, i) => i * 10);
  return [
    { name: 'x_train.npy', data: array('|u1', [3, 2, 2], pixels(3)), packed: true },
    { name: 'y_train.npy', data: array('<i8', [3], BigInt64Array.from([0n, 1n, 0n])) },
    { name: 'x_test.npy', data: array('|u1', [2, 2, 2], pixels(2)) },
    { name: 'y_test.npy', data: array('|u1', [2], Uint8Array.from([1, 0])), packed: true },
  ];
}

/** The sound data set with one member replaced. */
export function soundBut(name: string, change: Partial<Member>): Buffer {
  return zip(
    soundMembers().map((member) => (member.name === name ? { ...member, ...change } : member)),
  );
}
