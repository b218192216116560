import { sizeOf } from '../../src-shared/model/resolved';
import type { ByteSource } from './byte-source';
import { corrupt } from './failures';

/** Element types that are read, by NumPy's names without the byte order. */
const elementTypes = {
  u1: Uint8Array,
  i1: Int8Array,
  u2: Uint16Array,
  i2: Int16Array,
  u4: Uint32Array,
  i4: Int32Array,
  u8: BigUint64Array,
  i8: BigInt64Array,
  f4: Float32Array,
  f8: Float64Array,
} as const;

type ElementType = keyof typeof elementTypes;

/** An array as a .npy file holds it, in C order. */
export interface NpyArray {
  /** `u1`, `i8`, `f4` … */
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly values: InstanceType<(typeof elementTypes)[ElementType]>;
}

const largestHeader = 65_536;
const mostDimensions = 8;

/**
 * Reads a .npy array (format 1 to 3) of integers or floats, little-endian and in C order.
 *
 * @throws `data-corrupt` naming file, offset and rule: object and structured arrays, other types,
 *   Fortran order, sizes that the file can't hold (checked before anything is allocated)
 */
export async function readNpy(source: ByteSource): Promise<NpyArray> {
  const { type, shape } = await readNpyHeader(source);
  const Elements = elementTypes[type];
  const count = sizeOf(shape);
  const what = `an array of ${shape.join(' × ') || 1} (${type})`;
  const bytes = source.allocate(count * Elements.BYTES_PER_ELEMENT, what);
  await source.fill(bytes, what);
  await source.expectEnd(what);
  return { type, shape, values: new Elements(bytes.buffer) };
}

/** Type and shape of an array; the source then stands where its numbers begin. */
export async function readNpyHeader(source: ByteSource): Promise<Pick<NpyArray, 'type' | 'shape'>> {
  const file = source.file;
  const magic = await source.read(8, 'the header');
  if (Buffer.from(magic.subarray(0, 6)).toString('latin1') !== '\x93NUMPY') {
    throw corrupt({ file, offset: 0 }, "an array starts with '\\x93NUMPY'; this does not.");
  }
  const version = magic[6] as number;
  if (version < 1 || version > 3 || magic[7] !== 0) {
    throw corrupt(
      { file, offset: 6 },
      `the format ${version}.${magic[7]} is not known (1.0 to 3.0 are).`,
    );
  }
  const lengthBytes = Buffer.from(await source.read(version === 1 ? 2 : 4, 'the header'));
  const headerLength = version === 1 ? lengthBytes.readUInt16LE() : lengthBytes.readUInt32LE();
  if (headerLength > largestHeader) {
    throw corrupt(
      { file, offset: 8 },
      `the header claims ${headerLength} bytes; at most 65536 are read.`,
    );
  }
  const headerPlace = source.place;
  const header = Buffer.from(await source.read(headerLength, 'the header')).toString('latin1');
  return parseHeader(header, headerPlace);
}

/** NumPy writes its header as a Python dictionary of exactly three entries. */
function parseHeader(
  header: string,
  place: { file: string; offset: number },
): { type: ElementType; shape: readonly number[] } {
  const descr = /'descr'\s*:\s*(?:'([^']*)'|(\[))/.exec(header);
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(header);
  const shapeText = /'shape'\s*:\s*\(([\d,\sL]*)\)/.exec(header)?.[1];
  if (!/^\s*\{.*\}\s*$/s.test(header) || !descr || !order || shapeText === undefined) {
    throw corrupt(place, 'the header lacks descr, fortran_order or shape.');
  }
  const type = elementType(descr[1], place);
  const shape = (shapeText.match(/\d+/g) ?? []).map(Number);
  if (shape.length > mostDimensions || !shape.every(Number.isSafeInteger)) {
    throw corrupt(place, `the shape (${shapeText.slice(0, 80)}) is not supported.`);
  }
  if (order[1] === 'True' && shape.length > 1) {
    throw corrupt(place, 'the array is in Fortran order; save numpy.ascontiguousarray(…) of it.');
  }
  return { type, shape };
}

function elementType(
  descr: string | undefined,
  place: { file: string; offset: number },
): ElementType {
  if (descr === undefined) throw corrupt(place, 'structured arrays are not supported.');
  const order = descr[0] ?? ' ';
  const type = descr.slice(1);
  if (type.startsWith('O')) {
    throw corrupt(place, 'arrays of Python objects are not read: they could run code.');
  }
  if (!'<>|'.includes(order) || !Object.hasOwn(elementTypes, type)) {
    throw corrupt(
      place,
      `the element type '${descr.slice(0, 20)}' is not supported; use uint8, float32, float64 or integers.`,
    );
  }
  if (order === '>') {
    throw corrupt(place, `the byte order is big-endian; save x.astype('<${type}') instead.`);
  }
  return type as ElementType;
}
