import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { crc32 } from 'node:zlib';
import { ByteSource, type ByteWatch } from './byte-source';
import type { RawExamples } from './data-set';
import { corrupt, missing, readingFailure } from './failures';
import { type NpyArray, readNpy } from './npy';
import { readZipDirectory, type ZipMember } from './zip';

/** More classes than this are a column of numbers taken for labels. */
const mostClasses = 65_536;

/** What an .npz of examples holds. */
export interface NpzExamples {
  readonly train: RawExamples;
  readonly test: RawExamples;
  /** One more than the largest label. */
  readonly classes: number;
}

/**
 * Reads `x_train`, `y_train`, `x_test` and `y_test` from an .npz: images uint8 [n, h, w(, c)], or
 * float32/float64 [n, features], [n, h, w] or [n, h, w, c] as they are; labels integers [n].
 *
 * @param watch sees every unpacked byte that is read
 * @throws `data-missing` where there is no file, `data-corrupt` naming file, offset and rule
 */
export async function readNpz(path: string, watch?: ByteWatch): Promise<NpzExamples> {
  const file = basename(path);
  await checkFile(path);
  const members = await readZipDirectory(path, file);
  const train = await readSplit(members, 'train', file, watch);
  const test = await readSplit(members, 'test', file, watch);
  if (train.shape.join() !== test.shape.join()) {
    throw corrupt(
      { file, offset: 0 },
      `examples are [${train.shape.join(', ')}] in x_train, but [${test.shape.join(', ')}] in x_test.`,
    );
  }
  if (train.values.constructor !== test.values.constructor) {
    throw corrupt({ file, offset: 0 }, 'x_train and x_test must both be uint8 or both be floats.');
  }
  let classes = 0;
  for (const { labels } of [train, test]) {
    for (const label of labels) classes = Math.max(classes, label + 1);
  }
  return { train, test, classes };
}

async function checkFile(path: string): Promise<void> {
  try {
    const status = await stat(path);
    if (!status.isFile()) throw missing(`${path} is not a file; give the path of an .npz.`);
  } catch (error) {
    throw readingFailure(error, path);
  }
}

async function readSplit(
  members: readonly ZipMember[],
  split: 'train' | 'test',
  file: string,
  watch: ByteWatch | undefined,
): Promise<RawExamples> {
  const y = memberNamed(members, `y_${split}`, file);
  const labels = labelsFrom(await readArray(y, watch), y.file);
  const x = memberNamed(members, `x_${split}`, file);
  const { shape, values } = valuesFrom(await readArray(x, watch), x.file, labels.length);
  return { shape, values, labels };
}

function memberNamed(members: readonly ZipMember[], name: string, file: string): ZipMember {
  const member = members.find((candidate) => candidate.name === `${name}.npy`);
  if (member) return member;
  throw corrupt(
    { file, offset: 0 },
    `it has no array '${name}'; x_train, y_train, x_test and y_test are needed.`,
  );
}

async function readArray(member: ZipMember, watch: ByteWatch | undefined): Promise<NpyArray> {
  let sum = 0;
  const source = new ByteSource(member, (bytes) => {
    sum = crc32(bytes, sum);
    watch?.(bytes);
  });
  try {
    const array = await readNpy(source);
    if (source.place.offset !== member.size || sum !== member.crc32) {
      throw corrupt({ file: member.file, offset: 0 }, 'the checksum (CRC-32) does not match.');
    }
    return array;
  } finally {
    await source.close();
  }
}

function labelsFrom({ type, shape, values }: NpyArray, file: string): Int32Array {
  const place = { file, offset: 0 };
  if (type.startsWith('f')) throw corrupt(place, `labels must be integers, not ${type}.`);
  if (shape.length !== 1 || values.length === 0) {
    throw corrupt(place, `labels must be [n] with n ≥ 1, not [${shape.join(', ')}].`);
  }
  const labels = new Int32Array(values.length);
  for (let i = 0; i < labels.length; i++) {
    const label = Number(values[i]);
    if (label < 0 || label >= mostClasses) {
      throw corrupt(
        place,
        `label ${i} is ${label}; labels count from 0 to at most ${mostClasses - 1}.`,
      );
    }
    labels[i] = label;
  }
  return labels;
}

function valuesFrom(
  { type, shape, values }: NpyArray,
  file: string,
  count: number,
): { shape: readonly number[]; values: Uint8Array | Float32Array } {
  const place = { file, offset: 0 };
  const [n, ...sizes] = shape;
  if (n !== count) {
    throw corrupt(place, `there are ${n ?? 0} examples, but ${count} labels.`);
  }
  if (sizes.length < 1 || sizes.length > 3 || sizes.includes(0)) {
    throw corrupt(
      place,
      `the shape is [${shape.join(', ')}]; [n, features], [n, h, w] or [n, h, w, c] are needed.`,
    );
  }
  // A picture without a channel axis is a grey one.
  const example = sizes.length === 2 ? [...sizes, 1] : sizes;
  if (values instanceof Uint8Array) return { shape: example, values };
  if (values instanceof Float32Array || values instanceof Float64Array) {
    const unusable = values.findIndex((value) => !Number.isFinite(Math.fround(value)));
    if (unusable >= 0) {
      const size = values.length / count;
      throw corrupt(
        place,
        `example ${Math.floor(unusable / size)} holds ${values[unusable]}, which is no finite 32-bit number.`,
      );
    }
    const single = values instanceof Float32Array ? values : new Float32Array(values);
    return { shape: example, values: single };
  }
  throw corrupt(place, `examples must be uint8, float32 or float64, not ${type}.`);
}
