import type { Cell, Thumbnail } from '../../src-shared/contract/views';
import { DeltascopeError } from '../../src-shared/errors';
import { sizeOf } from '../../src-shared/model/resolved';
import { cellsOf } from './cells';
import type { Column, RawExamples, Split, SplitName } from './data-set';
import type { OriginOf } from './origins';

/** byte / 255 in fp32, rounded once: what NumPy gives for `x.astype('float32') / 255`. */
const scaled = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);

/** A split whose examples lie in memory. */
export class ArraySplit implements Split {
  readonly count: number;
  readonly shape: readonly number[];
  readonly labels: Int32Array;
  readonly holdsPixels: boolean;
  readonly #values: Uint8Array | Float32Array;
  readonly #size: number;
  readonly #name: SplitName;
  readonly #columns: readonly Column[] | null;
  readonly #originOf: OriginOf | null;

  /**
   * @param columns of the table that the examples are rows of, where they are
   * @param originOf where each example stood, where that is known
   */
  constructor(
    name: SplitName,
    raw: RawExamples,
    columns: readonly Column[] | null = null,
    originOf: OriginOf | null = null,
  ) {
    this.count = raw.labels.length;
    this.shape = raw.shape;
    this.labels = raw.labels;
    this.#values = raw.values;
    const [, , channels] = raw.shape;
    const coloured = channels === 1 || channels === 3;
    this.holdsPixels = raw.values instanceof Uint8Array && raw.shape.length === 3 && coloured;
    this.#size = sizeOf(raw.shape);
    this.#name = name;
    this.#columns = columns;
    this.#originOf = originOf;
  }

  gather(indices: ArrayLike<number>, into: Float32Array): void {
    for (let place = 0; place < indices.length; place++) {
      const example = this.#example(indices[place] as number);
      const target = place * this.#size;
      if (example instanceof Float32Array) {
        into.set(example, target);
      } else {
        for (let i = 0; i < example.length; i++) {
          into[target + i] = scaled[example[i] as number] as number;
        }
      }
    }
  }

  thumbnail(index: number): Thumbnail | null {
    const example = this.#example(index);
    const [height, width, channels] = this.shape;
    if (height === undefined || width === undefined) return null;
    if (channels !== 1 && channels !== 3) return null;
    const pixels = example instanceof Float32Array ? spread(example) : example.slice();
    return { width, height, channels, pixels };
  }

  cells(index: number): readonly Cell[] | null {
    const example = this.#example(index);
    return this.shape.length === 1 ? cellsOf(example, this.#columns) : null;
  }

  origin(index: number): string | null {
    this.#example(index);
    return this.#originOf?.(index) ?? null;
  }

  #example(index: number): Uint8Array | Float32Array {
    if (!Number.isInteger(index) || index < 0 || index >= this.count) {
      throw new DeltascopeError(
        'example-missing',
        'data',
        `There is no example ${this.#name}:${index}; the split has ${this.count}, counted from 0.`,
      );
    }
    return this.#values.subarray(index * this.#size, (index + 1) * this.#size);
  }
}

/** Numbers as grey levels: 0…1 as they are, any other range stretched over what the example has. */
function spread(values: Float32Array): Uint8Array {
  let low = 0;
  let high = 1;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low < 0 || high > 1) {
    low = values.reduce((least, value) => Math.min(least, value));
    high = values.reduce((most, value) => Math.max(most, value));
  }
  const range = high - low || 1;
  return Uint8Array.from(values, (value) => Math.round((255 * (value - low)) / range));
}
